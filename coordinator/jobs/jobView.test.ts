/** A job as its author sees it: counts, and every state in words. */
import { describe, expect, it } from 'vitest';
import { jobViewSchema, shardExplanationSchema } from '../../shared/protocol/job.ts';
import type { Assignment, AssignmentState, ShardState } from '../core/state.ts';
import * as states from '../core/testing/work.ts';
import { assignmentOf, digest, jobOf, shardOf } from '../core/testing/work.ts';
import { explanationOf, viewOf } from './jobView.ts';

const JOB = jobOf();

describe('viewOf', () => {
  it('is what the protocol promises, and hides what is secret', () => {
    const view = JSON.parse(JSON.stringify(viewOf(JOB, []))) as unknown;
    expect(jobViewSchema.parse(view)).toEqual(view);
    const text = JSON.stringify(view);
    for (const secret of [JOB.permutationKey, 'feeds', 'author'])
      expect(text).not.toContain(secret);
  });

  it('check overhead is what was computed beyond what settled', () => {
    const overhead = (settledItems: number, hostExecutions: number, refereeExecutions: number) =>
      viewOf(
        { ...JOB, counts: { ...JOB.counts, settledItems, hostExecutions, refereeExecutions } },
        [],
      ).checkOverhead;
    expect(overhead(0, 50, 0)).toBe(0);
    expect(overhead(100, 200, 0)).toBe(1);
    expect(overhead(100, 110, 10)).toBeCloseTo(0.2);
  });

  it('an ended job says when, and a failed one why', () => {
    expect(viewOf({ ...JOB, state: { kind: 'cancelled', endedAtMs: 7 } }, [])).toMatchObject({
      state: 'cancelled',
      endedAtMs: 7,
    });
    const failed = viewOf(
      { ...JOB, state: { kind: 'failed', endedAtMs: 8, reason: 'no memory' } },
      [],
    );
    expect(failed).toMatchObject({ state: 'failed', reason: 'no memory', endedAtMs: 8 });
    expect(viewOf(JOB, []).reason).toBeUndefined();
  });
});

describe('explanationOf', () => {
  const explained = (state: ShardState, assignments: Assignment[] = [], job = JOB) =>
    explanationOf(job, shardOf(JOB, 0, { state }), assignments);
  const SHARD = shardOf(JOB);

  it.each<[ShardState, number, string]>([
    [{ kind: 'open' }, 0, 'waits for a host'],
    [{ kind: 'open' }, 1, 'has 1 report and waits for another contributor'],
    [{ kind: 'open' }, 2, 'has 2 reports and waits for another contributor'],
    [{ kind: 'refereeing', reason: 'tie' }, 2, 'the referee recomputes it: tie'],
    [
      { kind: 'settled', sequence: 1, output: digest('o'), by: 'quorum', atMs: 1 },
      0,
      'the reports agreed',
    ],
    [
      { kind: 'settled', sequence: 1, output: digest('o'), by: 'referee', atMs: 1 },
      0,
      'the referee decided',
    ],
    [{ kind: 'failed', sequence: 1, reason: 'no memory', atMs: 1 }, 0, 'no memory'],
  ])('%j with %i reports', (state, reports, reason) => {
    const assignments = Array.from({ length: reports }, (_, i) =>
      assignmentOf(SHARD, i, states.reported('x')),
    );
    expect(explained(state, assignments)).toMatchObject({ state: state.kind, items: 10, reason });
  });

  it.each<[string, ShardState, AssignmentState[], string | RegExp]>([
    ['fresh', { kind: 'open' }, [], 'waits for a host'],
    ['leased', { kind: 'open' }, [states.LEASED], 'waits for a host'],
    ['reported', { kind: 'open' }, [states.reported('x')], 'has 1 report and checks it'],
    ['faulty', { kind: 'open' }, [states.JUDGED], /^1 report failed the check; waits for another/],
    ['refereeing', { kind: 'refereeing', reason: 'faulty-reports' }, [], /faulty-reports$/],
    [
      'settled',
      { kind: 'settled', sequence: 1, output: digest('o'), by: 'check', atMs: 1 },
      [],
      /^every output was checked: each row by 4 secret projections, .* at most 1e-8$/,
    ],
  ])('of a job that asks for algebraic checks, %s', (_name, state, those, reason) => {
    const assignments = those.map((it, i) => assignmentOf(SHARD, i, it));
    const job = jobOf({ verification: { kind: 'algebraic' } });
    expect(explained(state, assignments, job).reason).toMatch(reason);
  });

  it('one report that nobody checked is not called agreed', () => {
    const unchecked = { ...states.JUDGED, verdict: 'unchecked' } as AssignmentState;
    const settled: ShardState = {
      kind: 'settled',
      sequence: 1,
      output: digest('o'),
      by: 'quorum',
      atMs: 1,
    };
    expect(explained(settled, [assignmentOf(SHARD, 'me', unchecked)])).toMatchObject({
      reason: 'its one report was accepted unchecked',
      assignments: [{ verdict: 'unchecked' }],
    });
  });

  it.each<[AssignmentState, object]>([
    [states.LEASED, { state: 'leased' }],
    [states.reported('x'), { state: 'reported', engine: 'cpu' }],
    [
      states.JUDGED,
      { state: 'judged', engine: 'cpu', verdict: 'agree', reason: 'agreed with the quorum' },
    ],
    [states.ERRORED, { state: 'errored', reason: 'c: m' }],
    [states.EXPIRED, { state: 'expired' }],
    [states.RETURNED, { state: 'returned', reason: 'paused' }],
    [states.UNDELIVERED, { state: 'undelivered', reason: 'unreadable' }],
    [states.REVOKED, { state: 'revoked' }],
  ])('an assignment, case %$', (state, expected) => {
    const explanation = explained({ kind: 'open' }, [assignmentOf(SHARD, 'me', state)]);
    const plain = JSON.parse(JSON.stringify(explanation)) as unknown;
    expect(shardExplanationSchema.parse(plain)).toEqual(plain);
    expect(plain).toMatchObject({
      assignments: [{ contributor: 'c_me', host: 'host_me', ...expected }],
    });
    expect(Object.keys((plain as typeof explanation).assignments[0]!).sort()).toEqual(
      ['id', 'contributor', 'host', ...Object.keys(expected)].sort(),
    );
  });
});
