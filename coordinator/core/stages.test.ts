/** A shard of a staged job: which stages it needs, and what becomes of all reports when some are rejected. */
import { describe, expect, it } from 'vitest';
import { MAX_COMPUTE_ERRORS_PER_SHARD, MAX_FAULTY_REPORTS_PER_SHARD } from '../../shared/limits.ts';
import { countStep } from './job.ts';
import { needOf } from './replicate.ts';
import { jobOfStage, stageChecksMissing, stageCount } from './stages.ts';
import type { Assignment, AssignmentState } from './state.ts';
import { stepShard } from './step.ts';
import { NEW_STREAM } from './stream.ts';
import * as states from './testing/work.ts';
import { assignmentOf, digest, jobOf, LEASED, shardOf } from './testing/work.ts';

const STAGES = 3;
const facts = { ...jobOf().facts, flopsPerItem: 1e6 };
const JOB = jobOf({
  program: { kind: 'staged', stages: [0, 1, 2].map((i) => digest(`${i}`)), itemsPerRun: 1 },
  verification: { kind: 'stages', stages: STAGES, checks: 16 },
  acceptance: {
    kind: 'label',
    maxRelativeL2: 1e-4,
    maxElementError: 1e-3,
    margin: 0.1,
    nonFinite: 'refuse',
  } as ReturnType<typeof jobOf>['acceptance'],
  facts: { ...facts, flopsPerItem: 3e6, stages: [facts, facts, facts] },
});
const SHARD = shardOf(JOB);
const at = (
  stage: number,
  state: AssignmentState = LEASED,
  who: string | number = stage,
): Assignment => assignmentOf(SHARD, who, state, { stage });
const reported = (stage: number) => at(stage, states.reported(`of ${stage}`));
const need = (assignments: readonly Assignment[]) => needOf(SHARD, assignments, JOB.verification);
const wrongOnce = (i: number): Assignment =>
  at(i % STAGES, { ...states.JUDGED, verdict: 'disagree' } as AssignmentState, `w${i}`);

describe('what a shard needs', () => {
  it('is the stages that nobody has, and a check when all have reported', () => {
    expect(need([])).toEqual({ kind: 'stages', missing: [0, 1, 2] });
    expect(need([at(0), reported(2)])).toEqual({ kind: 'stages', missing: [1] });
    expect(need([at(0), at(1), reported(2)])).toEqual({ kind: 'nothing' });
    expect(need([reported(0), reported(1), reported(2)])).toEqual({ kind: 'check' });
    for (const over of [states.EXPIRED, states.RETURNED, states.REVOKED, states.ERRORED]) {
      expect(need([reported(0), at(1, over), at(2)])).toEqual({ kind: 'stages', missing: [1] });
    }
  });

  it('is the referee when stages fail again and again, though not while a lease is out', () => {
    const errors = Array.from({ length: MAX_COMPUTE_ERRORS_PER_SHARD * STAGES }, (_, i) =>
      at(i % STAGES, states.ERRORED, `e${i}`),
    );
    expect(need(errors)).toEqual({ kind: 'referee', reason: 'compute-errors' });
    expect(need(errors.slice(1)).kind).toBe('stages');
    expect(need([...errors, at(0)]).kind).toBe('stages');
  });

  it('is the referee when reports were wrong again and again', () => {
    const wrong = Array.from({ length: MAX_FAULTY_REPORTS_PER_SHARD }, (_, i) => wrongOnce(i));
    expect(need(wrong)).toEqual({ kind: 'referee', reason: 'faulty-reports' });
    expect(need(wrong.slice(1)).kind).toBe('stages');
  });
});

describe('stages that are rejected', () => {
  const work = { shard: SHARD, assignments: [reported(0), reported(1), reported(2)] };
  const [first, second, third] = work.assignments.map(({ id }) => id);
  const step = stepShard(
    JOB,
    work,
    {
      kind: 'stages-rejected',
      wrong: new Map([[second!, 'it lies']]),
      sound: new Set([first!]),
      reason: 'because',
    },
    9_000,
  );

  it('are judged each by itself: wrong, right and paid, or neither', () => {
    const verdicts = step.judged.map(({ id, state }) => [
      id,
      state.kind === 'judged' && state.verdict,
      state.kind === 'judged' && state.microCredits > 0n,
    ]);
    expect(verdicts).toEqual([
      [first, 'agree', true],
      [second, 'disagree', false],
      [third, 'inconclusive', false],
    ]);
    expect(step.credits.map(({ assignment, stage }) => [assignment, stage])).toEqual([[first, 0]]);
    expect(step.trust.map(({ event }) => event.kind)).toEqual(['agreed', 'disagreed']);
  });

  it('leave the shard open, with all stages wanted, and the credits counted', () => {
    expect(step.work.shard.state).toEqual({ kind: 'open' });
    expect(step.need).toEqual({ kind: 'stages', missing: [0, 1, 2] });
    const { counts } = countStep(JOB, SHARD, step, 9_000);
    expect(counts.grantedMicroCredits).toBe(step.credits[0]!.microCredits);
    expect(counts).toMatchObject({ disagreedReports: 1, settledShards: 0 });
  });

  it('revoke what is still out', () => {
    const { revoked } = stepShard(
      JOB,
      { shard: SHARD, assignments: [reported(0), at(1)] },
      { kind: 'stages-rejected', wrong: new Map(), sound: new Set(), reason: 'r' },
      9_000,
    );
    expect(revoked.map(({ stage }) => stage)).toEqual([1]);
  });
});

describe('a stage as a job of its own', () => {
  it('runs one model, and only the last is compared by its label', () => {
    expect(stageCount(JOB)).toBe(STAGES);
    const [middle, last] = [jobOfStage(JOB, 1), jobOfStage(JOB, 2)];
    expect(middle.program).toMatchObject({ kind: 'onnx', model: digest('1') });
    expect(middle.acceptance.kind).toBe('relative-l2');
    expect(last.acceptance.kind).toBe('label');
    expect(() => jobOfStage(JOB, 3)).toThrow(/no stage 3/);
  });

  it('lacks the gate at first, and later checks after the report', () => {
    expect(stageChecksMissing(NEW_STREAM, 0, 100)).toBe(100);
    const clean = { ...NEW_STREAM, checks: 100 };
    expect(stageChecksMissing(clean, 84, 100)).toBe(0);
    expect(stageChecksMissing(clean, 90, 100)).toBe(6);
    expect(stageChecksMissing(clean, 100, 4)).toBe(4);
  });
});
