/** The validator: the largest agreeing set, whoever reported first. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BugError } from '../../shared/result.ts';
import { largestAgreeingSet, type Agreement } from './validate.ts';

/** Agreement of named values within a distance: not transitive. */
const within =
  (values: readonly number[], distance: number): Agreement =>
  (i, j) =>
    Math.abs(values[i]! - values[j]!) <= distance;

describe('largestAgreeingSet', () => {
  it('one report agrees with itself', () => {
    expect(largestAgreeingSet(1, () => true)).toEqual({ members: [0], tied: false });
  });

  it('two that disagree are a tie', () => {
    expect(largestAgreeingSet(2, (i, j) => i === j)).toEqual({ members: [0], tied: true });
  });

  it('the majority wins, wherever it stands', () => {
    for (const liar of [0, 1, 2]) {
      const agrees: Agreement = (i, j) => i === j || (i !== liar && j !== liar);
      const members = [0, 1, 2].filter((i) => i !== liar);
      expect(largestAgreeingSet(3, agrees)).toEqual({ members, tied: false });
    }
  });

  it('agreement is not transitive: a chain is no set', () => {
    // 0 agrees with 1, 1 with 2, but 0 not with 2: two sets of two, and neither is more right.
    expect(largestAgreeingSet(3, within([0, 1, 2], 1))).toEqual({ members: [0, 1], tied: true });
    // A fourth near one end decides.
    expect(largestAgreeingSet(4, within([0, 1, 2, 2], 1))).toEqual({
      members: [1, 2, 3],
      tied: false,
    });
  });

  it('two pairs are a tie, a pair and a single are not', () => {
    expect(largestAgreeingSet(4, within([0, 9, 0, 9], 1))).toEqual({ members: [0, 2], tied: true });
    expect(largestAgreeingSet(3, within([9, 0, 0], 1))).toEqual({ members: [1, 2], tied: false });
  });

  it('no reports, or more than a shard can have, are a bug', () => {
    expect(() => largestAgreeingSet(0, () => true)).toThrow(BugError);
    expect(() => largestAgreeingSet(13, () => true)).toThrow(BugError);
    expect(largestAgreeingSet(12, () => true).members).toHaveLength(12);
  });
});

describe('any reports in any order', () => {
  const anyReports = fc
    .array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 8 })
    .chain((values) =>
      fc.record({
        values: fc.constant(values),
        distance: fc.nat(4),
        order: fc.shuffledSubarray([...values.keys()], { minLength: values.length }),
      }),
    );

  it('the size, the tie and, without a tie, the very same reports', () => {
    fc.assert(
      fc.property(anyReports, ({ values, distance, order }) => {
        const set = largestAgreeingSet(values.length, within(values, distance));
        const shuffled = order.map((i) => values[i]!);
        const other = largestAgreeingSet(values.length, within(shuffled, distance));
        expect(other.tied).toBe(set.tied);
        expect(other.members.length).toBe(set.members.length);
        if (set.tied) return;
        const back = other.members.map((i) => order[i]!).sort((a, b) => a - b);
        expect(back).toEqual(set.members);
      }),
      { numRuns: 1_000 },
    );
  });

  it('every pair of members agrees, and nobody could be added', () => {
    fc.assert(
      fc.property(anyReports, ({ values, distance }) => {
        const agrees = within(values, distance);
        const { members } = largestAgreeingSet(values.length, agrees);
        for (const i of members) for (const j of members) expect(agrees(i, j)).toBe(true);
        const others = [...values.keys()].filter((i) => !members.includes(i));
        for (const i of others) expect(members.every((j) => agrees(i, j))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
