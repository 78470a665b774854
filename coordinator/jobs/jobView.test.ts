/** A job as its author sees it: counts, and every state in words. */
import { describe, expect, it } from 'vitest';
import { jobViewSchema } from '../../shared/protocol/job.ts';
import type { Job, JobCounts } from '../core/state.ts';
import { jobOf, quorumOf } from '../core/testing/work.ts';
import { NO_PROGRESS, viewOf } from './jobView.ts';

const JOB = jobOf();

describe('viewOf', () => {
  it('is what the protocol promises, and hides what is secret', () => {
    const view = JSON.parse(JSON.stringify(viewOf(JOB, NO_PROGRESS))) as unknown;
    expect(jobViewSchema.parse(view)).toEqual(view);
    const text = JSON.stringify(view);
    for (const secret of [JOB.permutationKey, 'feeds', 'author'])
      expect(text).not.toContain(secret);
  });

  const counted = (counts: Partial<JobCounts>) => jobOf({ counts: { ...JOB.counts, ...counts } });

  it('check overhead is what was computed beyond what is accepted', () => {
    const overhead = (settledItems: number, hostExecutions: number, refereeExecutions: number) =>
      viewOf(counted({ settledItems, hostExecutions, refereeExecutions }), NO_PROGRESS)
        .checkOverhead;
    expect(overhead(0, 50, 0)).toBeNull();
    expect(overhead(100, 200, 0)).toBe(1);
    expect(overhead(100, 110, 10)).toBeCloseTo(0.2);
  });

  it('while it runs, reports that wait for another or for their check are not overhead', () => {
    const running = counted({ settledItems: 40, hostExecutions: 140 });
    expect(viewOf(running, { ...NO_PROGRESS, executionsInHand: 60 }).checkOverhead).toBe(1);
    const sampled = counted({ settledItems: 10, provisionalItems: 30, hostExecutions: 62 });
    expect(viewOf(sampled, { ...NO_PROGRESS, executionsInHand: 20 }).checkOverhead).toBeCloseTo(
      0.05,
    );
  });

  it('it is open for as long as it is held, and not beyond its own time', () => {
    const openUntil = (changes: Partial<Job>) => viewOf(jobOf(changes), NO_PROGRESS).openUntilMs;
    const state = { kind: 'running', heldUntilMs: 5_000 } as const;
    expect(openUntil({ state })).toBe(5_000);
    expect(openUntil({ state, expiresAtMs: 4_000 })).toBe(4_000);
    expect(openUntil({ state, expiresAtMs: 6_000 })).toBe(5_000);
    expect(openUntil({ expiresAtMs: 6_000 })).toBeNull();
    expect(openUntil({ state: { kind: 'done', endedAtMs: 3_000 } })).toBeNull();
  });

  it('its odds are those of its policy, for the liars that its author assumes', () => {
    const auto = {
      kind: 'auto',
      mostWrong: 0.1,
      liars: 0.2,
      secondOpinion: 'contributors',
    } as const;
    const { odds, asked } = viewOf(jobOf({ asked: auto }), NO_PROGRESS);
    expect(asked).toEqual(auto);
    expect(odds.wrongItems).toBeCloseTo(0.04, 12);
    expect(odds.text).toContain('4 % of the accepted items');
  });

  it('an ended job sums up what it took, and who checked', () => {
    const done = (changes: object, counts: Partial<JobCounts>) =>
      viewOf(
        { ...counted(counts), state: { kind: 'done', endedAtMs: 3_500 }, ...changes },
        NO_PROGRESS,
      ).summary;
    expect(viewOf(JOB, NO_PROGRESS).summary).toBeUndefined();
    expect(done({}, { settledItems: 100, hostExecutions: 200, refereeExecutions: 10 })).toBe(
      '100 items in 2.5 s; checking cost 110 % on top: volunteers computed 100 items more, and the ' +
        'coordinator’s referee computed 10.',
    );
    const algebraic = { verification: { kind: 'algebraic' } } as const;
    expect(done(algebraic, { settledItems: 100, hostExecutions: 100 })).toMatch(
      /checking cost 0 % on top: the coordinator checked every output; no item was computed twice\.$/,
    );
    expect(done({ verification: quorumOf(1) }, { settledItems: 99, hostExecutions: 99 })).toBe(
      '99 of 100 items in 2.5 s. Nothing was checked, as you asked.',
    );
    expect(done({}, {})).toBe('0 of 100 items in 2.5 s.');
  });

  it('an ended job says when, and a failed one why', () => {
    expect(
      viewOf({ ...JOB, state: { kind: 'cancelled', endedAtMs: 7 } }, NO_PROGRESS),
    ).toMatchObject({
      state: 'cancelled',
      endedAtMs: 7,
    });
    const failed = viewOf(
      { ...JOB, state: { kind: 'failed', endedAtMs: 8, reason: 'no memory' } },
      NO_PROGRESS,
    );
    expect(failed).toMatchObject({ state: 'failed', reason: 'no memory', endedAtMs: 8 });
    expect(viewOf(JOB, NO_PROGRESS).reason).toBeUndefined();
  });
});
