/** Days of a site: one for each, also where nothing was shared. */
import { expect, it } from 'vitest';
import { everyDay } from './siteDays.ts';

it('has every day up to now, with what was shared on it', () => {
  const days = [
    { day: '2026-11-22', microCredits: '5', credits: 1 },
    { day: '2026-11-20', microCredits: '70', credits: 3 },
    { day: '2026-10-01', microCredits: '900', credits: 9 },
  ];
  const points = everyDay(days, Date.UTC(2026, 10, 22, 23, 59), 3);
  expect(points).toEqual([
    { atMs: Date.UTC(2026, 10, 20), microCredits: 70n, credits: 3 },
    { atMs: Date.UTC(2026, 10, 21), microCredits: 0n, credits: 0 },
    { atMs: Date.UTC(2026, 10, 22), microCredits: 5n, credits: 1 },
  ]);
});
