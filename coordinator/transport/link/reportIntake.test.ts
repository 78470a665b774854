/** The structural gate of reports: each refusal with its code, and outputs put into the shard's order. */
import { describe, expect, it } from 'vitest';
import type { ContributorId, HostId } from '../../../shared/ids.ts';
import { PROBLEM_STATUS, type ProblemCode } from '../../../shared/protocol/problem.ts';
import { decodeTensors } from '../../../shared/safetensors.ts';
import { tensorOf, valuesOf, type NamedTensors } from '../../../shared/tensor.ts';
import { assignmentOrder } from '../../core/permutation.ts';
import type { Job } from '../../core/state.ts';
import * as states from '../../core/testing/work.ts';
import { assignmentOf, jobOf, shardOf } from '../../core/testing/work.ts';
import { digestOf } from '../../digest.ts';
import { rootOf } from '../testing/linkRig.ts';
import { staleLeaseProblem, takeReport } from './reportIntake.ts';

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
const ASSIGNMENT = assignmentOf(SHARD, 'me').id;

const f32 = (dims: readonly number[], ...values: number[]) =>
  tensorOf('F32', dims, Float32Array.from(values));
const GOOD = {
  y: f32([3, 2], 1, 2, 3, 4, 5, 6),
  n: tensorOf('I32', [3], Int32Array.of(7, 8, 9)),
};

function take(tensors: NamedTensors, root?: string, job = JOB) {
  return takeReport(job, SHARD, ASSIGNMENT, root ?? rootOf(tensors, 3), tensors);
}

describe('a good report', () => {
  it('is put into the shard’s own order, whatever secret order it was computed in', () => {
    const taken = take(GOOD);
    if (!taken.ok) throw new Error(JSON.stringify(taken.error));
    const order = assignmentOrder(JOB.permutationKey, ASSIGNMENT, 3);
    const tensors = decodeTensors(taken.value.bytes);
    const n = tensors.ok ? [...valuesOf(tensors.value['n']!)] : [];
    order.forEach((row, i) => expect(n[row]).toBe(7 + i));
    expect(taken.value.digest).toBe(digestOf(taken.value.bytes));
  });

  it('two hosts with the same results give the same bytes', () => {
    const digests = ['a', 'b', 'c'].map((who) => {
      const { id } = assignmentOf(SHARD, who);
      const order = assignmentOrder(JOB.permutationKey, id, 3);
      const y = f32([3, 2], ...order.flatMap((row) => [row, -row]));
      const tensors = { y, n: tensorOf('I32', [3], Int32Array.from(order)) };
      const taken = takeReport(JOB, SHARD, id, rootOf(tensors, 3), tensors);
      return taken.ok ? taken.value.digest : taken.error.code;
    });
    expect(new Set(digests).size).toBe(1);
  });

  it('non-finite values are taken where the author says that they are data', () => {
    const tensors = { ...GOOD, y: f32([3, 2], NaN, Infinity, 1, 2, 3, 4) };
    const job = { ...JOB, acceptance: { kind: 'exact', nonFinite: 'data' } as const };
    expect(take(tensors, undefined, job).ok).toBe(true);
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
    // A root cannot be made of what is not there; it is not looked at before the shapes.
    const taken = take(tensors, '0'.repeat(64));
    expect(taken).toMatchObject({ ok: false, error: { code } });
  });

  it('outputs that are not those committed to', () => {
    const taken = take(
      GOOD,
      rootOf({ ...GOOD, n: tensorOf('I32', [3], Int32Array.of(7, 8, 0)) }, 3),
    );
    expect(taken).toMatchObject({
      error: { code: 'report-root-mismatch', expected: rootOf(GOOD, 3) },
    });
  });

  it('rows in another order than assigned are other outputs', () => {
    const swapped = { ...GOOD, n: tensorOf('I32', [3], Int32Array.of(8, 7, 9)) };
    expect(take(swapped, rootOf(GOOD, 3))).toMatchObject({
      error: { code: 'report-root-mismatch' },
    });
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
