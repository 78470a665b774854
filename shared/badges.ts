/**
 * Badges: what a contributor has reached, as a pure function of its days. What they are called stands with the pages.
 *
 * Invariant: a badge that is earned stays so however its history goes on, with the day on which it was earned.
 */
import { DAY_MS } from './history.ts';

/** What a badge is for. */
export const MEASURES = ['items', 'credits', 'days', 'streak'] as const;
export type Measure = (typeof MEASURES)[number];

interface BadgeRule {
  readonly id: string;
  readonly measure: Measure;
  /** It is earned when the measure has reached this. */
  readonly from: number;
}

/**
 * In their order of each measure. The first is for the first piece of work that was checked and found right: an item of
 * credited work. An id is what pages name it by: it is never used for another.
 */
export const BADGES = [
  { id: 'first-checked', measure: 'items', from: 1 },
  { id: 'items-100', measure: 'items', from: 100 },
  { id: 'items-1000', measure: 'items', from: 1_000 },
  { id: 'items-10000', measure: 'items', from: 10_000 },
  { id: 'items-100000', measure: 'items', from: 100_000 },
  { id: 'items-1000000', measure: 'items', from: 1_000_000 },
  { id: 'credits-1', measure: 'credits', from: 1 },
  { id: 'credits-10', measure: 'credits', from: 10 },
  { id: 'credits-100', measure: 'credits', from: 100 },
  { id: 'credits-1000', measure: 'credits', from: 1_000 },
  { id: 'credits-10000', measure: 'credits', from: 10_000 },
  { id: 'credits-100000', measure: 'credits', from: 100_000 },
  { id: 'days-3', measure: 'days', from: 3 },
  { id: 'days-10', measure: 'days', from: 10 },
  { id: 'days-30', measure: 'days', from: 30 },
  { id: 'days-100', measure: 'days', from: 100 },
  { id: 'days-365', measure: 'days', from: 365 },
  { id: 'streak-3', measure: 'streak', from: 3 },
  { id: 'streak-7', measure: 'streak', from: 7 },
  { id: 'streak-30', measure: 'streak', from: 30 },
  { id: 'streak-100', measure: 'streak', from: 100 },
] as const satisfies readonly BadgeRule[];
export type BadgeId = (typeof BADGES)[number]['id'];
type Badge = (typeof BADGES)[number];

/** Work of one day that was credited or refused. */
export interface DayOfWork {
  /** When the day begins. */
  readonly atMs: number;
  readonly shards: number;
  readonly items: number;
  readonly microCredits: bigint;
}

export interface EarnedBadge {
  readonly id: BadgeId;
  readonly measure: Measure;
  readonly from: number;
  /** The day that it was earned on. */
  readonly dayMs: number;
}

/** The next one of a measure. */
export interface NextBadge {
  readonly id: BadgeId;
  readonly measure: Measure;
  readonly from: number;
  /** Of it, so much is there: less than `from`. Of a streak, the one that can still go on. */
  readonly have: number;
}

export interface Badges {
  /** The latest first. */
  readonly earned: readonly EarnedBadge[];
  /** One of each measure at most. */
  readonly next: readonly NextBadge[];
  /** Days with credited work, and the longest and the present run of them. */
  readonly days: number;
  readonly longestStreak: number;
  readonly streak: number;
}

/** `days` in order, each once. `nowMs` says whether a streak still goes on: it does until a whole day was missed. */
export function badgesOf(days: readonly DayOfWork[], nowMs: number): Badges {
  const reached: Record<Measure, number> = { items: 0, credits: 0, days: 0, streak: 0 };
  const earned: EarnedBadge[] = [];
  let microCredits = 0n;
  let streak = 0;
  let lastMs = -Infinity;
  for (const day of days) {
    if (day.shards === 0) continue;
    streak = day.atMs - lastMs === DAY_MS ? streak + 1 : 1;
    lastMs = day.atMs;
    microCredits += day.microCredits;
    reached.items += day.items;
    reached.credits = Number(microCredits / 1_000_000n);
    reached.days += 1;
    reached.streak = Math.max(reached.streak, streak);
    for (const { id, measure, from } of BADGES) {
      if (reached[measure] < from || earned.some((it) => it.id === id)) continue;
      earned.push({ id, measure, from, dayMs: day.atMs });
    }
  }
  const goesOn = nowMs < lastMs + 2 * DAY_MS ? streak : 0;
  const now = { ...reached, streak: goesOn };
  const next = MEASURES.flatMap((measure): NextBadge[] => {
    const badge = BADGES.find(
      (it: Badge) => it.measure === measure && !earned.some(({ id }) => id === it.id),
    );
    return badge === undefined
      ? []
      : [{ id: badge.id, measure, from: badge.from, have: now[measure] }];
  });
  return {
    earned: earned.reverse(),
    next,
    days: reached.days,
    longestStreak: reached.streak,
    streak: goesOn,
  };
}
