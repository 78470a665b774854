/** What work earns, and how that is shared: exact, and never more than there is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account } from './ledger.ts';
import { rewardOf, splitOf } from './reward.ts';

const whole = { rate: 100, quality: 100 };
const percent = fc.nat(100);
const amount = fc.bigInt({ min: 0n, max: 10n ** 24n });

describe('a reward', () => {
  it('is work times rate times quality, rounded up; checks times uptime, rounded down', () => {
    expect(rewardOf({ work: 7n, ...whole })).toEqual({ own: 7n, checks: 0n });
    expect(rewardOf({ work: 7n, rate: 150, quality: 100 }).own).toBe(11n);
    expect(rewardOf({ work: 1n, rate: 50, quality: 100 }).own).toBe(1n);
    expect(rewardOf({ work: 7n, ...whole, checks: 9n, uptime: 93 })).toEqual({
      own: 7n,
      checks: 8n,
    });
  });

  it('grows with each factor', () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: 50, max: 9_999 }), (work, rate) => {
        const less = rewardOf({ work, rate, quality: 100 }).own;
        expect(rewardOf({ work, rate: rate + 1, quality: 100 }).own).toBeGreaterThanOrEqual(less);
        expect(rewardOf({ work: work + 1n, rate, quality: 100 }).own).toBeGreaterThanOrEqual(less);
      }),
    );
  });
});

it('shares are whole micro-credits, never more than was chosen, and what is left over is kept', () => {
  const to = (id: string) => `team:${id}` as Account;
  expect(
    splitOf(99n, [
      { to: to('a'), percent: 33 },
      { to: to('b'), percent: 1 },
    ]),
  ).toEqual([{ to: to('a'), microCredits: 32n }]);
  fc.assert(
    fc.property(amount, percent, percent, (earned, a, b) => {
      const second = Math.min(b, 100 - a);
      const chosen = [
        { to: to('a'), percent: a },
        { to: to('b'), percent: second },
      ];
      const shared = splitOf(earned, chosen).reduce((sum, it) => sum + it.microCredits, 0n);
      expect(shared * 100n).toBeLessThanOrEqual(earned * BigInt(a + second));
      expect(shared + 2n).toBeGreaterThan((earned * BigInt(a + second)) / 100n);
    }),
  );
});
