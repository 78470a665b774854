import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../shared/history.ts';
import { MAX_HISTORY_DAYS } from '../../../shared/limits.ts';
import type { BucketView } from '../../../shared/protocol/history.ts';
import { PERIODS, pointsOf, rangeOfPeriod, totalsOf } from './periods.ts';

const TODAY = 20_000 * DAY_MS;
const NOW = TODAY + 5 * HOUR_MS + 1;
const bucket = (atMs: number, microCredits = '1500000', items = 3): BucketView => ({
  atMs,
  microCredits,
  items,
  shards: 1,
  refused: 2,
});

it('a period ends with the day that is now, and is no longer than may be asked for', () => {
  const lengths = PERIODS.map((period) => {
    const { by, fromMs, toMs } = rangeOfPeriod(period, NOW);
    expect(toMs).toBe(TODAY + DAY_MS);
    return [by, (toMs - fromMs) / DAY_MS];
  });
  expect(lengths).toEqual([
    ['hour', 1],
    ['day', 7],
    ['day', 30],
    ['day', MAX_HISTORY_DAYS],
  ]);
});

describe('points', () => {
  it('are there for every hour or day, also where there was nothing', () => {
    const hours = pointsOf([bucket(TODAY + HOUR_MS)], 'today', rangeOfPeriod('today', NOW));
    expect(hours).toHaveLength(24);
    expect(hours[1]).toEqual({ atMs: TODAY + HOUR_MS, credits: 1.5, items: 3 });
    expect(hours.filter(({ items }) => items === 0)).toHaveLength(23);
    expect(pointsOf([], 'week', rangeOfPeriod('week', NOW))).toHaveLength(7);
  });

  it('of all time begin with the first work; where there was none, with today', () => {
    const range = rangeOfPeriod('all', NOW);
    const since = pointsOf([bucket(TODAY - 2 * DAY_MS)], 'all', range);
    expect(since.map(({ items }) => items)).toEqual([3, 0, 0]);
    expect(pointsOf([], 'all', range)).toEqual([{ atMs: TODAY, credits: 0, items: 0 }]);
  });
});

it('totals are exact', () => {
  const large = (2n ** 70n).toString();
  expect(totalsOf([bucket(0, large), bucket(1, '1')])).toEqual({
    microCredits: 2n ** 70n + 1n,
    items: 6,
    shards: 2,
    refused: 4,
  });
});
