/** Of a copy at the end of a job and what it copies one is left. */
import { describe, expect, it } from 'vitest';
import type { AssignmentId } from '../../shared/ids.ts';
import type { AssignmentState } from './state.ts';
import type { ShardInput } from './shardInput.ts';
import { stepShard, type ShardWork } from './step.ts';
import { LEASED, assignmentOf, jobOf, reported, shardOf } from './testing/work.ts';

const JOB = jobOf();
const NOW = 10_000;
const SHARD = shardOf(JOB);
const open = (...states: AssignmentState[]): ShardWork => ({
  shard: SHARD,
  assignments: states.map((state, i) => assignmentOf(SHARD, i, state)),
});
const id = (who: number): AssignmentId => assignmentOf(SHARD, who).id;
const step = (work: ShardWork, input: ShardInput) => stepShard(JOB, work, input, NOW);
const stateOf = (work: ShardWork, who: number) => work.assignments[who]!.state;

describe('a copy', () => {
  it('counts with what it copies as one lease, and takes its place when that is over', () => {
    const copy = assignmentOf(SHARD, 2, LEASED, { copyOf: id(1) });
    const granted = step(open(reported('x'), LEASED), { kind: 'granted', assignment: copy });
    expect(granted.need).toEqual({ kind: 'nothing' });
    const expired = step(granted.work, { kind: 'expired', assignment: id(1) });
    expect(expired.need).toEqual({ kind: 'nothing' });
    const both = step(expired.work, { kind: 'expired', assignment: id(2) });
    expect(both.need).toEqual({ kind: 'assignments', count: 1 });
    const without = step(granted.work, { kind: 'returned', assignment: id(2), reason: 'paused' });
    expect(without.need).toEqual({ kind: 'nothing' });
  });

  it('or what it copies is left, whichever commits first, and another lease is not touched', () => {
    const copy = assignmentOf(SHARD, 2, LEASED, { copyOf: id(1) });
    const { work } = step(open(LEASED, LEASED), { kind: 'granted', assignment: copy });
    for (const [first, other] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const commit = {
        kind: 'committed',
        assignment: id(first),
        root: 'r',
        deadlineMs: 1,
      } as const;
      const { revoked, work: after, need } = step(work, commit);
      expect(revoked.map((it) => it.id)).toEqual([id(other)]);
      expect(stateOf(after, other)).toEqual({ kind: 'revoked', atMs: NOW });
      expect([stateOf(after, 0), need]).toEqual([LEASED, { kind: 'nothing' }]);
    }
  });
});
