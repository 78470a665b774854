/**
 * What one run of a model on zeros tells of its values, and on which shapes it was run.
 *
 * Zeros are enough: shapes and types are asked for, not numbers. A model that cannot be run here is planned by what
 * it declares, and the reason is said.
 */
import { MAX_MODEL_BYTES } from '../../shared/limits.ts';
import type { OnnxModel } from '../../shared/onnx/graph.ts';
import { factsOfRun } from '../../shared/onnx/split/factsOfRun.ts';
import type { Facts } from '../../shared/onnx/split/measures.ts';
import { messageOf } from '../../shared/result.ts';
import {
  BYTES_PER_ELEMENT,
  elementCount,
  type NamedTensors,
  type Tensor,
} from '../../shared/tensor.ts';
import { formatBytes } from '../../shared/units.ts';
import { usageError } from './exitCode.ts';

/** Extents of one run by input: those given, then those declared, a symbol as it is elsewhere, and 1. */
export type RunShapes = ReadonlyMap<string, readonly number[]>;

const MAX_EXTENT = 2 ** 31 - 1;
/** Zeros that are made for one run; more is no input of a browser's. */
const MAX_FED_BYTES = 1024 * 1024 * 1024;

/** `--shape name=1,3,240,320`, repeated. Inputs whose rank nobody says are left out. */
export function runShapes(model: OnnxModel, flags: readonly string[]): RunShapes {
  const given = new Map(flags.map(parseShape));
  const names = model.inputs.map(({ name }) => name);
  const symbols = new Map<string, number>();
  for (const [name, dims] of given) {
    const input = model.inputs.find((candidate) => candidate.name === name);
    if (input === undefined) {
      throw usageError(`--shape ${name}: expected one of ${names.join(', ')}`);
    }
    const declared = input.dims;
    const fits =
      declared === null ||
      (declared.length === dims.length &&
        declared.every((dim, axis) => typeof dim !== 'number' || dim === dims[axis]));
    if (!fits) {
      const expected = `[${declared.map((dim) => dim ?? '?').join(',')}]`;
      throw usageError(`--shape ${name}: expected ${expected}\n  came: [${dims.join(',')}]`);
    }
    declared?.forEach((dim, axis) => typeof dim === 'string' && symbols.set(dim, dims[axis]!));
  }
  const shapes = new Map<string, readonly number[]>();
  for (const { name, dims } of model.inputs) {
    const shape =
      given.get(name) ??
      dims?.map((dim) => (typeof dim === 'number' ? dim : (symbols.get(dim ?? '') ?? 1)));
    if (shape !== undefined) shapes.set(name, shape);
  }
  return shapes;
}

function parseShape(flag: string): [string, number[]] {
  const match = /^(.+)=(\d{1,10}(?:,\d{1,10}){0,15})?$/.exec(flag);
  const dims = match?.[2]?.split(',').map(Number) ?? [];
  if (match === null || dims.some((dim) => dim > MAX_EXTENT)) {
    throw usageError(`--shape: expected name=1,3,240,320\n  came: ${flag}`);
  }
  return [match[1]!, dims];
}

export interface ModelFacts {
  readonly facts: Facts;
  /** Why there was no run; null after one. */
  readonly notRun: string | null;
}

/** `whole` gives the model with all weights inside; asked only where it fits. */
export async function modelFacts(
  model: OnnxModel,
  shapes: RunShapes,
  wholeBytes: number,
  whole: () => OnnxModel,
): Promise<ModelFacts> {
  const declared: Facts = new Map([...shapes].map(([name, dims]) => [name, { dims }]));
  const without = (notRun: string): ModelFacts => ({ facts: declared, notRun });
  if (wholeBytes > MAX_MODEL_BYTES) {
    return without(`it has ${formatBytes(wholeBytes)}, too much to run it whole`);
  }
  const feeds: Record<string, Tensor> = {};
  for (const { name, dtype, typeName } of model.inputs) {
    const dims = shapes.get(name);
    if (dims === undefined) return without(`the rank of "${name}" is not known: give --shape`);
    if (dtype === null) return without(`its input "${name}" is of ${typeName}`);
    const bytes = elementCount(dims) * BYTES_PER_ELEMENT[dtype];
    if (bytes > MAX_FED_BYTES) return without(`its input "${name}" has ${formatBytes(bytes)}`);
    feeds[name] = { dtype, dims, bytes: new Uint8Array(bytes) };
  }
  try {
    return { facts: await runOnce(whole(), feeds), notRun: null };
  } catch (thrown) {
    return without(`it does not run on zeros here: ${messageOf(thrown, 300)}`);
  }
}

async function runOnce(model: OnnxModel, feeds: NamedTensors): Promise<Facts> {
  const ort = await import('onnxruntime-web/wasm');
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'fatal';
  return factsOfRun(ort, model, feeds);
}
