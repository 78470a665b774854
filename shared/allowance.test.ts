import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Allowance } from './allowance.ts';

it('gives its burst at once, then what time earns, and keeps no more than the burst', () => {
  const allowance = new Allowance({ burst: 3, perSecond: 10 }, 0);
  expect([1, 1, 1, 1].map((count) => allowance.take(0, count))).toEqual([true, true, true, false]);
  expect(allowance.take(99)).toBe(false);
  expect(allowance.take(100)).toBe(true);
  expect(allowance.take(3_600_000, 4)).toBe(false);
  expect(allowance.take(3_600_000, 3)).toBe(true);
  expect(allowance.left(3_600_000)).toBe(0);
});

it('owes what was spent beyond it', () => {
  const allowance = new Allowance({ burst: 2, perSecond: 10 }, 0);
  for (let i = 0; i < 5; i++) allowance.spend(0);
  expect(allowance.left(0)).toBe(-3);
  expect(allowance.take(399)).toBe(false);
  expect(allowance.take(400)).toBe(true);
});

it('never gives more than its burst and what the time earned, however it is asked', () => {
  const asked = fc.record({ afterMs: fc.nat(2_000), count: fc.nat(8) });
  fc.assert(
    fc.property(
      fc.array(asked),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 50 }),
      (asks, burst, perSecond) => {
        const allowance = new Allowance({ burst, perSecond }, 0);
        let nowMs = 0;
        let taken = 0;
        for (const { afterMs, count } of asks) {
          nowMs += afterMs;
          if (allowance.take(nowMs, count)) taken += count;
          expect(taken).toBeLessThanOrEqual(burst + (nowMs / 1000) * perSecond + 1e-6);
        }
      },
    ),
  );
});
