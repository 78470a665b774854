/** The small policies: leases, replication, trust. Each on both sides of each of its bounds. */
import { describe, expect, it } from 'vitest';
import { MAX_COMPUTE_ERRORS_PER_SHARD, MAX_FAULTY_REPORTS_PER_SHARD } from '../../shared/limits.ts';
import { NO_ABORTS } from './aborts.ts';
import { isOverdue, leaseLengthMs, longestHoldMs } from './lease.ts';
import { countStates, needAfterDisagreement, needOf, opinionsOf } from './replicate.ts';
import type { AssignmentState, Contributor } from './state.ts';
import {
  ERRORED,
  EXPIRED,
  JUDGED,
  LEASED,
  RETURNED,
  REVOKED,
  UNDELIVERED,
  assignmentOf,
  digest,
  jobOf,
  quorumOf,
  reported,
  shardOf,
} from './testing/work.ts';
import { coolDownMs, stepContributor } from './trust.ts';

const SHARD = shardOf(jobOf());
const of = (...states: AssignmentState[]) =>
  states.map((state, i) => assignmentOf(SHARD, i, state));
const R = reported('x');

describe('leases', () => {
  it('are ten times the referee’s time, within bounds', () => {
    expect(leaseLengthMs(10, 40)).toBe(15_000);
    expect(leaseLengthMs(100, 40)).toBe(40_000);
    expect(leaseLengthMs(4096, 1_000)).toBe(300_000);
    expect(leaseLengthMs(1, 0)).toBe(15_000);
  });

  it('can be held for eight slowest shards and an hour', () => {
    expect(longestHoldMs(10, 0)).toBe(3_600_000);
    expect(longestHoldMs(10, 40)).toBe(3_632_000);
  });

  it('are over at their deadline, and only leases are', () => {
    expect(isOverdue(assignmentOf(SHARD, 1), 59_999)).toBe(false);
    expect(isOverdue(assignmentOf(SHARD, 1), 60_000)).toBe(true);
    for (const state of [R, ERRORED, UNDELIVERED, EXPIRED, RETURNED, REVOKED, JUDGED]) {
      expect(isOverdue(assignmentOf(SHARD, 1, state), 1e12)).toBe(false);
    }
  });
});

describe('what a shard needs', () => {
  const need = (quorum: number, ...states: AssignmentState[]) =>
    needOf(SHARD, of(...states), quorumOf(quorum));

  it('as many assignments as are missing to the quorum', () => {
    expect(need(1)).toEqual({ kind: 'assignments', count: 1 });
    expect(need(3)).toEqual({ kind: 'assignments', count: 3 });
    expect(need(3, LEASED)).toEqual({ kind: 'assignments', count: 2 });
    expect(need(3, R, LEASED)).toEqual({ kind: 'assignments', count: 1 });
    expect(need(2, R, LEASED)).toEqual({ kind: 'nothing' });
  });

  it('what did not deliver does not count', () => {
    expect(need(2, EXPIRED, RETURNED, REVOKED)).toEqual({ kind: 'assignments', count: 2 });
    expect(need(2, R, EXPIRED)).toEqual({ kind: 'assignments', count: 1 });
  });

  it('a comparison when the quorum is there and nobody computes any more', () => {
    expect(need(2, R, R)).toEqual({ kind: 'comparison' });
    expect(need(2, R, R, LEASED)).toEqual({ kind: 'nothing' });
    expect(need(2, R, R, RETURNED)).toEqual({ kind: 'comparison' });
    expect(need(1, R)).toEqual({ kind: 'comparison' });
  });

  it('the referee when too many attempts failed; a lease that is out is waited for', () => {
    const errors = Array<AssignmentState>(MAX_COMPUTE_ERRORS_PER_SHARD).fill(ERRORED);
    expect(need(2, ...errors)).toEqual({ kind: 'referee', reason: 'compute-errors' });
    expect(need(2, R, ...errors)).toEqual({ kind: 'referee', reason: 'compute-errors' });
    expect(need(2, ...errors.slice(1))).toEqual({ kind: 'assignments', count: 2 });
    expect(need(2, UNDELIVERED, ...errors.slice(1))).toEqual({
      kind: 'referee',
      reason: 'compute-errors',
    });
    expect(need(2, ...errors, LEASED)).toEqual({ kind: 'nothing' });
    expect(need(2, R, ...errors, LEASED)).toEqual({ kind: 'nothing' });
  });

  it('nothing once it is refereed or has ended', () => {
    for (const state of [
      { kind: 'refereeing', reason: 'tie' },
      { kind: 'settled', sequence: 1, output: digest('o'), by: 'quorum', atMs: 1 },
      { kind: 'failed', sequence: 1, reason: 'r', atMs: 1 },
    ] as const) {
      expect(needOf({ ...SHARD, state }, [], quorumOf(2))).toEqual({ kind: 'nothing' });
    }
  });

  it('after a disagreement: one more opinion, the referee on a tie or after two more', () => {
    expect(needAfterDisagreement(3, false, quorumOf(3))).toEqual({ kind: 'assignments', count: 1 });
    expect(needAfterDisagreement(4, false, quorumOf(3))).toEqual({ kind: 'assignments', count: 1 });
    expect(needAfterDisagreement(5, false, quorumOf(3))).toEqual({
      kind: 'referee',
      reason: 'tie',
    });
    expect(needAfterDisagreement(2, true, quorumOf(2))).toEqual({ kind: 'referee', reason: 'tie' });
  });

  it('a report that is checked by itself: one at a time, another after a fault, then the referee', () => {
    const checked = (...states: AssignmentState[]) =>
      needOf(SHARD, of(...states), { kind: 'algebraic' });
    expect(checked()).toEqual({ kind: 'assignments', count: 1 });
    expect(checked(LEASED)).toEqual({ kind: 'nothing' });
    expect(checked(R)).toEqual({ kind: 'check' });
    expect(checked(JUDGED, EXPIRED)).toEqual({ kind: 'assignments', count: 1 });
    expect(checked(JUDGED, LEASED)).toEqual({ kind: 'nothing' });
    expect(checked(JUDGED, R)).toEqual({ kind: 'check' });
    const faults = Array<AssignmentState>(MAX_FAULTY_REPORTS_PER_SHARD).fill(JUDGED);
    expect(checked(...faults.slice(1))).toEqual({ kind: 'assignments', count: 1 });
    expect(checked(...faults)).toEqual({ kind: 'referee', reason: 'faulty-reports' });
    const errors = Array<AssignmentState>(MAX_COMPUTE_ERRORS_PER_SHARD).fill(ERRORED);
    expect(checked(...errors.slice(1))).toEqual({ kind: 'assignments', count: 1 });
    expect(checked(...errors)).toEqual({ kind: 'referee', reason: 'compute-errors' });
    expect(checked(...errors, R)).toEqual({ kind: 'check' });
  });

  it('opinions: those of the quorum, or the one that is checked', () => {
    expect(opinionsOf(quorumOf(3))).toBe(3);
    expect(opinionsOf({ kind: 'algebraic' })).toBe(1);
    expect(opinionsOf({ kind: 'sampled', secondOpinion: 'contributors' })).toBe(1);
  });

  it('counts what is open, what failed and what was judged', () => {
    const states = [LEASED, LEASED, R, ERRORED, UNDELIVERED, EXPIRED, RETURNED, REVOKED];
    expect(countStates(of(...states, JUDGED))).toEqual({
      leased: 2,
      reported: 1,
      failed: 2,
      judged: 1,
    });
  });
});

describe('trust', () => {
  const fresh: Contributor = {
    id: assignmentOf(SHARD, 1).contributor,
    publicKey: digest('key'),
    streams: [],
    aborts: NO_ABORTS,
    firstSeenMs: 1,
    microCredits: 5n,
    agreed: 0,
    disagreed: 0,
    errored: 0,
    expired: 0,
    verifiedItems: 0,
  };

  it('each event counts once, where it belongs', () => {
    expect(stepContributor(fresh, { kind: 'agreed', items: 10, microCredits: 20n })).toEqual({
      ...fresh,
      agreed: 1,
      verifiedItems: 10,
      microCredits: 25n,
    });
    for (const kind of ['disagreed', 'errored', 'expired'] as const) {
      expect(stepContributor(fresh, { kind })).toEqual({ ...fresh, [kind]: 1 });
    }
    expect(fresh.agreed).toBe(0);
  });

  it('two failures in a row are free, then the rest doubles up to five minutes', () => {
    expect([0, 1, 2, 3, 4, 5].map(coolDownMs)).toEqual([0, 0, 0, 2_000, 4_000, 8_000]);
    expect(coolDownMs(10)).toBe(256_000);
    expect(coolDownMs(11)).toBe(300_000);
    expect(coolDownMs(5_000)).toBe(300_000);
  });
});
