/** The stretches of time that a page shows, and the buckets of one without a gap. Pure. */
import { DAY_MS, BUCKET_MS, bucketOf, type BucketKind } from '../../../shared/history.ts';
import { MAX_HISTORY_DAYS } from '../../../shared/limits.ts';
import type { BucketView } from '../../../shared/protocol/history.ts';

export const PERIODS = ['today', 'week', 'month', 'all'] as const;
export type Period = (typeof PERIODS)[number];

export interface PeriodRange {
  readonly by: BucketKind;
  readonly fromMs: number;
  /** The first moment that is not of it. */
  readonly toMs: number;
}

/** Days are those of UTC; the one that is now is the last. */
export function rangeOfPeriod(period: Period, nowMs: number): PeriodRange {
  const today = bucketOf('day', nowMs);
  const toMs = today + DAY_MS;
  switch (period) {
    case 'today':
      return { by: 'hour', fromMs: today, toMs };
    case 'week':
      return { by: 'day', fromMs: toMs - 7 * DAY_MS, toMs };
    case 'month':
      return { by: 'day', fromMs: toMs - 30 * DAY_MS, toMs };
    case 'all':
      return { by: 'day', fromMs: toMs - MAX_HISTORY_DAYS * DAY_MS, toMs };
    default:
      return period satisfies never;
  }
}

export interface Point {
  readonly atMs: number;
  readonly credits: number;
  readonly items: number;
}

/** One point for each hour or day; of all time from the first one in which there was something. */
export function pointsOf(
  buckets: readonly BucketView[],
  period: Period,
  { by, fromMs, toMs }: PeriodRange,
): Point[] {
  const known = new Map(buckets.map((bucket) => [bucket.atMs, bucket]));
  const points: Point[] = [];
  const beginMs = period === 'all' ? (buckets[0]?.atMs ?? toMs - BUCKET_MS[by]) : fromMs;
  for (let atMs = beginMs; atMs < toMs; atMs += BUCKET_MS[by]) {
    const { microCredits = '0', items = 0 } = known.get(atMs) ?? {};
    points.push({ atMs, credits: Number(microCredits) / 1e6, items });
  }
  return points;
}

export interface Totals {
  readonly microCredits: bigint;
  readonly items: number;
  readonly shards: number;
  readonly refused: number;
}

export function totalsOf(buckets: readonly Omit<BucketView, 'atMs'>[]): Totals {
  let microCredits = 0n;
  const counts = { items: 0, shards: 0, refused: 0 };
  for (const bucket of buckets) {
    microCredits += BigInt(bucket.microCredits);
    counts.items += bucket.items;
    counts.shards += bucket.shards;
    counts.refused += bucket.refused;
  }
  return { microCredits, ...counts };
}
