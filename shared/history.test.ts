import { describe, expect, it } from 'vitest';
import {
  DAY_MS,
  HALF_LIFE_DAYS,
  RECENT_DAYS,
  dayText,
  recentAverage,
  bucketOf,
} from './history.ts';

const NOW = 20_000 * DAY_MS;
const daysBefore = (count: number, microCredits = 1_000n) =>
  Array.from({ length: count }, (_, i) => ({ atMs: NOW - (i + 1) * DAY_MS, microCredits }));

describe('the recent average', () => {
  it('of the same credit every day is that credit, within what no longer counts', () => {
    expect(recentAverage(daysBefore(RECENT_DAYS), NOW)).toBeCloseTo(1_000, 2);
    expect(recentAverage(daysBefore(HALF_LIFE_DAYS), NOW)).toBeCloseTo(500, 9);
  });

  it('halves in its half-life', () => {
    const days = daysBefore(30);
    const later = recentAverage(days, NOW + HALF_LIFE_DAYS * DAY_MS);
    expect(later / recentAverage(days, NOW)).toBeCloseTo(0.5, 9);
  });

  it('grows with today as the rule of BOINC says, step by step', () => {
    // weight = e^(-t ln2 / half-life); average = average * weight + (1 - weight) * credit / t
    const nowMs = NOW + DAY_MS / 4;
    const days = [
      { atMs: NOW - 2 * DAY_MS, microCredits: 700n },
      { atMs: NOW - DAY_MS, microCredits: 90n },
      { atMs: NOW, microCredits: 31n },
    ];
    let average = 0;
    for (const [credit, length] of [
      [700, 1],
      [90, 1],
      [31, 1 / 4],
    ] as const) {
      const weight = Math.exp((-Math.LN2 * length) / HALF_LIFE_DAYS);
      average = average * weight + ((1 - weight) * credit) / length;
    }
    expect(recentAverage(days, nowMs)).toBeCloseTo(average, 9);
    expect(recentAverage([...days].reverse(), nowMs)).toBeCloseTo(average, 9);
  });

  it('of a day that begins this very moment is a number, of one to come nothing', () => {
    const today = { atMs: NOW, microCredits: 1_000n };
    const atOnce = recentAverage([today], NOW);
    expect(atOnce).toBeCloseTo((1_000 * Math.LN2) / HALF_LIFE_DAYS, 9);
    expect(recentAverage([today], NOW + 1)).toBeCloseTo(atOnce, 5);
    expect(recentAverage([today], NOW - 1)).toBe(0);
    expect(recentAverage([], NOW)).toBe(0);
  });
});

it('hours and days begin where those of UTC do', () => {
  const atMs = Date.parse('2026-11-22T23:59:59.999Z');
  expect(new Date(bucketOf('hour', atMs)).toISOString()).toBe('2026-11-22T23:00:00.000Z');
  expect(new Date(bucketOf('day', atMs)).toISOString()).toBe('2026-11-22T00:00:00.000Z');
  expect(dayText(bucketOf('day', atMs + 1))).toBe('2026-11-23');
});
