/**
 * What a program is, found out by running one item of it: shapes, cost, and whether it runs at all.
 *
 * Runs inside the referee's worker. Every refusal says what the program expects and what came.
 */
import { performance } from 'node:perf_hooks';
import { findKernel } from '../../kernels/catalog.ts';
import { referenceRunner } from '../../kernels/referenceRunner.ts';
import { firstNonFinite } from '../../shared/acceptance.ts';
import { MAX_ITEM_BYTES } from '../../shared/limits.ts';
import { countFlops, declaredShapes, type FlopCount } from '../../shared/onnx/flops.ts';
import { readModel, withAllOutputs, type OnnxModel } from '../../shared/onnx/graph.ts';
import { onnxRunner, type ItemBatch, type ItemRunner } from '../../shared/program.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import type { OnnxProgram } from '../../shared/protocol/program.ts';
import { assert, fail, ok, type Result } from '../../shared/result.ts';
import { byteLengthOf, type NamedTensors, type TensorSpec } from '../../shared/tensor.ts';
import { checkKernelInputs, kernelOf } from './kernelInputs.ts';
import type { Analysis, AnalyseTask } from './messages.ts';
import { modelProblem, refusedByOrt } from './problems.ts';
import { shapesOfRun, type Sessions } from './sessions.ts';
import { itemSpec, requestedOutputs, runShapes, type RunShapes } from './shapes.ts';

/** Runs that are timed, the first one apart; fewer where an item is slow. */
const TIMED_RUNS = 5;
const TIMING_BUDGET_MS = 500;

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
  const wrong = checkKernelInputs(manifest.inputs(params), task.sampleStacked, task.constants);
  if (wrong !== null) return fail(wrong);
  const outputs = manifest.outputs(params);
  const timed = await timedRuns(referenceRunner(entry, params), sampleOf(task), alive);
  const bad = checkOutputs(outputs, timed.outputs, task);
  if (bad !== null) return fail(bad);
  return ok({
    inputs: manifest.inputs(params),
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
  try {
    const session = await sessions.get(program.model, task.model, names.value);
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
  return ok({
    inputs: itemInputs(task),
    outputs,
    feeds: shapes.value.feeds,
    flopsPerItem: count.flops / itemsPerRun,
    flopsFrom: count.estimated.length === 0 ? 'graph' : 'estimate',
    estimatedOperators: count.estimated,
    msPerItem: timed.medianMs / itemsPerRun,
    sampleOutputs: timed.outputs,
    runOutputs,
  });
}

/** FLOPs of one run: by its exact shapes, or by what the model declares where it cannot be instrumented. */
async function countRun(
  model: OnnxModel,
  feed: NamedTensors,
  sessions: Sessions,
): Promise<FlopCount> {
  const fed = new Map(Object.entries(feed).map(([name, { dims }]) => [name, dims]));
  try {
    const shapes = await shapesOfRun(withAllOutputs(model), feed);
    for (const [name, dims] of fed) shapes.set(name, dims);
    return countFlops(model, shapes);
  } catch (thrown) {
    sessions.noteFailure(thrown);
    // Values that are no tensors cannot be outputs of a WASM run; nor may all values fit in memory at once.
    const count = countFlops(model, declaredShapes(model, fed));
    return { ...count, estimated: [...new Set([...count.estimated, 'instrumented run'])] };
  }
}

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

const sampleOf = (task: AnalyseTask): ItemBatch => ({
  items: [0],
  stacked: task.sampleStacked,
  constants: task.constants,
});

function checkOutputs(
  specs: Readonly<Record<string, TensorSpec>>,
  outputs: NamedTensors,
  task: AnalyseTask,
): Problem | null {
  const itemBytes = Object.values(specs).reduce((sum, spec) => sum + byteLengthOf(spec), 0);
  if (itemBytes > MAX_ITEM_BYTES) {
    return {
      code: 'item-too-large',
      detail: 'the outputs of one item do not fit one report',
      expected: `at most ${MAX_ITEM_BYTES} bytes`,
      came: `${itemBytes}`,
      fix: 'ask for fewer outputs, or reduce them inside the model',
    };
  }
  if (task.nonFinite === 'data') return null;
  for (const [name, tensor] of Object.entries(outputs)) {
    const at = firstNonFinite(tensor);
    if (at < 0) continue;
    return {
      code: 'output-not-finite',
      detail: `output "${name}" of the sample item holds a NaN or an infinity`,
      expected: 'finite numbers',
      came: `element ${at} is not finite`,
      fix: 'check the inputs, or accept non-finite values with acceptance.nonFinite "data"',
    };
  }
  return null;
}

interface TimedRuns {
  readonly outputs: NamedTensors;
  readonly medianMs: number;
}

async function timedRuns(
  runner: ItemRunner,
  sample: ItemBatch,
  alive: () => void,
): Promise<TimedRuns> {
  const start = performance.now();
  const outputs = await runner.run(sample, 0, 1);
  const times = [performance.now() - start];
  while (times.length <= TIMED_RUNS && performance.now() - start < TIMING_BUDGET_MS) {
    alive();
    const before = performance.now();
    await runner.run(sample, 0, 1);
    times.push(performance.now() - before);
  }
  const warm = times.length > 1 ? times.slice(1) : times;
  warm.sort((a, b) => a - b);
  return { outputs, medianMs: warm[Math.floor(warm.length / 2)]! };
}
