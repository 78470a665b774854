/**
 * Running a program over items, the same way on every side that computes: the volunteer's worker, a Node
 * contributor and the referee. What differs between them is only the `ItemRunner` they supply.
 */
import { assert } from './result.ts';
import {
  BYTES_PER_ELEMENT,
  byteLengthOf,
  describeSpec,
  elementCount,
  itemOf,
  sameDims,
  type NamedTensors,
  type Tensor,
  type TensorSpec,
} from './tensor.ts';

/** The rows of one assignment, or of one slice of it. */
export interface ItemBatch {
  /** Item indices in the job; row i of every stacked tensor belongs to `items[i]`. */
  readonly items: readonly number[];
  /** Every tensor is `[items.length, ...itemShape]`. */
  readonly stacked: NamedTensors;
  /** Inputs that are the same for all items. */
  readonly constants: NamedTensors;
}

/** Computes consecutive rows of a batch; rows are independent of each other. */
export interface ItemRunner {
  /** Rows of one run: a runner is never asked for more at once. */
  readonly itemsPerRun: number;
  /** Outputs of rows `[start, end)`, stacked `[end - start, ...itemShape]`. */
  run(batch: ItemBatch, start: number, end: number): Promise<NamedTensors>;
}

/** A model that is ready to run: feeds in, outputs out, one run at a time. */
export interface ModelSession {
  run(feeds: NamedTensors): Promise<NamedTensors>;
}

/** An output came in another shape than the job says. A compute error, never a bug. */
export class OutputShapeError extends Error {
  override name = 'OutputShapeError';
}

/**
 * A runner over a model session.
 *
 * `feeds` gives, per stacked input, the dims of one run: `[itemsPerRun, ...itemShape]` where the model has a
 * batch axis, else the item shape itself. The batch shape is fixed: a short last run repeats its last row
 * and drops the surplus, because kernels chosen by shape round differently.
 */
export function onnxRunner(
  session: ModelSession,
  itemsPerRun: number,
  feeds: Readonly<Record<string, readonly number[]>>,
  outputs: Readonly<Record<string, TensorSpec>>,
): ItemRunner {
  return {
    itemsPerRun,
    async run(batch, start, end) {
      const rows = Array.from({ length: itemsPerRun }, (_, i) => Math.min(start + i, end - 1));
      const feed: Record<string, Tensor> = { ...batch.constants };
      for (const [name, stacked] of Object.entries(batch.stacked)) {
        const dims = feeds[name];
        assert(dims !== undefined, `onnxRunner: no feed shape for input ${name}`);
        feed[name] = { dtype: stacked.dtype, dims, bytes: contiguousRows(stacked, rows) };
      }
      const results = await session.run(feed);
      const taken: Record<string, Tensor> = {};
      for (const [name, spec] of Object.entries(outputs)) {
        taken[name] = takeRows(name, results[name], spec, itemsPerRun, end - start);
      }
      return taken;
    },
  };
}

/** Runs every row of a batch; calls `onProgress` with the rows done after each run. */
export async function runBatch(
  runner: ItemRunner,
  batch: ItemBatch,
  outputs: Readonly<Record<string, TensorSpec>>,
  onProgress: (rowsDone: number) => void | Promise<void> = () => undefined,
): Promise<NamedTensors> {
  const count = batch.items.length;
  const collected = allocateOutputs(outputs, count);
  // `itemsPerRun` is asked once per run: a runner that calibrates itself changes it meanwhile.
  for (let start = 0, end = 0; start < count; start = end) {
    end = Math.min(start + runner.itemsPerRun, count);
    const rows = await runner.run(batch, start, end);
    for (const [name, tensor] of Object.entries(collected)) {
      const itemBytes = tensor.bytes.byteLength / count;
      tensor.bytes.set(rows[name]!.bytes, start * itemBytes);
    }
    await onProgress(end);
  }
  return collected;
}

/** Zeroed stacked tensors `[count, ...itemShape]` for the given outputs. */
export function allocateOutputs(
  outputs: Readonly<Record<string, TensorSpec>>,
  count: number,
): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { dtype, dims }]) => [
      name,
      {
        dtype,
        dims: [count, ...dims],
        bytes: new Uint8Array(count * byteLengthOf({ dtype, dims })),
      },
    ]),
  );
}

/**
 * The Merkle leaves of a report: chunk i is row i of every output, in the order of the output names.
 * Names and shapes need no place in the leaf: the assignment fixes them.
 */
export function itemChunks(outputs: NamedTensors, count: number): Uint8Array[] {
  const names = Object.keys(outputs).sort();
  const only = names.length === 1 ? outputs[names[0]!] : undefined;
  if (only !== undefined) return Array.from({ length: count }, (_, i) => itemOf(only, i).bytes);
  return Array.from({ length: count }, (_, i) =>
    concat(names.map((n) => itemOf(outputs[n]!, i).bytes)),
  );
}

function contiguousRows(stacked: Tensor, rows: readonly number[]): Uint8Array {
  const itemBytes = stacked.bytes.byteLength / stacked.dims[0]!;
  const first = rows[0]!;
  const last = rows.at(-1)!;
  if (last - first + 1 === rows.length) {
    return stacked.bytes.subarray(first * itemBytes, (last + 1) * itemBytes);
  }
  return concat(rows.map((row) => itemOf(stacked, row).bytes));
}

function takeRows(
  name: string,
  result: Tensor | undefined,
  spec: TensorSpec,
  itemsPerRun: number,
  rows: number,
): Tensor {
  const perItem = elementCount(spec.dims);
  const came = result === undefined ? 'nothing' : describeSpec(result);
  const expected = describeSpec({ dtype: spec.dtype, dims: [itemsPerRun, ...spec.dims] });
  if (
    result === undefined ||
    result.dtype !== spec.dtype ||
    elementCount(result.dims) !== itemsPerRun * perItem ||
    !endsWith(result.dims, spec.dims)
  ) {
    throw new OutputShapeError(`output "${name}": expected ${expected} of one run, came ${came}`);
  }
  const bytes = result.bytes.subarray(0, rows * perItem * BYTES_PER_ELEMENT[spec.dtype]);
  return { dtype: spec.dtype, dims: [rows, ...spec.dims], bytes };
}

const endsWith = (dims: readonly number[], tail: readonly number[]): boolean =>
  dims.length >= tail.length && sameDims(dims.slice(dims.length - tail.length), tail);

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
