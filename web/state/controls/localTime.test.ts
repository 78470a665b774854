/** Where a moment is in the local week, whatever the time zone of the machine that runs this. */
import { expect, test } from 'vitest';
import { localDayOf, localTimeOf } from './localTime.ts';

const HOUR_MS = 3_600_000;

test('the week begins on Monday at midnight', () => {
  // 5 January 2026 is a Monday.
  expect(localTimeOf(new Date(2026, 0, 5)).weekMs).toBe(0);
  expect(localTimeOf(new Date(2026, 0, 7, 6)).weekMs).toBe(54 * HOUR_MS);
  expect(localTimeOf(new Date(2026, 0, 11, 23, 59, 59, 999)).weekMs).toBe(7 * 24 * HOUR_MS - 1);
});

test('midnight is the next one, and it is another day', () => {
  const late = new Date(2026, 0, 5, 23);
  expect(localTimeOf(late).toMidnightMs).toBe(HOUR_MS);
  expect(localTimeOf(new Date(2026, 0, 5)).toMidnightMs).toBe(24 * HOUR_MS);
  expect(localDayOf(late)).not.toBe(localDayOf(new Date(late.getTime() + HOUR_MS)));
});
