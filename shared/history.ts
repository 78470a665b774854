/**
 * Work over time: hours and days of UTC, and the recent average, a decaying credit per day. Pure; both ends.
 */
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export const BUCKET_MS = { hour: HOUR_MS, day: DAY_MS } as const;
export type BucketKind = keyof typeof BUCKET_MS;

/** When the hour or day begins that holds this moment. */
export const bucketOf = (kind: BucketKind, atMs: number): number =>
  Math.floor(atMs / BUCKET_MS[kind]) * BUCKET_MS[kind];

/** `2026-11-22` of the day that begins then. */
export const dayText = (dayMs: number): string => new Date(dayMs).toISOString().slice(0, 10);

/** Work of a week ago counts half: as BOINC's recent average credit. */
export const HALF_LIFE_DAYS = 7;
/** Work from before weighs less than one part in a million of what it was. */
export const RECENT_DAYS = 20 * HALF_LIFE_DAYS;

export interface CreditOfDay {
  /** When the day begins. */
  readonly atMs: number;
  readonly microCredits: bigint;
}

/**
 * Micro-credits per day, decaying by half in `HALF_LIFE_DAYS`, as of `nowMs`. Each day's credit counts as earned
 * evenly over it (over what has passed of the day that is now), so whoever earns the same every day has just that.
 * The order of the days does not matter; each is there once at most.
 */
export function recentAverage(days: readonly CreditOfDay[], nowMs: number): number {
  const decay = Math.LN2 / (HALF_LIFE_DAYS * DAY_MS);
  let perDay = 0;
  for (const { atMs, microCredits } of days) {
    if (atMs > nowMs) continue;
    const endMs = Math.min(atMs + DAY_MS, nowMs);
    const lengthMs = endMs - atMs;
    const newest = Math.exp(-decay * (nowMs - endMs));
    // The weight of the day's moments, summed; of a day that has just begun, that of a moment.
    const weight =
      lengthMs === 0
        ? decay * DAY_MS
        : (newest * -Math.expm1(-decay * lengthMs) * DAY_MS) / lengthMs;
    perDay += Number(microCredits) * weight;
  }
  return perDay;
}
