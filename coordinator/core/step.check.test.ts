/** Reports that are checked by themselves: algebraically, or by samples. What compares reports is in `step.test.ts`. */
import { describe, expect, it } from 'vitest';
import type { AssignmentId } from '../../shared/ids.ts';
import { MAX_FAULTY_REPORTS_PER_SHARD, MAX_FAULTY_SAMPLED_REPORTS } from '../../shared/limits.ts';
import { BugError } from '../../shared/result.ts';
import type { AssignmentState } from './state.ts';
import type { ShardInput } from './shardInput.ts';
import { stepShard, type ShardWork } from './step.ts';
import {
  COMMITTED,
  JUDGED,
  LEASED,
  assignmentOf,
  digest,
  jobOf,
  reported,
  shardOf,
} from './testing/work.ts';

const JOB = jobOf();
const NOW = 10_000;
const SHARD = shardOf(JOB);
const open = (...states: AssignmentState[]): ShardWork => ({
  shard: SHARD,
  assignments: states.map((state, i) => assignmentOf(SHARD, i, state)),
});
const id = (who: number): AssignmentId => assignmentOf(SHARD, who).id;
const step = (work: ShardWork, input: ShardInput, job = JOB) => stepShard(job, work, input, NOW);
const stateOf = (work: ShardWork, who: number) => work.assignments[who]!.state;
const faulty = (count: number): AssignmentState[] => Array<AssignmentState>(count).fill(JUDGED);
const ALL_AGREE: ShardInput = { kind: 'compared', agrees: () => true, reasonOf: () => 'none' };

describe('a report that is checked by itself', () => {
  const CHECKED = jobOf({ verification: { kind: 'algebraic' } });
  const checked = (who: number, fault: string | null): ShardInput => ({
    kind: 'checked',
    assignment: id(who),
    fault,
  });

  it('waits for its check', () => {
    const report = {
      output: digest('x'),
      probeOutput: null,
      engine: 'webgpu',
      engineClass: 'webgpu/a',
      computeMs: 7,
    } as const;
    const input: ShardInput = { kind: 'reported', assignment: id(0), report };
    expect(step(open(COMMITTED), input, CHECKED).need).toEqual({ kind: 'check' });
  });

  it('settles the shard where it is right: output, verdict, credit, in plain words', () => {
    const after = step(open(reported('x')), checked(0, null), CHECKED);
    expect(after.work.shard.state).toEqual({
      kind: 'settled',
      sequence: 1,
      output: digest('x'),
      by: 'check',
      atMs: NOW,
    });
    expect(stateOf(after.work, 0)).toMatchObject({ verdict: 'agree', microCredits: 20n });
    expect(after.credits).toHaveLength(1);
    expect(after.credits[0]!.reason).toMatch(/^every output was checked/);
    expect(after.trust.map(({ event }) => event.kind)).toEqual(['agreed']);
  });

  it('is judged at once where it is not, earns nothing, and another contributor is wanted', () => {
    const after = step(open(reported('x')), checked(0, 'item 3 is wrong'), CHECKED);
    expect(after.work.shard.state).toEqual({ kind: 'open' });
    expect(stateOf(after.work, 0)).toEqual({
      kind: 'judged',
      output: digest('x'),
      engine: 'cpu',
      engineClass: 'cpu',
      verdict: 'disagree',
      reason: 'item 3 is wrong',
      microCredits: 0n,
      atMs: NOW,
    });
    expect(after.judged).toEqual([after.work.assignments[0]]);
    expect(after.trust.map(({ event }) => event.kind)).toEqual(['disagreed']);
    expect([after.credits, after.revoked]).toEqual([[], []]);
    expect(after.need).toEqual({ kind: 'assignments', count: 1 });
  });

  it('the last that may be wrong sends the shard to the referee, whose output nobody is paid for', () => {
    const last = MAX_FAULTY_REPORTS_PER_SHARD - 1;
    const work = open(...faulty(last), reported('x'));
    const after = step(work, checked(last, 'wrong'), CHECKED);
    expect(after.work.shard.state).toEqual({ kind: 'refereeing', reason: 'faulty-reports' });
    expect(after.judged).toHaveLength(1);
    const truth: ShardInput = { kind: 'refereed', output: digest('y'), disagreement: () => null };
    const settled = step(after.work, truth, CHECKED);
    expect(settled.work.shard.state).toMatchObject({ kind: 'settled', by: 'referee' });
    expect([settled.credits, settled.judged]).toEqual([[], []]);
  });

  it('is judged by the referee where it cannot be checked', () => {
    const after = step(open(reported('x')), { kind: 'check-failed' }, CHECKED);
    expect(after.work.shard.state).toEqual({ kind: 'refereeing', reason: 'check-failed' });
    expect(stateOf(after.work, 0)).toMatchObject({ kind: 'reported' });
  });

  it('is checked while it waits, not before and not twice; nothing is compared', () => {
    expect(() => step(open(LEASED), checked(0, null), CHECKED)).toThrow(BugError);
    expect(() => step(open(JUDGED), checked(0, null), CHECKED)).toThrow(BugError);
    expect(() => step(open(reported('x')), ALL_AGREE, CHECKED)).toThrow(BugError);
    expect(() => step(open(reported('x')), checked(0, null))).toThrow(BugError);
  });
});

describe('a report of which samples are checked', () => {
  const SAMPLED = jobOf({ verification: { kind: 'sampled', secondOpinion: 'contributors' } });
  const sample = { probes: 3, blind: 1 };
  const accepted: ShardInput = { kind: 'accepted', assignment: id(0), checksThen: 32, sample };
  const finalised: ShardInput = { kind: 'finalised', checkedItems: 7, cleanChecks: 1_100 };
  const rejected = (who: number): ShardInput => ({
    kind: 'rejected',
    assignment: id(who),
    reason: 'item 7 is wrong',
  });
  const provisional = () => step(open(reported('x')), accepted, SAMPLED).work;

  it('is provisional while its contributor has not been checked enough: nothing is credited yet', () => {
    const { work, need, credits, judged } = step(open(reported('x')), accepted, SAMPLED);
    expect(work.shard.state).toEqual({
      kind: 'provisional',
      assignment: id(0),
      output: digest('x'),
      checksThen: 32,
      sample,
      atMs: NOW,
    });
    expect([need, credits, judged]).toEqual([{ kind: 'nothing' }, [], []]);
    expect(stateOf(work, 0)).toMatchObject({ kind: 'reported' });
  });

  it('is credited when it is final, and what it was judged by is kept', () => {
    const after = step(provisional(), finalised, SAMPLED);
    expect(after.work.shard.state).toMatchObject({
      kind: 'settled',
      by: 'check',
      output: digest('x'),
      sample: { probes: 3, blind: 1, checkedItems: 7, cleanChecks: 1_100 },
    });
    expect(after.credits).toHaveLength(1);
    expect(after.credits[0]!.reason).toMatch(/^secret samples/);
  });

  it('is rejected, before it is accepted or after, and another contributor is wanted', () => {
    for (const work of [open(reported('x')), provisional()]) {
      const after = step(work, rejected(0), SAMPLED);
      expect(after.work.shard.state).toEqual({ kind: 'open' });
      expect(stateOf(after.work, 0)).toMatchObject({ verdict: 'disagree', microCredits: 0n });
      expect(after.need).toEqual({ kind: 'assignments', count: 1 });
      expect(after.credits).toEqual([]);
    }
  });

  it('is disowned with its engine class, before it is accepted or after: nobody is blamed', () => {
    const disowned: ShardInput = { kind: 'disowned', assignment: id(0), reason: 'the driver' };
    for (const work of [open(reported('x')), provisional()]) {
      const after = step(work, disowned, SAMPLED);
      expect(after.work.shard.state).toEqual({ kind: 'open' });
      expect(stateOf(after.work, 0)).toMatchObject({
        verdict: 'inconclusive',
        reason: 'the driver',
        microCredits: 0n,
      });
      expect(after.need).toEqual({ kind: 'assignments', count: 1 });
      expect({ credits: after.credits, trust: after.trust }).toEqual({ credits: [], trust: [] });
      expect(after.judged).toHaveLength(1);
    }
  });

  it('the last that may be rejected leaves the shard to the referee', () => {
    const last = MAX_FAULTY_SAMPLED_REPORTS - 1;
    const after = step(open(...faulty(last), reported('x')), rejected(last), SAMPLED);
    expect(after.work.shard.state).toEqual({ kind: 'refereeing', reason: 'faulty-reports' });
  });

  it('is never final without having been accepted, nor accepted twice', () => {
    expect(() => step(open(reported('x')), finalised, SAMPLED)).toThrow(BugError);
    expect(() => step(provisional(), accepted, SAMPLED)).toThrow(BugError);
    expect(() => step(open(LEASED), accepted, SAMPLED)).toThrow(BugError);
  });
});
