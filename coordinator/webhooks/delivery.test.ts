/** When an event is tried again, and when no more. */
import { expect, it } from 'vitest';
import { MAX_WEBHOOK_ATTEMPTS } from '../../shared/webhookLimits.ts';
import { DAY_MS } from '../../shared/history.ts';
import { afterAttempt, newDelivery, type Delivery } from './delivery.ts';

const failing = (atMs: number) => ({ atMs, tookMs: 10, status: 500, error: 'answered 500' });

/** Every wait of a delivery that never succeeds, and how it ended. */
function waitsOf(random: number): { waits: number[]; last: Delivery } {
  const waits: number[] = [];
  let last = newDelivery(0);
  for (;;) {
    if (last.state.kind !== 'waiting') return { waits, last };
    const { dueAtMs } = last.state;
    last = afterAttempt(last, failing(dueAtMs), random);
    if (last.state.kind === 'waiting') waits.push(last.state.dueAtMs - dueAtMs - 10);
  }
}

it('waits fourfold each time, for a day in all, and then gives up with its last error', () => {
  const { waits, last } = waitsOf(0.5);
  expect(waits.slice(0, 4)).toEqual([4_000, 16_000, 64_000, 256_000]);
  const allMs = waits.reduce((sum, wait) => sum + wait);
  expect(allMs / DAY_MS).toBeCloseTo(1, 1);
  expect(last.attempts).toHaveLength(MAX_WEBHOOK_ATTEMPTS);
  expect(last.state).toMatchObject({
    kind: 'failed',
    why: expect.stringContaining('500') as string,
  });
});

it('spreads its waits by a quarter, so that endpoints that fail together do not return together', () => {
  const [least, most] = [waitsOf(0).waits, waitsOf(1 - Number.EPSILON).waits];
  expect([least[0], most[0]]).toEqual([3_000, 5_000]);
  for (const [i, wait] of least.entries()) expect(most[i]! / wait).toBeCloseTo(5 / 3, 2);
});

it('ends with the first success', () => {
  const once = afterAttempt(newDelivery(0), failing(0), 0.5);
  const twice = afterAttempt(once, { atMs: 9, tookMs: 1, status: 204, error: null }, 0.5);
  expect(twice.state).toEqual({ kind: 'delivered' });
  expect(twice.attempts.map(({ status }) => status)).toEqual([500, 204]);
});
