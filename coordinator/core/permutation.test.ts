/** The keyed permutation: the official HalfSipHash vector, bijections, and secret orders. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AssignmentId } from '../../shared/ids.ts';
import { BugError } from '../../shared/result.ts';
import { assignmentOrder, halfSipHash, keyedPermutation } from './permutation.ts';

const KEY = 'a1'.repeat(32);
const asg = (name: string) => `asg_${name}` as AssignmentId;
const range = (size: number) => Array.from({ length: size }, (_, i) => i);
const rising = (values: readonly number[]) => [...values].sort((a, b) => a - b);

describe('HalfSipHash-2-4', () => {
  it('is the reference implementation’s (veorq/SipHash vectors: key 00..07, input 00 01 02 03)', () => {
    // 2a 6e 46 89 as a little-endian word
    expect(halfSipHash([0x03020100, 0x07060504], 0x03020100)).toBe(0x89466e2a);
  });

  it('is unsigned, and every bit of key and word counts', () => {
    const base = halfSipHash([1, 2], 3);
    for (let bit = 0; bit < 32; bit++) {
      const flip = (1 << bit) >>> 0;
      const others = [
        halfSipHash([1 ^ flip, 2], 3),
        halfSipHash([1, 2 ^ flip], 3),
        halfSipHash([1, 2], 3 ^ flip),
      ];
      for (const other of others) {
        expect(other).not.toBe(base);
        expect(other).toBeGreaterThanOrEqual(0);
      }
    }
  });
});

describe('keyedPermutation', () => {
  it('is pinned: running jobs depend on it', () => {
    expect(range(10).map(keyedPermutation(KEY, 10))).toEqual([6, 0, 3, 2, 1, 7, 8, 5, 4, 9]);
  });

  it.each([...range(66).slice(1), 255, 256, 257, 1023, 1025, 4097, 65_536, 65_537])(
    'is a bijection of %i items',
    (size) => {
      expect(rising(range(size).map(keyedPermutation(KEY, size)))).toEqual(range(size));
    },
  );

  it('is a bijection for any key and size', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 3_000 }), (key, size) => {
        const seen = new Set(range(size).map(keyedPermutation(key, size)));
        expect(seen.size).toBe(size);
        for (const value of seen) if (value < 0 || value >= size) expect.fail(`${value}`);
      }),
      { numRuns: 100 },
    );
  });

  it('reaches the largest size without leaving it', () => {
    const size = 2 ** 30;
    const permutation = keyedPermutation(KEY, size);
    const images = [0, 1, size - 1, 123_456_789].map(permutation);
    expect(new Set(images).size).toBe(4);
    for (const image of images) expect(image >= 0 && image < size).toBe(true);
  });

  it('two keys give two orders', () => {
    const other = keyedPermutation('b2'.repeat(32), 1000);
    const same = range(1000).filter((i) => keyedPermutation(KEY, 1000)(i) === other(i));
    // About one fixed point is expected between two random permutations.
    expect(same.length).toBeLessThan(10);
  });

  it('neighbours do not stay neighbours', () => {
    const permutation = keyedPermutation(KEY, 10_000);
    const close = range(9_999).filter((i) => Math.abs(permutation(i) - permutation(i + 1)) <= 10);
    expect(close.length).toBeLessThan(60); // 20 expected of a random order
  });

  it('an index outside is a bug', () => {
    const permutation = keyedPermutation(KEY, 10);
    expect(() => permutation(10)).toThrow(BugError);
    expect(() => permutation(-1)).toThrow(BugError);
    expect(() => keyedPermutation(KEY, 0)).toThrow(BugError);
    expect(() => keyedPermutation(KEY, 2 ** 30 + 1)).toThrow(BugError);
  });
});

describe('assignmentOrder', () => {
  it('is a permutation of the rows, the same each time', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 300 }), (name, rows) => {
        const order = assignmentOrder(KEY, asg(name), rows);
        expect(rising(order)).toEqual(range(rows));
        expect(assignmentOrder(KEY, asg(name), rows)).toEqual(order);
      }),
      { numRuns: 100 },
    );
  });

  it('differs by assignment and by key', () => {
    const orders = [
      assignmentOrder(KEY, asg('1'), 50),
      assignmentOrder(KEY, asg('2'), 50),
      assignmentOrder('b2'.repeat(32), asg('1'), 50),
    ].map((order) => order.join());
    expect(new Set(orders).size).toBe(3);
  });

  it('is pinned: reports of running assignments are put back by it', () => {
    expect(assignmentOrder(KEY, asg('pinned'), 8)).toEqual([5, 6, 4, 2, 7, 1, 3, 0]);
  });
});
