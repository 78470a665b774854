/**
 * Work over time as anybody may read it: the history of a contributor, leaderboards, and exports of the network.
 *
 * Days and hours are those of UTC; amounts are micro-credits as decimal text.
 */
import { z } from 'zod';
import { microCreditsSchema } from './job.ts';

const count = z.number().int();

const work = {
  /** Credited shards, or stages of shards. */
  shards: count,
  items: count,
  microCredits: microCreditsSchema,
  /** Assignments that ended without earning anything, through their own host. */
  refused: count,
};

export const bucketKindSchema = z.enum(['hour', 'day']);

/** `GET /v1/contributors/{id}/history`. */
export const historyViewSchema = z.object({
  contributor: z.string(),
  by: bucketKindSchema,
  /** As it was answered: whole hours or days, `toMs` no more. */
  fromMs: count,
  toMs: count,
  /** The one that was asked for; absent where it is all of them. */
  device: z.string().optional(),
  /** In order, without those in which there was nothing. */
  buckets: z.array(z.object({ atMs: count, ...work })),
  /** What each device did in that time, most credit first. */
  devices: z.array(z.object({ device: z.string(), ...work })),
  /** Per day, of all devices: work of a week ago counts half (shared/history.ts). */
  recentAverageMicroCredits: microCreditsSchema,
});
export type HistoryView = z.infer<typeof historyViewSchema>;
export type BucketView = HistoryView['buckets'][number];

export const BOARDS = ['day', 'week', 'all'] as const;
export type BoardName = (typeof BOARDS)[number];

export const leaderSchema = z.object({
  rank: count,
  id: z.string(),
  /** Where it has given itself one. */
  name: z.string().optional(),
  shards: count,
  items: count,
  microCredits: microCreditsSchema,
});
export type LeaderView = z.infer<typeof leaderSchema>;

/** `GET /v1/stats/leaderboard/{day|week|all}.json`. Whoever does not want to be in it is not. */
export const leaderboardSchema = z.object({
  board: z.enum(BOARDS),
  /** From the beginning of this day on; null from the very beginning. */
  sinceMs: count.nullable(),
  rows: z.array(leaderSchema),
});
export type LeaderboardView = z.infer<typeof leaderboardSchema>;

/** `GET /v1/stats/contributors.json`: those with most credit ever. */
export const contributorStatsSchema = z.object({
  rows: z.array(leaderSchema.extend({ firstSeenMs: count })),
});
export type ContributorStats = z.infer<typeof contributorStatsSchema>;

/** `GET /v1/stats/days.json`: the whole network, also those who are in no leaderboard. */
export const dayStatsSchema = z.object({
  rows: z.array(z.object({ day: z.string(), contributors: count, devices: count, ...work })),
});
export type DayStats = z.infer<typeof dayStatsSchema>;

export const STATS_PATH = '/v1/stats';
/** Below `STATS_PATH`. */
export const STATS_FILES = [
  ...BOARDS.map((board) => `leaderboard/${board}.json` as const),
  'contributors.json',
  'contributors.csv',
  'days.json',
  'days.csv',
] as const;
export type StatsFileName = (typeof STATS_FILES)[number];
