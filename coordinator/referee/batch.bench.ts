/**
 * What the chosen batch is worth: time of one item in runs of the size that the referee chooses, over runs of one item, and
 * over the best size there is. Sizes take turns, so that the machine's other load falls on all of them.
 *
 * The public models (../shared/models) take one image a run by their declaration: their first axis is freed here. Where the
 * graph itself is fixed, or the files are absent, the row says so.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { digestOf } from '../../shared/digest.ts';
import { MAX_CHOSEN_ITEMS_PER_RUN } from '../../shared/limits.ts';
import { readModel } from '../../shared/onnx/graph.ts';
import { ModelProtoSchema } from '../../shared/onnx/onnx_pb.ts';
import type { Program } from '../../shared/protocol/program.ts';
import { assert } from '../../shared/result.ts';
import { elementCount, tensorOf, type NamedTensors } from '../../shared/tensor.ts';
import { medianOf, type BenchReport, type BenchRow } from '../../shared/testing/bench.ts';
import { noise } from '../../kernels/noise.ts';
import { analyse } from './analyse.ts';
import { Sessions } from './sessions.ts';

const ROOT = process.cwd();
const MODELS = [
  'sdk/demo/data/digits.onnx',
  ...['mnist', 'ultraface-rfb-320', 'light_squeezenet', 'light_shufflenet'].map(
    (name) => `../shared/models/${name}.onnx`,
  ),
].map((path) => resolve(ROOT, path));

/** Of all sizes together. */
const MEASURED_MS = 8_000;
const LEAST_ROUNDS = 3;

export async function bench(): Promise<BenchReport> {
  const rows: BenchRow[] = [];
  for (const path of MODELS) rows.push(await measured(path));
  return { name: 'batch', notes: NOTES, facts: { measuredMs: MEASURED_MS }, rows };
}

const NOTES = [
  'chosen: items of a run, by the referee. msOne, msChosen, msBest: median of one item in runs of one, of those, and of the best size.',
  'chosenOverOne below 1: batches pay. chosenOverBest: what the choice leaves; it takes the smallest size within 10 % of the best it saw.',
];

async function measured(path: string): Promise<BenchRow> {
  const model = basename(path, '.onnx');
  if (!existsSync(path)) return { model, skipped: 'the file is absent' };
  const bytes = freed(readFileSync(path));
  const read = readModel(bytes);
  assert(read.ok, `bench batch: ${path} cannot be read`);
  const [input] = read.value.inputs;
  const item = input!.dims!.slice(1).map(Number);
  const rowsOf = (n: number, seed: number): NamedTensors => {
    const random = noise(seed);
    const values = Float32Array.from({ length: n * elementCount(item) }, () => random());
    return { [input!.name]: tensorOf('F32', [n, ...item], values) };
  };
  const sessions = new Sessions();
  const program: Program = { kind: 'onnx', model: digestOf(bytes), itemsPerRun: 1 };
  const batch = { most: MAX_CHOSEN_ITEMS_PER_RUN, other: rowsOf(1, 2) };
  const task = { program, model: bytes, constants: {}, sampleStacked: rowsOf(1, 1), batch };
  const found = await analyse(
    { kind: 'analyse', nonFinite: 'data', runDims: {}, ...task },
    sessions,
    () => undefined,
  );
  assert(found.ok && found.value.batch !== undefined, `bench batch: ${path} was not analysed`);
  const { itemsPerRun: chosen, text } = found.value.batch;
  const session = await sessions.get(program.model, null, Object.keys(found.value.outputs));
  const sizes: { n: number; feeds: NamedTensors; ms: number[] }[] = [];
  for (let n = 1; n <= MAX_CHOSEN_ITEMS_PER_RUN; n *= 2) {
    const feeds = rowsOf(n, n);
    try {
      await session!.run(feeds);
    } catch {
      break;
    }
    sizes.push({ n, feeds, ms: [] });
  }
  const endMs = performance.now() + MEASURED_MS;
  for (let round = 0; round < LEAST_ROUNDS || performance.now() < endMs; round++) {
    for (const { n, feeds, ms } of sizes) {
      const start = performance.now();
      await session!.run(feeds);
      ms.push((performance.now() - start) / n);
    }
  }
  const msOf = (n: number): number => medianOf(sizes.find((size) => size.n === n)!.ms);
  const best = sizes.reduce((a, b) => (medianOf(a.ms) <= medianOf(b.ms) ? a : b));
  return {
    model,
    chosen,
    best: best.n,
    msOne: msOf(1),
    msChosen: msOf(chosen),
    msBest: medianOf(best.ms),
    chosenOverOne: msOf(chosen) / msOf(1),
    chosenOverBest: msOf(chosen) / medianOf(best.ms),
    why: text,
  };
}

/** The model with a symbolic first axis at its inputs and outputs. */
function freed(bytes: Uint8Array): Uint8Array {
  const proto = fromBinary(ModelProtoSchema, bytes);
  const { graph } = proto;
  assert(graph !== undefined, 'bench batch: a model without a graph');
  const weights = new Set(graph.initializer.map(({ name }) => name));
  for (const { name, type } of [...graph.input, ...graph.output]) {
    if (weights.has(name) || type?.value.case !== 'tensorType') continue;
    const [first] = type.value.value.shape?.dim ?? [];
    if (first !== undefined) first.value = { case: 'dimParam', value: 'N' };
  }
  // Shapes declared inside would hold it to one item.
  graph.valueInfo = [];
  return toBinary(ModelProtoSchema, proto);
}
