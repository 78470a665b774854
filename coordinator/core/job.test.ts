/** What the end of a shard does to its job's counts, and when a job has ended. */
import { describe, expect, it } from 'vitest';
import { countExecution, countStep } from './job.ts';
import type { Job } from './state.ts';
import type { ShardInput } from './shardInput.ts';
import { stepShard, type ShardWork } from './step.ts';
import { LEASED, assignmentOf, digest, jobOf, reported, shardOf } from './testing/work.ts';

const JOB = jobOf({ items: 15, itemsPerShard: 10, shards: 2 });
const NOW = 9_000;
const AGREE: ShardInput = { kind: 'compared', agrees: () => true, reasonOf: () => '' };

const workOf = (job: Job, index: number, ...outputs: string[]): ShardWork => {
  const shard = shardOf(job, index);
  return {
    shard,
    assignments: outputs.map((output, i) => assignmentOf(shard, i, reported(output))),
  };
};

function after(job: Job, work: ShardWork, input: ShardInput): Job {
  return countStep(job, work.shard, stepShard(job, work, input, NOW), NOW);
}
const failing = (job: Job, index: number): ShardWork => {
  const shard = shardOf(job, index, { state: { kind: 'refereeing', reason: 'tie' } });
  return { shard, assignments: [] };
};

describe('countStep', () => {
  it('a step that ends nothing changes nothing: the very same record', () => {
    const shard = shardOf(JOB);
    const work = { shard, assignments: [assignmentOf(shard, 0, LEASED)] };
    expect(after(JOB, work, { kind: 'expired', assignment: work.assignments[0]!.id })).toBe(JOB);
    const tie: ShardInput = { kind: 'compared', agrees: (a, b) => a === b, reasonOf: () => '' };
    expect(after(JOB, workOf(JOB, 0, 'x', 'y'), tie)).toBe(JOB);
  });

  it('settled shards, items, granted credit', () => {
    const first = after(JOB, workOf(JOB, 0, 'x', 'x'), AGREE);
    expect(first.counts).toMatchObject({
      settledShards: 1,
      settledItems: 10,
      grantedMicroCredits: 40n,
    });
    expect(first.state).toEqual({ kind: 'running' });
    const second = after(first, workOf(first, 1, 'x', 'x'), AGREE);
    expect(second.counts).toMatchObject({
      settledShards: 2,
      settledItems: 15,
      grantedMicroCredits: 60n,
    });
    expect(second.state).toEqual({ kind: 'done', endedAtMs: NOW });
  });

  it('disagreeing reports are counted', () => {
    const input: ShardInput = {
      kind: 'refereed',
      output: digest('x'),
      disagreement: (id) => (id.endsWith('_1') ? 'is off' : null),
    };
    const work = workOf(JOB, 0, 'x', 'y');
    const disputed: ShardWork = {
      ...work,
      shard: { ...work.shard, state: { kind: 'refereeing', reason: 'tie' } },
    };
    expect(after(JOB, disputed, input).counts).toMatchObject({
      disagreedReports: 1,
      grantedMicroCredits: 20n,
    });
  });

  it('a report that failed its own check is counted, though its shard goes on', () => {
    const job = { ...JOB, verification: { kind: 'algebraic' as const } };
    const work = workOf(job, 0, 'x');
    const input: ShardInput = {
      kind: 'checked',
      assignment: work.assignments[0]!.id,
      fault: 'is off',
    };
    expect(after(job, work, input)).toEqual({
      ...job,
      counts: { ...job.counts, disagreedReports: 1 },
    });
  });

  it('a job with a failed shard fails when its last shard ends, and says how much', () => {
    const failed = after(JOB, failing(JOB, 0), { kind: 'referee-failed', reason: 'no memory' });
    expect(failed.counts).toMatchObject({ failedShards: 1, failedItems: 10 });
    expect(failed.state.kind).toBe('running');
    const ended = after(failed, workOf(failed, 1, 'x', 'x'), AGREE);
    expect(ended.state).toEqual({
      kind: 'failed',
      endedAtMs: NOW,
      reason: '10 of 15 items could not be computed',
    });
    const both = after(failed, failing(failed, 1), { kind: 'referee-failed', reason: 'no memory' });
    expect(both.state).toMatchObject({ reason: '15 of 15 items could not be computed: no memory' });
  });
});

describe('countExecution', () => {
  it('hosts and referee are counted apart', () => {
    const once = countExecution(countExecution(JOB, 'host', 10), 'referee', 5);
    expect(once.counts).toMatchObject({ hostExecutions: 10, refereeExecutions: 5 });
    expect(countExecution(once, 'host', 1).counts.hostExecutions).toBe(11);
  });
});
