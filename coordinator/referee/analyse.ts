/**
 * What a program is, found out by running one item of it: shapes, cost, and whether it runs at all.
 *
 * Runs inside the referee's worker. Every refusal says what the program expects and what came.
 */
import { findKernel } from '../../kernels/catalog.ts';
import { referenceRunner } from '../../kernels/referenceRunner.ts';
import { countFlops, declaredShapes, type FlopCount } from '../../shared/onnx/flops.ts';
import { readModel, withAllOutputs, type OnnxModel } from '../../shared/onnx/graph.ts';
import { onnxRunner, type ModelSession } from '../../shared/program.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import type { OnnxProgram } from '../../shared/protocol/program.ts';
import { assert, fail, ok, type Result } from '../../shared/result.ts';
import {
  byteLengthOf,
  elementCount,
  type NamedTensors,
  type TensorSpec,
} from '../../shared/tensor.ts';
import { analyseWgsl } from './analyseWgsl.ts';
import { chooseBatch, type Batchable, type ChosenBatch } from './chooseBatch.ts';
import { checkKernelInputs, kernelOf } from './kernelInputs.ts';
import type { Analysis, AnalyseTask } from './messages.ts';
import { modelProblem, refusedByOrt } from './problems.ts';
import { shapesOfRun, type Sessions } from './sessions.ts';
import {
  checkInputSizes,
  checkItemFlops,
  checkOutputs,
  checkOutputSizes,
  sampleOf,
  timedRuns,
  type TimedRuns,
} from './sample.ts';
import { itemSpec, requestedOutputs, runShapes, type RunShapes } from './shapes.ts';

/** `alive` is called between runs; it throws where nobody waits any more. */
export async function analyse(
  task: AnalyseTask,
  sessions: Sessions,
  alive: () => void,
): Promise<Result<Analysis, Problem>> {
  switch (task.program.kind) {
    case 'onnx':
      return analyseModel(task, task.program, sessions, alive);
    case 'kernel':
      return analyseKernel(task, alive);
    case 'wgsl':
      return analyseWgsl(task, task.program, alive, sessions.giveUp);
    default:
      return task.program satisfies never;
  }
}

async function analyseKernel(
  task: AnalyseTask,
  alive: () => void,
): Promise<Result<Analysis, Problem>> {
  assert(task.program.kind === 'kernel', 'analyseKernel: not a kernel');
  const kernel = kernelOf(task.program, findKernel);
  if (!kernel.ok) return kernel;
  const { entry, params } = kernel.value;
  const { manifest } = entry;
  const inputs = manifest.inputs(params);
  const outputs = manifest.outputs(params);
  const wrong =
    checkItemFlops(manifest.flopsPerItem(params)) ??
    checkInputSizes(inputs, task.constants) ??
    checkOutputSizes(outputs) ??
    checkKernelInputs(inputs, task.sampleStacked, task.constants);
  if (wrong !== null) return fail(wrong);
  const timed = await timedRuns(referenceRunner(entry, params), sampleOf(task), alive);
  const bad = checkOutputs(outputs, timed.outputs, task);
  if (bad !== null) return fail(bad);
  return ok({
    inputs,
    outputs,
    feeds: {},
    flopsPerItem: manifest.flopsPerItem(params),
    flopsFrom: 'manifest',
    estimatedOperators: [],
    msPerItem: timed.medianMs,
    sampleOutputs: timed.outputs,
    runOutputs: {},
  });
}

async function analyseModel(
  task: AnalyseTask,
  program: OnnxProgram,
  sessions: Sessions,
  alive: () => void,
): Promise<Result<Analysis, Problem>> {
  assert(task.model !== null, 'analyse: an onnx program without its model');
  const read = readModel(task.model);
  if (!read.ok) return fail(modelProblem(read.error));
  const model = read.value;
  const names = requestedOutputs(model, program.outputs);
  if (!names.ok) return names;
  const { itemsPerRun } = program;
  const shapes = runShapes(model, task.constants, task.sampleStacked, itemsPerRun, task.runDims);
  if (!shapes.ok) return shapes;

  const feed = feedOf(task, shapes.value);
  let outputs: Record<string, TensorSpec>;
  let runOutputs: Analysis['runOutputs'];
  let timed: TimedRuns;
  let session: ModelSession | null;
  try {
    session = await sessions.get(program.model, task.model, names.value);
    assert(session !== null, 'analyse: no session though the model is here');
    alive();
    const run = await session.run(feed);
    runOutputs = Object.fromEntries(Object.entries(run).map(([name, { dims }]) => [name, dims]));
    const specs = itemSpecs(run, shapes.value, itemsPerRun);
    if (!specs.ok) return specs;
    outputs = specs.value;
    const runner = onnxRunner(session, itemsPerRun, shapes.value.feeds, outputs);
    timed = await timedRuns(runner, sampleOf(task), alive);
  } catch (thrown) {
    sessions.noteFailure(thrown);
    return refusedByOrt(thrown, model);
  }
  const bad = checkOutputs(outputs, timed.outputs, task);
  if (bad !== null) return fail(bad);
  alive();
  const count = await countRun(model, feed, sessions);
  const batch = await batchOf(
    task,
    model,
    {
      session,
      outputs,
      valueBytes: count.valueBytes,
      oneMs: timed.medianMs,
      mixesRows: model.nodes.some(({ opType }) => MIXES_ROWS.test(opType)),
      noteFailure: (thrown) => sessions.noteFailure(thrown),
    },
    alive,
  );
  return ok({
    inputs: itemInputs(task),
    outputs,
    feeds: batch?.feeds ?? shapes.value.feeds,
    flopsPerItem: count.flops / itemsPerRun,
    flopsFrom: count.estimated.length === 0 ? 'graph' : 'estimate',
    estimatedOperators: count.estimated,
    msPerItem: batch?.msPerItem ?? timed.medianMs / itemsPerRun,
    sampleOutputs: timed.outputs,
    runOutputs,
    ...(batch === null ? {} : { batch: batch.facts }),
  });
}

/** Operators that scale by the largest value of a whole run: `DynamicQuantizeLinear` and its kin. */
const MIXES_ROWS = /^Dynamic/;
type RunGiven = Pick<Batchable, 'most' | 'other' | 'sample' | 'constants' | 'feeds'>;

/** How many items a run takes, where that is asked and the model takes any number. */
async function batchOf(
  { batch, constants, sampleStacked: sample, runDims }: AnalyseTask,
  model: OnnxModel,
  ran: Omit<Batchable, keyof RunGiven>,
  alive: () => void,
): Promise<(ChosenBatch & Pick<RunShapes, 'feeds'>) | null> {
  if (batch === null) return null;
  const shapesOf = (n: number) => runShapes(model, constants, sample, n, runDims);
  if (!shapesOf(batch.most).ok) return null;
  const feeds = (n: number): RunShapes['feeds'] => {
    const shapes = shapesOf(n);
    assert(shapes.ok, 'batchOf: the first axis is free');
    return shapes.value.feeds;
  };
  const chosen = await chooseBatch({ ...batch, ...ran, sample, constants, feeds }, alive);
  return { ...chosen, feeds: feeds(chosen.facts.itemsPerRun) };
}

/** FLOPs of one run: by its exact shapes, or by what the model declares where it cannot be instrumented. */
async function countRun(
  model: OnnxModel,
  feed: NamedTensors,
  sessions: Sessions,
): Promise<FlopCount & Pick<Batchable, 'valueBytes'>> {
  const fed = new Map(Object.entries(feed).map(([name, { dims }]) => [name, dims]));
  try {
    const shapes = await shapesOfRun(withAllOutputs(model), feed);
    for (const [name, dims] of fed) shapes.set(name, dims);
    return { ...countFlops(model, shapes), valueBytes: bytesOf(shapes) };
  } catch (thrown) {
    sessions.noteFailure(thrown);
    // Values that are no tensors cannot be outputs of a WASM run; nor may all values fit in memory at once.
    const count = countFlops(model, declaredShapes(model, fed));
    const estimated = [...new Set([...count.estimated, 'instrumented run'])];
    return { ...count, estimated, valueBytes: null };
  }
}

/** As if all values were of four bytes: most are, and no runtime keeps all of them at once. */
const bytesOf = (shapes: ReadonlyMap<string, readonly number[]>): number =>
  [...shapes.values()].reduce((sum, dims) => sum + 4 * elementCount(dims), 0);

/** One run's feed: the sample's item, repeated over the batch. */
function feedOf(task: AnalyseTask, shapes: RunShapes): NamedTensors {
  const feed = { ...task.constants };
  for (const [name, dims] of Object.entries(shapes.feeds)) {
    const { dtype, bytes } = task.sampleStacked[name]!;
    const run = new Uint8Array(byteLengthOf({ dtype, dims }));
    for (let at = 0; at < run.byteLength; at += bytes.byteLength) run.set(bytes, at);
    feed[name] = { dtype, dims, bytes: run };
  }
  return feed;
}

function itemSpecs(
  results: NamedTensors,
  shapes: RunShapes,
  itemsPerRun: number,
): Result<Record<string, TensorSpec>, Problem> {
  const specs: Record<string, TensorSpec> = {};
  for (const [name, tensor] of Object.entries(results)) {
    const spec = itemSpec(name, tensor, shapes, itemsPerRun);
    if (!spec.ok) return spec;
    specs[name] = spec.value;
  }
  return ok(specs);
}

function itemInputs(task: AnalyseTask): Record<string, TensorSpec> {
  const inputs: Record<string, TensorSpec> = {};
  for (const [name, { dtype, dims }] of Object.entries(task.constants)) {
    inputs[name] = { dtype, dims };
  }
  for (const [name, { dtype, dims }] of Object.entries(task.sampleStacked)) {
    inputs[name] = { dtype, dims: dims.slice(1) };
  }
  return inputs;
}
