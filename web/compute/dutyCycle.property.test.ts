/** Whatever slices take and timers oversleep: work is the wanted share of the time. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DUTY_WINDOW_MS } from '../../shared/limits.ts';
import { DutyCycle } from './dutyCycle.ts';

/** Slices of `sliceMs`, each rest longer than asked for by the next of `lateMs`; the share of work after that. */
function shareOf(duty: number, slices: readonly number[], lateMs: readonly number[]): number {
  let now = 0;
  let workMs = 0;
  const cycle = new DutyCycle(() => now);
  cycle.want(duty);
  let i = 0;
  while (now < 2 * DUTY_WINDOW_MS) {
    cycle.begin();
    const sliceMs = slices[i % slices.length]!;
    now += sliceMs;
    workMs += sliceMs;
    const owed = cycle.owed();
    if (owed > 0) {
      cycle.end();
      now += owed + lateMs[i % lateMs.length]!;
    }
    i += 1;
  }
  cycle.end();
  // It measures the last of these two minutes, which is like the first.
  expect(Math.abs(cycle.measured().share - workMs / now)).toBeLessThan(0.05);
  return workMs / now;
}

const duty = fc.integer({ min: 5, max: 100 }).map((percent) => percent / 100);

describe('DutyCycle', () => {
  test('holds the share within two points over two minutes, with slices of 1 to 60 ms', () => {
    const slices = fc.array(fc.double({ min: 1, max: 60, noNaN: true }), { minLength: 1 });
    const late = fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(duty, slices, late, (share, slicesMs, lateMs) => {
        // A rest of 8 ms that comes 20 ms late is made up for by the next ones, but at 100 % there are none.
        const worst = share > 0.9 ? 0.05 : 0.02;
        expect(Math.abs(shareOf(share, slicesMs, lateMs) - share)).toBeLessThanOrEqual(worst);
      }),
      { numRuns: 200 },
    );
  });

  test('a run that cannot be interrupted is followed by its whole rest', () => {
    let now = 0;
    const cycle = new DutyCycle(() => now);
    cycle.want(0.25);
    cycle.begin();
    now += 8_000;
    cycle.end();
    expect(cycle.owed()).toBe(24_000);
    now += 24_000;
    expect(cycle.owed()).toBe(0);
    expect(cycle.measured()).toEqual({ share: 0.25, overMs: 32_000 });
  });

  test('waiting for work builds up a quarter of a second of credit and no more', () => {
    let now = 0;
    const cycle = new DutyCycle(() => now);
    cycle.want(0.5);
    now += 60_000;
    cycle.begin();
    now += 250;
    expect(cycle.owed()).toBe(0);
    now += 250;
    expect(cycle.owed()).toBe(250);
  });

  test('another share is measured from then on, and nothing of the old one is owed', () => {
    let now = 0;
    const cycle = new DutyCycle(() => now);
    cycle.want(0.05);
    cycle.begin();
    now += 10_000;
    cycle.want(1);
    expect(cycle.owed()).toBe(0);
    now += 500;
    expect(cycle.measured()).toEqual({ share: 1, overMs: 500 });
  });

  test('what is older than the window is forgotten', () => {
    let now = 0;
    const cycle = new DutyCycle(() => now);
    cycle.begin();
    now += 30_000;
    cycle.end();
    now += 45_000;
    expect(cycle.measured()).toEqual({ share: 0.25, overMs: 60_000 });
    now += DUTY_WINDOW_MS;
    expect(cycle.measured()).toEqual({ share: 0, overMs: 60_000 });
  });
});
