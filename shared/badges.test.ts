import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BADGES, MEASURES, badgesOf, type DayOfWork } from './badges.ts';
import { DAY_MS } from './history.ts';
import { MICRO_CREDITS_PER_CREDIT } from './units.ts';

const START = 20_000 * DAY_MS;
const day = (index: number, changes: Partial<DayOfWork> = {}): DayOfWork => ({
  atMs: START + index * DAY_MS,
  shards: 1,
  items: 1,
  microCredits: 1n,
  ...changes,
});
const idsOf = (days: readonly DayOfWork[], nowMs = START) =>
  badgesOf(days, nowMs).earned.map(({ id }) => id);

describe('badges', () => {
  it('are earned at their threshold, not before, on the day that reached it', () => {
    const days = [day(0, { items: 99 }), day(5, { items: 1 })];
    expect(idsOf(days.slice(0, 1))).toEqual(['first-checked']);
    expect(badgesOf(days, START).earned).toEqual([
      { id: 'items-100', measure: 'items', from: 100, dayMs: START + 5 * DAY_MS },
      { id: 'first-checked', measure: 'items', from: 1, dayMs: START },
    ]);
  });

  it('for credits count whole credits, added up exactly', () => {
    const half = MICRO_CREDITS_PER_CREDIT / 2n;
    const days = [day(0, { microCredits: half }), day(9, { microCredits: half - 1n })];
    expect(idsOf(days)).not.toContain('credits-1');
    expect(idsOf([...days, day(11)])).toContain('credits-1');
  });

  it('for streaks want one day after the other, without one of refused work only', () => {
    const inARow = [0, 1, 2].map((it) => day(it));
    expect(idsOf(inARow)).toContain('streak-3');
    const refused = { shards: 0, items: 0, microCredits: 0n };
    const broken = [day(0), day(1, refused), day(2)];
    for (const days of [broken, [day(0), day(1), day(3)]])
      expect(badgesOf(days, START + 4 * DAY_MS)).toMatchObject({
        longestStreak: days === broken ? 1 : 2,
      });
    expect(idsOf(broken)).toEqual(['first-checked']);
  });

  it('a streak goes on until a whole day was missed', () => {
    const days = [day(0), day(1)];
    const streakAt = (index: number) => badgesOf(days, START + index * DAY_MS).streak;
    expect([streakAt(1), streakAt(2.99), streakAt(3)]).toEqual([2, 2, 0]);
  });

  it('the next of each measure says what is there of it', () => {
    expect(badgesOf([], START).next).toEqual([
      { id: 'first-checked', measure: 'items', from: 1, have: 0 },
      { id: 'credits-1', measure: 'credits', from: 1, have: 0 },
      { id: 'days-3', measure: 'days', from: 3, have: 0 },
      { id: 'streak-3', measure: 'streak', from: 3, have: 0 },
    ]);
    const all = Array.from({ length: 365 }, (_, i) =>
      day(i, { items: 1_000_000, microCredits: 10n ** 12n }),
    );
    const { next, earned } = badgesOf(all, START + 365 * DAY_MS);
    expect([next, earned.length]).toEqual([[], BADGES.length]);
  });

  it('stay earned however the history goes on, and what is next is never reached', () => {
    const anyDays = fc.uniqueArray(fc.nat(400), { maxLength: 60 }).chain((indexes) =>
      fc.tuple(
        ...[...indexes]
          .sort((a, b) => a - b)
          .map((index) =>
            fc.record({
              atMs: fc.constant(START + index * DAY_MS),
              shards: fc.nat(2),
              items: fc.nat(50_000),
              microCredits: fc.bigInt({ min: 0n, max: 10n ** 11n }),
            }),
          ),
      ),
    );
    fc.assert(
      fc.property(anyDays, fc.nat(60), (days, cut) => {
        const before = badgesOf(days.slice(0, cut), START);
        const after = badgesOf(days, START);
        expect(after.earned.slice(after.earned.length - before.earned.length)).toEqual(
          before.earned,
        );
        for (const { have, from } of after.next) expect(have).toBeLessThan(from);
        expect(new Set(after.next.map(({ measure }) => measure)).size).toBe(after.next.length);
      }),
    );
  });
});

it('badges of a measure rise, and their ids are all different', () => {
  expect(new Set(BADGES.map(({ id }) => id)).size).toBe(BADGES.length);
  for (const measure of MEASURES) {
    const steps = BADGES.filter((it) => it.measure === measure).map(({ from }) => from);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
  }
});
