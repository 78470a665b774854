/** Days of a site without a gap, the oldest first. Pure. */
import { DAY_MS, bucketOf } from '../../shared/history.ts';
import type { SiteDayView } from '../../shared/protocol/sharing.ts';

export interface SitePoint {
  readonly atMs: number;
  readonly microCredits: bigint;
  /** Times that something was shared. */
  readonly credits: number;
}

/** The last `count` days (UTC) up to the one that is now. */
export function everyDay(
  days: readonly SiteDayView[],
  nowMs: number,
  count: number,
): readonly SitePoint[] {
  const byDay = new Map(days.map((it) => [it.day, it]));
  const today = bucketOf('day', nowMs);
  return Array.from({ length: count }, (_, index) => {
    const atMs = today - (count - 1 - index) * DAY_MS;
    const day = byDay.get(new Date(atMs).toISOString().slice(0, 10));
    return { atMs, microCredits: BigInt(day?.microCredits ?? 0), credits: day?.credits ?? 0 };
  });
}
