/** The life of one shard, transition by transition. Random lives are in `step.property.test.ts`. */
import { describe, expect, it } from 'vitest';
import type { AssignmentId } from '../../shared/ids.ts';
import { BugError } from '../../shared/result.ts';
import type { Assignment, AssignmentState, ShardState } from './state.ts';
import type { ShardInput } from './shardInput.ts';
import { stepShard, type ShardWork } from './step.ts';
import {
  COMMITTED,
  ERRORED,
  LEASED,
  assignmentOf,
  digest,
  jobOf,
  quorumOf,
  reported,
  shardOf,
} from './testing/work.ts';

const JOB = jobOf();
const NOW = 10_000;
const SHARD = shardOf(JOB);
const at = (state: ShardState = { kind: 'open' }, ...assignments: Assignment[]): ShardWork => ({
  shard: { ...SHARD, state },
  assignments,
});
const open = (...states: AssignmentState[]): ShardWork =>
  at({ kind: 'open' }, ...states.map((state, i) => assignmentOf(SHARD, i, state)));
const id = (who: number): AssignmentId => assignmentOf(SHARD, who).id;
const step = (work: ShardWork, input: ShardInput, job = JOB) => stepShard(job, work, input, NOW);
const stateOf = (work: ShardWork, who: number) => work.assignments[who]!.state;

/** Reports agree where they stand in the same group. */
const compared = (...groups: number[][]): ShardInput => ({
  kind: 'compared',
  agrees: (a, b) => groups.some((group) => [a, b].every((it) => group.map(id).includes(it))),
  reasonOf: (it) => `${it} is off`,
});
const ALL_AGREE: ShardInput = { kind: 'compared', agrees: () => true, reasonOf: () => 'none' };

describe('leases', () => {
  it('granted: one more, and the need falls', () => {
    const first = step(open(), { kind: 'granted', assignment: assignmentOf(SHARD, 0) });
    expect(first.work.assignments.map(({ id }) => id)).toEqual([id(0)]);
    expect(first.need).toEqual({ kind: 'assignments', count: 1 });
    const second = step(first.work, { kind: 'granted', assignment: assignmentOf(SHARD, 1) });
    expect(second.need).toEqual({ kind: 'nothing' });
  });

  it('granted where the shard is not open is a bug', () => {
    const work = at({ kind: 'refereeing', reason: 'tie' });
    const granted: ShardInput = { kind: 'granted', assignment: assignmentOf(SHARD, 0) };
    expect(() => step(work, granted)).toThrow(BugError);
  });

  it('progress renews the deadline, and itemsDone never falls', () => {
    const progress = (itemsDone: number): ShardInput => ({
      kind: 'progressed',
      assignment: id(0),
      itemsDone,
      deadlineMs: 90_000,
    });
    const five = step(open(LEASED), progress(5)).work;
    expect(stateOf(five, 0)).toEqual({ ...LEASED, deadlineMs: 90_000, itemsDone: 5 });
    expect(stateOf(step(five, progress(3)).work, 0)).toMatchObject({ itemsDone: 5 });
  });

  it('a commitment is kept with the lease, sets its deadline, and progress puts that off no more', () => {
    const commit: ShardInput = {
      kind: 'committed',
      assignment: id(0),
      root: 'r',
      deadlineMs: 70_000,
    };
    const { work, need } = step(open({ ...LEASED, itemsDone: 4 }, LEASED), commit);
    const committed = { ...LEASED, itemsDone: 4, deadlineMs: 70_000, committed: { root: 'r' } };
    expect([stateOf(work, 0), need]).toEqual([committed, { kind: 'nothing' }]);
    const told = {
      kind: 'progressed',
      assignment: id(0),
      itemsDone: 9,
      deadlineMs: 99_000,
    } as const;
    expect(stateOf(step(work, told).work, 0)).toEqual({ ...committed, itemsDone: 9 });
  });

  it('a second commitment, and a report without one, are bugs of the caller', () => {
    const again = { kind: 'committed', assignment: id(0), root: 'r', deadlineMs: 1 } as const;
    expect(() => step(open(COMMITTED), again)).toThrow('committed already');
    const computed = { engine: 'cpu', engineClass: 'cpu', computeMs: 1 } as const;
    const report = { output: digest('x'), probeOutput: null, ...computed };
    const early = { kind: 'reported', assignment: id(0), report } as const;
    expect(() => step(open(LEASED), early)).toThrow('nothing was committed');
  });

  it('progress, returns and what was not delivered may race with the end of the lease: then nothing changes', () => {
    const races: ShardInput[] = [
      { kind: 'progressed', assignment: id(0), itemsDone: 1, deadlineMs: 1 },
      { kind: 'returned', assignment: id(0), reason: 'paused' },
      { kind: 'undelivered', assignment: id(0), reason: 'unreadable' },
    ];
    for (const input of races) {
      const work = open(reported('x'));
      expect(step(work, input).work).toEqual(work);
    }
  });

  it('a report, an error or an expiry without a lease is a bug of the caller', () => {
    const report = {
      output: digest('x'),
      probeOutput: null,
      engine: 'cpu',
      engineClass: 'cpu',
      computeMs: 1,
    } as const;
    const inputs: ShardInput[] = [
      { kind: 'committed', assignment: id(0), root: 'r', deadlineMs: 1 },
      { kind: 'reported', assignment: id(0), report },
      { kind: 'errored', assignment: id(0), code: 'c', message: 'm' },
      { kind: 'expired', assignment: id(0) },
    ];
    for (const input of inputs) {
      expect(() => step(open(reported('x')), input)).toThrow('has no lease');
      expect(() => step(open(), input)).toThrow('is not of shard');
    }
  });

  it('returned: nobody is blamed, and another is wanted', () => {
    const after = step(open(LEASED, LEASED), {
      kind: 'returned',
      assignment: id(1),
      reason: 'frozen',
    });
    expect(stateOf(after.work, 1)).toEqual({ kind: 'returned', atMs: NOW, reason: 'frozen' });
    expect(after).toMatchObject({ trust: [], need: { kind: 'assignments', count: 1 } });
  });

  it('undelivered: the host is not blamed, but the attempt counts', () => {
    const input: ShardInput = { kind: 'undelivered', assignment: id(2), reason: 'unreadable' };
    const after = step(open(ERRORED, ERRORED, LEASED), input);
    expect(stateOf(after.work, 2)).toEqual({
      kind: 'undelivered',
      atMs: NOW,
      reason: 'unreadable',
    });
    expect(after).toMatchObject({
      trust: [],
      need: { kind: 'referee', reason: 'compute-errors' },
    });
  });

  it('errored and expired count against the contributor', () => {
    const errored = step(open(LEASED), {
      kind: 'errored',
      assignment: id(0),
      code: 'oom',
      message: 'm',
    });
    expect(stateOf(errored.work, 0)).toEqual({
      kind: 'errored',
      atMs: NOW,
      code: 'oom',
      message: 'm',
    });
    expect(errored.trust.map(({ event }) => event)).toEqual([{ kind: 'errored' }]);
    const expired = step(open(LEASED), { kind: 'expired', assignment: id(0) });
    expect(expired.trust.map(({ event }) => event)).toEqual([{ kind: 'expired' }]);
  });

  it('the third error sends the shard to the referee', () => {
    const input: ShardInput = { kind: 'errored', assignment: id(2), code: 'c', message: 'm' };
    const after = step(open(ERRORED, ERRORED, LEASED), input);
    expect(after.work.shard.state).toEqual({ kind: 'refereeing', reason: 'compute-errors' });
    expect(after.need).toEqual({ kind: 'referee', reason: 'compute-errors' });
    expect(after.trust).toHaveLength(1);
  });
});

describe('reports', () => {
  it('the quorum wants a comparison', () => {
    const report = {
      output: digest('x'),
      probeOutput: null,
      engine: 'webgpu',
      engineClass: 'webgpu/a',
      computeMs: 7,
    } as const;
    const after = step(open(reported('x'), COMMITTED), {
      kind: 'reported',
      assignment: id(1),
      report,
    });
    const root = digest('root');
    expect(stateOf(after.work, 1)).toEqual({ kind: 'reported', ...report, root, atMs: NOW });
    expect(after.need).toEqual({ kind: 'comparison' });
  });

  it('agreeing reports settle it: output, verdicts, credit', () => {
    const { work, credits, trust, judged, revoked, need } = step(
      open(reported('x'), reported('x')),
      ALL_AGREE,
    );
    expect(work.shard.state).toEqual({
      kind: 'settled',
      sequence: 1,
      output: digest('x'),
      by: 'quorum',
      atMs: NOW,
    });
    expect(credits.map(({ microCredits, items }) => [microCredits, items])).toEqual([
      [20n, 10],
      [20n, 10],
    ]);
    expect(judged.map(({ state }) => state.kind === 'judged' && state.verdict)).toEqual([
      'agree',
      'agree',
    ]);
    expect(trust).toHaveLength(2);
    expect([revoked, need]).toEqual([[], { kind: 'nothing' }]);
  });

  it('the canonical output does not depend on who reported first', () => {
    const outputs = ['p', 'q'].map(digest).sort();
    for (const states of [
      [reported('p'), reported('q')],
      [reported('q'), reported('p')],
    ]) {
      const { state } = step(open(...states), ALL_AGREE).work.shard;
      expect(state.kind === 'settled' && state.output).toBe(outputs[0]);
    }
  });

  it('the one that disagrees with the quorum gets nothing, and the reason', () => {
    const job = jobOf({ verification: quorumOf(2) });
    const after = step(open(reported('x'), reported('bad'), reported('x')), compared([0, 2]), job);
    expect(after.work.shard.state.kind).toBe('settled');
    expect(stateOf(after.work, 1)).toMatchObject({
      kind: 'judged',
      verdict: 'disagree',
      microCredits: 0n,
      reason: `${id(1)} is off`,
    });
    expect(after.credits.map(({ assignment }) => assignment)).toEqual([id(0), id(2)]);
  });

  it('two that disagree are a tie: the referee decides', () => {
    const after = step(open(reported('x'), reported('y')), compared());
    expect(after.work.shard.state).toEqual({ kind: 'refereeing', reason: 'tie' });
    expect([after.credits, after.judged]).toEqual([[], []]);
  });

  it('a majority below the quorum asks for one more', () => {
    const job = jobOf({ verification: quorumOf(3) });
    const after = step(open(reported('x'), reported('x'), reported('y')), compared([0, 1]), job);
    expect(after.need).toEqual({ kind: 'assignments', count: 1 });
    expect(after.work.shard.state.kind).toBe('open');
  });

  it('a quorum of one takes the report as it is, and does not call it checked', () => {
    const job = jobOf({ verification: quorumOf(1) });
    const { work, credits } = step(open(reported('x')), ALL_AGREE, job);
    expect(work.shard.state.kind).toBe('settled');
    const reason = 'accepted unchecked: the job asks for one report';
    expect(stateOf(work, 0)).toMatchObject({ verdict: 'unchecked', microCredits: 20n, reason });
    expect(credits).toMatchObject([{ assignment: id(0), microCredits: 20n, reason }]);
  });

  it('one report that the referee confirms is checked, whatever the quorum', () => {
    const work = at({ kind: 'refereeing', reason: 'tie' }, assignmentOf(SHARD, 0, reported('x')));
    const job = jobOf({ verification: quorumOf(1) });
    const refereed: ShardInput = {
      kind: 'refereed',
      output: digest('x'),
      disagreement: () => null,
    };
    expect(stateOf(step(work, refereed, job).work, 0)).toMatchObject({ verdict: 'agree' });
  });

  it('the sequence follows what ended before', () => {
    const job = jobOf({ counts: { ...JOB.counts, settledShards: 3, failedShards: 1 } });
    const after = step(open(reported('x'), reported('x')), ALL_AGREE, job);
    expect(after.work.shard.state).toMatchObject({ sequence: 5 });
  });
});

describe('the referee', () => {
  const REFEREEING: ShardState = { kind: 'refereeing', reason: 'tie' };
  const disputed = at(
    REFEREEING,
    assignmentOf(SHARD, 0, reported('x')),
    assignmentOf(SHARD, 1, reported('y')),
  );

  it('its output becomes canonical; who agrees with it is paid', () => {
    const input: ShardInput = {
      kind: 'refereed',
      output: digest('truth'),
      disagreement: (it) => (it === id(1) ? 'the referee disagreed' : null),
    };
    const after = step(disputed, input);
    expect(after.work.shard.state).toMatchObject({
      kind: 'settled',
      by: 'referee',
      output: digest('truth'),
    });
    expect(stateOf(after.work, 0)).toMatchObject({
      verdict: 'agree',
      reason: 'the referee agreed with it',
    });
    expect(stateOf(after.work, 1)).toMatchObject({ verdict: 'disagree', microCredits: 0n });
    expect(after.credits).toHaveLength(1);
  });

  it('where it fails, the shard fails and nobody is judged', () => {
    const after = step(disputed, { kind: 'referee-failed', reason: 'out of memory' });
    expect(after.work.shard.state).toEqual({
      kind: 'failed',
      sequence: 1,
      reason: 'out of memory',
      atMs: NOW,
    });
    expect([after.judged, after.credits, after.trust]).toEqual([[], [], []]);
  });

  it('may be the second opinion of a shard with one report', () => {
    const after = step(open(reported('x')), { kind: 'second-opinion-wanted' });
    expect(after.work.shard.state).toEqual({ kind: 'refereeing', reason: 'second-opinion' });
  });

  it('is not asked while a lease is out: that report would be judged without a comparison', () => {
    const job = jobOf({ verification: quorumOf(3, 'referee') });
    const work = open(reported('x'), LEASED);
    expect(() => step(work, { kind: 'second-opinion-wanted' }, job)).toThrow(BugError);
  });

  it('is asked once', () => {
    expect(() => step(disputed, { kind: 'second-opinion-wanted' })).toThrow(BugError);
  });
});

describe('the job ends', () => {
  it('leases are revoked, reports stay, nobody is judged', () => {
    const after = step(open(LEASED, reported('x'), ERRORED), { kind: 'job-ended' });
    expect(after.work.shard.state).toEqual({ kind: 'open' });
    expect(after.revoked.map((it) => it.id)).toEqual([id(0)]);
    expect(after.work.assignments.map(({ state }) => state.kind)).toEqual([
      'revoked',
      'reported',
      'errored',
    ]);
    expect(after.need).toEqual({ kind: 'nothing' });
  });

  it('asks no referee, however many had failed', () => {
    const after = step(open(ERRORED, ERRORED, ERRORED, LEASED), { kind: 'job-ended' });
    expect(after.work.shard.state).toEqual({ kind: 'open' });
    expect(after.need).toEqual({ kind: 'nothing' });
  });
});

describe('values', () => {
  it('what goes in is never changed', () => {
    const work = open(reported('x'), reported('y'), LEASED);
    const before = JSON.parse(JSON.stringify(work)) as ShardWork;
    step(work, { kind: 'expired', assignment: id(2) });
    step(open(reported('x'), reported('x')), ALL_AGREE);
    expect(work).toEqual(before);
  });
});
