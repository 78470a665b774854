/** The structural gate of reports: each refusal with its code, and outputs put into the shard's order. */
import { describe, expect, it } from 'vitest';
import { commitmentOf, openingsOf } from '../../../shared/commitment.ts';
import type { AssignmentId, ContributorId, HostId } from '../../../shared/ids.ts';
import { PROBLEM_STATUS, type ProblemCode } from '../../../shared/protocol/problem.ts';
import { decodeTensors } from '../../../shared/safetensors.ts';
import { tensorOf, valuesOf, type NamedTensors } from '../../../shared/tensor.ts';
import { challengeOf } from '../../core/challenge.ts';
import { assignmentOrder } from '../../core/permutation.ts';
import type { Assignment, Job } from '../../core/state.ts';
import * as states from '../../core/testing/work.ts';
import { assignmentOf, jobOf, shardOf } from '../../core/testing/work.ts';
import { digestOf } from '../../digest.ts';
import { treeOf } from '../testing/linkRig.ts';
import { staleLeaseProblem, takeReport, type Opening } from './reportIntake.ts';

const JOB: Job = jobOf({
  items: 3,
  itemsPerShard: 3,
  shards: 1,
  facts: {
    ...jobOf().facts,
    outputs: { y: { dtype: 'F32', dims: [2] }, n: { dtype: 'I32', dims: [] } },
  },
});
const SHARD = shardOf(JOB);
const MINE = assignmentOf(SHARD, 'me');
const ASSIGNMENT = MINE.id;

const f32 = (dims: readonly number[], ...values: number[]) =>
  tensorOf('F32', dims, Float32Array.from(values));
const GOOD = {
  y: f32([3, 2], 1, 2, 3, 4, 5, 6),
  n: tensorOf('I32', [3], Int32Array.of(7, 8, 9)),
};

/** What a host says that committed to `rows` and opens them as it is asked. */
function openedBy(rows: NamedTensors, mine: Assignment = MINE) {
  const tree = treeOf(rows, 3);
  const root = commitmentOf(mine.id, tree);
  const challenge = challengeOf(JOB, mine, root);
  return { committed: { root }, opening: { challenge, openings: openingsOf(tree, challenge) } };
}

/** Reports `tensors` after a commitment to `committedTo`. */
function take(
  tensors: NamedTensors,
  options: { job?: Job; committedTo?: NamedTensors; change?: Partial<Opening> } = {},
) {
  const { job = JOB, committedTo = tensors, change } = options;
  const { committed, opening } = openedBy(committedTo);
  return takeReport(job, SHARD, MINE, committed, { ...opening, ...change }, tensors);
}

describe('a good report', () => {
  it('is put into the shard’s own order, whatever secret order it was computed in', () => {
    const taken = take(GOOD);
    if (!taken.ok) throw new Error(JSON.stringify(taken.error));
    const order = assignmentOrder(JOB.permutationKey, ASSIGNMENT, 3);
    const tensors = decodeTensors(taken.value.own.bytes);
    const n = tensors.ok ? [...valuesOf(tensors.value['n']!)] : [];
    order.forEach((row, i) => expect(n[row]).toBe(7 + i));
    expect(taken.value.own.digest).toBe(digestOf(taken.value.own.bytes));
  });

  it('two hosts with the same results give the same bytes', () => {
    const digests = ['a', 'b', 'c'].map((who) => {
      const mine = assignmentOf(SHARD, who);
      const { id } = mine;
      const order = assignmentOrder(JOB.permutationKey, id, 3);
      const y = f32([3, 2], ...order.flatMap((row) => [row, -row]));
      const tensors = { y, n: tensorOf('I32', [3], Int32Array.from(order)) };
      const { committed, opening } = openedBy(tensors, mine);
      const taken = takeReport(JOB, SHARD, mine, committed, opening, tensors);
      return taken.ok ? taken.value.own.digest : taken.error.code;
    });
    expect(new Set(digests).size).toBe(1);
  });

  it('non-finite values are taken where the author says that they are data', () => {
    const tensors = { ...GOOD, y: f32([3, 2], NaN, Infinity, 1, 2, 3, 4) };
    const job = { ...JOB, acceptance: { kind: 'exact', nonFinite: 'data' } as const };
    expect(take(tensors, { job }).ok).toBe(true);
  });
});

const { n: N, y: Y } = GOOD;
const WRONG: readonly [string, NamedTensors, ProblemCode][] = [
  ['an output is missing', { y: Y }, 'report-output-missing'],
  ['there are no outputs', {}, 'report-output-missing'],
  ['there is an output more', { ...GOOD, extra: N }, 'report-output-unknown'],
  [
    'an output is called as something of the prototype',
    { ...GOOD, toString: N },
    'report-output-unknown',
  ],
  [
    'a dtype differs',
    { ...GOOD, n: tensorOf('U32', [3], Uint32Array.of(7, 8, 9)) },
    'report-dtype',
  ],
  ['a row is missing', { ...GOOD, y: f32([2, 2], 1, 2, 3, 4) }, 'report-shape'],
  ['there is a row more', { ...GOOD, y: f32([4, 2], 1, 2, 3, 4, 5, 6, 7, 8) }, 'report-shape'],
  ['the rank differs', { ...GOOD, y: f32([6], 1, 2, 3, 4, 5, 6) }, 'report-shape'],
  ['the axes are swapped', { ...GOOD, y: f32([2, 3], 1, 2, 3, 4, 5, 6) }, 'report-shape'],
  ['there is a NaN', { ...GOOD, y: f32([3, 2], 1, 2, 3, 4, 5, NaN) }, 'report-not-finite'],
  [
    'there is an infinity',
    { ...GOOD, y: f32([3, 2], 1, -Infinity, 3, 4, 5, 6) },
    'report-not-finite',
  ],
];

describe('refused reports', () => {
  it.each(WRONG)('%s', (_, tensors, code) => {
    // What is committed to is not looked at before the shapes.
    const taken = take(tensors, { committedTo: GOOD });
    expect(taken).toMatchObject({ ok: false, error: { code } });
  });

  it('outputs that are not those committed to', () => {
    const committedTo = { ...GOOD, n: tensorOf('I32', [3], Int32Array.of(7, 8, 0)) };
    expect(take(GOOD, { committedTo })).toMatchObject({
      error: { code: 'report-root-mismatch', expected: openedBy(GOOD).committed.root },
    });
  });

  it('rows in another order than assigned are other outputs', () => {
    const swapped = { ...GOOD, n: tensorOf('I32', [3], Int32Array.of(8, 7, 9)) };
    expect(take(swapped, { committedTo: GOOD })).toMatchObject({
      error: { code: 'report-root-mismatch' },
    });
  });
});

describe('refused openings', () => {
  const { committed, opening } = openedBy(GOOD);
  const { openings } = opening;
  const [first, second, third] = openings as [string[], string[], string[]];
  const OPENINGS: readonly [string, string[][]][] = [
    ['none', []],
    ['one is missing', [first, second]],
    ['one more', [...openings, first]],
    ['two are swapped', [second, first, third]],
    ['one comes twice', [first, first, third]],
    ['a path is too short', [first.slice(1), second, third]],
    ['a path is too long', [[...first, first[0]!], second, third]],
    ['a path upside down', openings.map((path) => [...path].reverse())],
    ['a path of other hashes', [first.map(() => 'a'.repeat(64)), second, third]],
    ['a path in upper case', openings.map((path) => path.map((hash) => hash.toUpperCase()))],
    ['a path that is no hex', [first.map(() => 'x'), second, third]],
  ];

  it.each(OPENINGS)('%s', (_, changed) => {
    const taken = take(GOOD, { change: { openings: changed } });
    expect(taken).toMatchObject({ ok: false, error: { code: 'report-openings' } });
  });

  it('a challenge that is another’s', () => {
    const change = { challenge: '0'.repeat(64) };
    expect(take(GOOD, { change })).toMatchObject({ error: { code: 'report-challenge' } });
  });

  it('a commitment that was made for another assignment commits to nothing here', () => {
    const copied = { ...MINE, id: 'asg_copied' as AssignmentId };
    const challenge = challengeOf(JOB, copied, committed.root);
    const answer = { challenge, openings: openingsOf(treeOf(GOOD, 3), challenge) };
    const taken = takeReport(JOB, SHARD, copied, committed, answer, GOOD);
    expect(taken).toMatchObject({ error: { code: 'report-root-mismatch' } });
  });
});

describe('messages about an assignment that is not this host’s living lease', () => {
  const me = { contributor: 'c_me' as ContributorId, host: 'host_me' as HostId };
  const codeOf = (...of: Parameters<typeof assignmentOf>) =>
    staleLeaseProblem(assignmentOf(...of), me).code;

  it.each<[string, Parameters<typeof assignmentOf>[2], ProblemCode]>([
    ['leased', states.LEASED, 'lease-expired'],
    ['reported', states.reported('x'), 'report-repeated'],
    ['judged', states.JUDGED, 'report-repeated'],
    ['expired', states.EXPIRED, 'lease-expired'],
    ['returned', states.RETURNED, 'lease-expired'],
    ['errored', states.ERRORED, 'lease-expired'],
    ['undelivered', states.UNDELIVERED, 'lease-expired'],
    ['revoked', states.REVOKED, 'lease-expired'],
  ])('%s', (kind, state, code) => {
    const problem = staleLeaseProblem(assignmentOf(SHARD, 'me', state), me);
    expect(problem.code).toBe(code);
    if (code === 'lease-expired') expect(problem.detail).toContain(kind);
    expect(PROBLEM_STATUS[code]).toBe(409);
  });

  it('another’s is said to be another’s, whatever its state: nothing is told about it', () => {
    for (const state of [states.LEASED, states.reported('x'), states.EXPIRED]) {
      expect(codeOf(SHARD, 'other', state)).toBe('assignment-of-another-host');
      expect(codeOf(SHARD, 'me', state, { host: 'host_2' as HostId })).toBe(
        'assignment-of-another-host',
      );
      expect(codeOf(SHARD, 'me', state, { contributor: 'c_x' as ContributorId })).toBe(
        'assignment-of-another-host',
      );
    }
    expect(staleLeaseProblem(null, me).code).toBe('assignment-unknown');
  });
});
