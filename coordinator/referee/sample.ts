/** The first item of a job, run in the referee: how long it takes, and whether its outputs may be posted. */
import { performance } from 'node:perf_hooks';
import { firstNonFinite } from '../../shared/acceptance.ts';
import { MAX_ITEM_BYTES, MAX_ITEM_FLOPS } from '../../shared/limits.ts';
import type { ItemBatch, ItemRunner } from '../../shared/program.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import {
  byteLengthOf,
  describeSpec,
  type NamedTensors,
  type TensorSpec,
} from '../../shared/tensor.ts';
import type { AnalyseTask } from './messages.ts';

/** Runs that are timed, the first one apart; fewer where an item is slow. */
const TIMED_RUNS = 5;
const TIMING_BUDGET_MS = 500;

export const sampleOf = (task: AnalyseTask): ItemBatch => ({
  items: [0],
  stacked: task.sampleStacked,
  constants: task.constants,
});

/** Of a kernel, before its reference runs: the referee computes items again, and parameters alone may ask for hours. */
export function checkItemFlops(flops: number): Problem | null {
  if (flops <= MAX_ITEM_FLOPS) return null;
  return {
    code: 'item-too-large',
    detail: 'one item is more work than the coordinator checks by computing it itself',
    field: 'program.params',
    expected: `at most ${MAX_ITEM_FLOPS} FLOP an item`,
    came: `${flops}`,
    fix: 'cut it into several items',
  };
}

/** Of a kernel, before its reference runs: parameters alone may ask for more than an assignment carries. */
export function checkInputSizes(
  inputs: Readonly<Record<string, TensorSpec>>,
  constants: NamedTensors,
): Problem | null {
  for (const [name, spec] of Object.entries(inputs)) {
    const bytes = byteLengthOf(spec);
    if (bytes <= MAX_ITEM_BYTES || Object.hasOwn(constants, name)) continue;
    return {
      code: 'item-too-large',
      detail: `input "${name}" of one item is larger than an assignment may be`,
      expected: `at most ${MAX_ITEM_BYTES} bytes`,
      came: `${describeSpec(spec)}, ${bytes} bytes`,
      fix: 'cut it into several items, or give it as a constant that all items share',
    };
  }
  return null;
}

export function checkOutputSizes(specs: Readonly<Record<string, TensorSpec>>): Problem | null {
  const itemBytes = Object.values(specs).reduce((sum, spec) => sum + byteLengthOf(spec), 0);
  if (itemBytes <= MAX_ITEM_BYTES) return null;
  return {
    code: 'item-too-large',
    detail: 'the outputs of one item do not fit one report',
    expected: `at most ${MAX_ITEM_BYTES} bytes`,
    came: `${itemBytes}`,
    fix: 'ask for fewer outputs, or reduce them inside the model',
  };
}

export function checkOutputs(
  specs: Readonly<Record<string, TensorSpec>>,
  outputs: NamedTensors,
  task: AnalyseTask,
): Problem | null {
  const tooLarge = checkOutputSizes(specs);
  if (tooLarge !== null) return tooLarge;
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

export interface TimedRuns {
  readonly outputs: NamedTensors;
  readonly medianMs: number;
}

export async function timedRuns(
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
