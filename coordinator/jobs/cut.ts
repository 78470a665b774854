/**
 * Into how many shards a job is cut: the author's wish within the limits, or our choice from bytes and
 * measured time. Pure; `core/plan.ts` has the sizes that are aimed at.
 */
import {
  MAX_ASSIGNMENT_BYTES,
  MAX_ITEMS_PER_SHARD,
  MAX_SHARDS_PER_JOB,
} from '../../shared/limits.ts';
import type { JobSpec } from '../../shared/protocol/job.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import type { JobProgram } from '../../shared/protocol/program.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { byteLengthOf, type NamedTensors, type TensorSpec } from '../../shared/tensor.ts';
import { itemsPerShardFor } from '../core/plan.ts';
import type { ProgramFacts } from '../core/state.ts';
import { mostProbes } from '../core/stream.ts';

/** `shards` of `itemsPerShard` items, the last one of what is left. */
export interface Cut {
  readonly items: number;
  readonly itemsPerShard: number;
  readonly shards: number;
}

/** What is to be cut; `sample` is its first item. */
export interface Uncut {
  readonly spec: Pick<JobSpec, 'itemsPerShard' | 'open'>;
  readonly program: JobProgram;
  readonly items: number;
  readonly sample: NamedTensors;
  readonly facts: Pick<ProgramFacts, 'outputs' | 'refereeMsPerItem' | 'stages'>;
}

/** `sampled`: assignments carry probes besides the shard's items, and room for them is kept. */
export function cutOf(
  { spec, program, items, sample, facts }: Uncut,
  sampled: boolean,
): Result<Cut, Problem> {
  const inputBytes = bytesOf(sample);
  // What a stage sends on travels like an output, and must fit as well.
  const sent = [facts, ...(facts.stages ?? [])].map(({ outputs }) => bytesOf(outputs));
  const outputBytes = Math.max(...sent);
  const bytesPerItem = Math.max(inputBytes, outputBytes);
  if (bytesPerItem > MAX_ASSIGNMENT_BYTES) {
    return fail({
      code: 'item-too-large',
      detail: 'one item is larger than an assignment may be',
      expected: `at most ${MAX_ASSIGNMENT_BYTES} bytes of inputs and of outputs`,
      came: `${inputBytes} of inputs, ${outputBytes} of outputs`,
      fix: 'make items smaller, return fewer outputs, or post shared inputs as constant',
    });
  }
  const itemsPerRun = 'itemsPerRun' in program ? program.itemsPerRun : 1;
  const msPerItem = facts.refereeMsPerItem;
  // Of a job that takes more items later its first ones say little; those that sampling checks are checked in lots.
  const isBegun = spec.open === true && !sampled;
  const sizing = { items, msPerItem, bytesPerItem, itemsPerRun, sampled, isBegun };
  const chosen = spec.itemsPerShard ?? itemsPerShardFor(sizing);
  const perShard = isBegun ? chosen : Math.min(chosen, items);
  const problem = { code: 'invalid-field' as const, field: 'itemsPerShard', came: `${perShard}` };
  const perAssignment = perShard + (sampled ? mostProbes(perShard) : 0);
  if (perAssignment > MAX_ITEMS_PER_SHARD) {
    const detail = 'a shard and its probes would be more than an assignment may hold';
    return fail({ ...problem, detail, expected: `at most ${MAX_ITEMS_PER_SHARD} with the probes` });
  }
  if (perAssignment * bytesPerItem > MAX_ASSIGNMENT_BYTES) {
    const expected = `at most ${Math.floor(MAX_ASSIGNMENT_BYTES / bytesPerItem)} with the probes`;
    return fail({
      ...problem,
      detail: 'a shard would be larger than an assignment may be',
      expected,
    });
  }
  const shards = Math.ceil(items / perShard);
  if (shards > MAX_SHARDS_PER_JOB) {
    const expected = `at least ${Math.ceil(items / MAX_SHARDS_PER_JOB)}`;
    return fail({ ...problem, detail: 'the job would have too many shards', expected });
  }
  return ok({ items, itemsPerShard: perShard, shards });
}

export const bytesOf = (tensors: Readonly<Record<string, TensorSpec>>): number =>
  Object.values(tensors).reduce((sum, spec) => sum + byteLengthOf(spec), 0);
