/** Shards explained: every state in words, who computed it, what was found, and what may still be wrong. */
import { describe, expect, it } from 'vitest';
import { shardExplanationSchema } from '../../shared/protocol/job.ts';
import type { Assignment, AssignmentState, FinalSample, ShardState } from '../core/state.ts';
import * as states from '../core/testing/work.ts';
import { assignmentOf, digest, jobOf, quorumOf, shardOf } from '../core/testing/work.ts';
import { UNKNOWN, explanationOf } from './explanation.ts';

const JOB = jobOf();

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
      ['id', 'contributor', 'host', 'probes', ...Object.keys(expected)].sort(),
    );
  });
});

describe('what was checked, what it cost, and what may still be wrong', () => {
  const SHARD = shardOf(JOB);
  const SAMPLED = jobOf({ verification: { kind: 'sampled', secondOpinion: 'referee' } });
  const settled = (by: 'quorum' | 'referee' | 'check', sample?: FinalSample): ShardState => ({
    kind: 'settled',
    sequence: 1,
    output: digest('o'),
    by,
    ...(sample === undefined ? {} : { sample }),
    atMs: 1,
  });
  const judged = (who: string, verdict: 'agree' | 'disagree', changes: Partial<Assignment> = {}) =>
    assignmentOf(
      SHARD,
      who,
      { ...states.JUDGED, verdict, reason: `was ${verdict}d with` } as AssignmentState,
      changes,
    );
  const explain = (
    state: ShardState,
    assignments: Assignment[],
    job = JOB,
    circumstances = UNKNOWN,
  ) => explanationOf(job, { ...SHARD, state }, assignments, circumstances);

  it('two that agree, and one that did not', () => {
    const assignments = [judged('a', 'agree'), judged('b', 'disagree'), judged('c', 'agree')];
    const { checked, cost, remains } = explain(settled('quorum'), assignments);
    expect(checked).toEqual([
      'The report of c_b was refused: was disagreed with.',
      'All 10 items of 2 unrelated volunteers’ reports were compared (exact): they agreed.',
    ]);
    expect(cost).toEqual({
      executions: 30,
      sampledLater: 0,
      text: '30 executions for 10 items',
    });
    expect(remains.wrongItems).toBeCloseTo(0.0025, 12);
    expect(remains.text).toMatch(/^It is wrong only if all 2 lied together.*0\.25 % at most/);
  });

  it('one that nobody checked', () => {
    const unchecked = { ...states.JUDGED, verdict: 'unchecked' } as AssignmentState;
    const { checked, remains } = explain(
      settled('quorum'),
      [assignmentOf(SHARD, 'a', unchecked)],
      jobOf({ verification: quorumOf(1) }),
    );
    expect([checked, remains.wrongItems]).toEqual([['Nothing was checked.'], 0.05]);
  });

  it('what the referee computed', () => {
    const { checked, cost, remains } = explain(settled('referee'), [
      judged('a', 'agree'),
      judged('b', 'disagree'),
    ]);
    expect(checked.at(-1)).toBe(
      'The coordinator’s referee computed all 10 items itself; 1 report agreed with it.',
    );
    expect(cost.text).toBe('30 executions for 10 items, 10 by the referee');
    expect(remains.wrongItems).toBe(0);
  });

  it('an algebraic check', () => {
    const { checked, remains } = explain(
      settled('check'),
      [judged('a', 'agree')],
      jobOf({ verification: { kind: 'algebraic' } }),
    );
    expect(checked).toEqual([expect.stringMatching(/^Every output was checked/)]);
    expect(remains).toMatchObject({ text: expect.stringContaining('1 in 100,000,000') as string });
  });

  it('samples: how many, against how many, and what a clean past says', () => {
    const probe = { item: 1, shard: SHARD.id, row: 0 };
    const report = judged('a', 'agree', { probes: [probe, probe, probe] });
    const sample = { probes: 3, blind: 1, checkedItems: 4, cleanChecks: 1_096 };
    const { checked, cost, remains } = explain(settled('check', sample), [report], SAMPLED, {
      ...UNKNOWN,
      opposite: 2,
    });
    expect(checked).toEqual([
      'With it came secret items of 2 other volunteers’ reports: 3 were held against them and agreed.',
      'The coordinator’s referee recomputed 1 of its 10 items, chosen in secret: they agreed.',
      'By the time it was final, 4 of its 10 items had a second opinion that agreed, and 1,096 checks in a ' +
        'row of its volunteer’s items had found nothing wrong.',
    ]);
    expect(cost.executions).toBe(14);
    // ln 100 of 1,096 checks, of which accomplices may have given a twentieth.
    expect(remains.text).toMatch(/fewer than 0\.44 % of .* at most 1 in 9,700/);
    const whole = { ...sample, checkedItems: 10 };
    expect(explain(settled('check', whole), [report], SAMPLED).remains.text).toMatch(/^Every item/);
  });

  it('what is provisional says what is missing', () => {
    const assignments = [assignmentOf(SHARD, 'a', states.reported('x'))];
    const state: ShardState = {
      kind: 'provisional',
      assignment: assignments[0]!.id,
      output: digest('x'),
      checksThen: 7,
      sample: { probes: 0, blind: 0 },
      atMs: 1,
    };
    const { checked, remains } = explain(state, assignments, SAMPLED, {
      ...UNKNOWN,
      checksMissing: 1_017,
    });
    expect(checked).toEqual(['Nothing of it was checked when it came.']);
    expect(remains.text).toContain('1,017 checks of its volunteer’s items');
    expect(explain(state, assignments, SAMPLED).remains.text).toContain('more checks');
  });

  it('what is not accepted has no odds', () => {
    for (const state of [
      { kind: 'open' },
      { kind: 'refereeing', reason: 'tie' },
      { kind: 'failed', sequence: 1, reason: 'no memory', atMs: 1 },
    ] as const) {
      expect(explain(state, []).remains.wrongItems).toBeNull();
    }
  });
});
