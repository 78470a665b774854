/**
 * What a step of a shard does to its job's counts, and when a job has ended.
 */
import { assert } from '../../shared/result.ts';
import type { Job, JobState, Shard } from './state.ts';
import type { ShardStep } from './step.ts';

/** The job after one of its shards went through a step. */
export function countStep(job: Job, before: Shard, step: ShardStep, nowMs: number): Job {
  const after = step.work.shard;
  const moved = before.state.kind !== after.state.kind;
  const isCounted = [before, after].some((it) => it.state.kind === 'provisional' || hasEnded(it));
  if ((!moved || !isCounted) && step.judged.length === 0) return job;
  const counts = { ...job.counts };
  for (const { state } of step.judged) {
    if (state.kind === 'judged' && state.verdict === 'disagree') counts.disagreedReports += 1;
  }
  // Stages that were right are paid for, though the shard is computed again because of another one.
  for (const entry of step.credits) counts.grantedMicroCredits += entry.microCredits;
  if (!moved) return { ...job, counts };
  if (before.state.kind === 'provisional') counts.provisionalItems -= after.items;
  if (after.state.kind === 'provisional') counts.provisionalItems += after.items;
  if (!hasEnded(after)) return { ...job, counts };
  assert(!hasEnded(before), 'countStep: a shard ends once');
  if (after.state.kind === 'settled') {
    counts.settledShards += 1;
    counts.settledItems += after.items;
  } else {
    counts.failedShards += 1;
    counts.failedItems += after.items;
  }
  const counted = { ...job, counts };
  return { ...counted, state: stateAfter(counted, after, nowMs) };
}

export const countExecution = (job: Job, by: 'host' | 'referee', items: number): Job => ({
  ...job,
  counts:
    by === 'host'
      ? { ...job.counts, hostExecutions: job.counts.hostExecutions + items }
      : { ...job.counts, refereeExecutions: job.counts.refereeExecutions + items },
});

/** Of the referee's executions, those that nobody's disagreement asked for. */
export const countSamples = (job: Job, items: number): Job => ({
  ...job,
  counts: { ...job.counts, refereeSamples: job.counts.refereeSamples + items },
});

export const hasEnded = (shard: Shard): boolean =>
  shard.state.kind === 'settled' || shard.state.kind === 'failed';

/** What a job becomes whose time is over. */
export function expired({ items, counts, createdAtMs }: Job, nowMs: number): JobState {
  const seconds = Math.round((nowMs - createdAtMs) / 1000);
  const reason = `expired: ${counts.settledItems} of ${items} items were final after ${seconds} s`;
  return { kind: 'failed', endedAtMs: nowMs, reason };
}

/** Its author lets it rest: nothing of it is begun. */
export const isPaused = ({ state }: Pick<Job, 'state'>): boolean =>
  state.kind === 'running' && state.pausedAtMs !== undefined;

/** Its author holds it open: items may be added. */
export const isHeld = ({ state }: Pick<Job, 'state'>): boolean =>
  state.kind === 'running' && state.heldUntilMs !== undefined;

/** Until when items may be added: not beyond its own time. Null where none may. */
export const openUntilMs = ({ state, expiresAtMs }: Pick<Job, 'state' | 'expiresAtMs'>) =>
  state.kind === 'running' && state.heldUntilMs !== undefined
    ? Math.min(state.heldUntilMs, expiresAtMs ?? Infinity)
    : null;

/** Nothing is added any more: it ends with its items, at once where they have ended. */
export function closed(job: Job, nowMs: number): Job {
  if (job.state.kind !== 'running' || job.state.heldUntilMs === undefined) return job;
  const { heldUntilMs: _, ...state } = job.state;
  const closing = { ...job, state };
  return { ...closing, state: stateAfter(closing, null, nowMs) };
}

/** `last`: the shard that ended, where one did. */
function stateAfter(job: Job, last: Shard | null, nowMs: number): JobState {
  const { settledShards, failedShards, failedItems } = job.counts;
  if (job.state.kind !== 'running' || isHeld(job)) return job.state;
  if (settledShards + failedShards < job.shards) return job.state;
  if (failedShards === 0) return { kind: 'done', endedAtMs: nowMs };
  const why = last?.state.kind === 'failed' ? `: ${last.state.reason}` : '';
  const reason = `${failedItems} of ${job.items} items could not be computed${why}`;
  return { kind: 'failed', endedAtMs: nowMs, reason };
}
