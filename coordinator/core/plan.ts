/**
 * How a job is cut into shards: small enough that a tab may close and lose little, large enough that the
 * coordinator's work per shard is small beside the hosts'.
 */
import {
  MAX_ASSIGNMENT_BYTES,
  MAX_CHOSEN_ITEMS_PER_RUN,
  MAX_ITEMS_PER_SHARD,
  MAX_SHARDS_PER_JOB,
} from '../../shared/limits.ts';
import { shardIdOf } from '../../shared/ids.ts';
import { roundedUp } from '../../shared/reward.ts';
import { LIST_PRICE, priceMicroCredits } from '../../shared/units.ts';
import type { Job, Lot, Shard } from './state.ts';
import { itemsBesideProbes } from './stream.ts';

/** About this much work of the referee's core in one shard (DESIGN 5: about 5 s on a slow host). */
const TARGET_SHARD_MS = 1_000;
/** A small job is still spread over this many shards, so that several hosts share it. */
const FEWEST_SHARDS = 12;

/** So many runs fill a shard at least: a last one that is not full is filled up with rows that nobody wants. */
const FEWEST_RUNS = 8;

/** Items of one run at most, where the coordinator chooses how many; 1: there is nothing to choose. */
export const mostPerRun = (items: number, itemsPerShard = Math.ceil(items / FEWEST_SHARDS)) => {
  const byShard = Math.floor(Math.min(itemsPerShard, items) / FEWEST_RUNS);
  return Math.max(1, Math.min(byShard, MAX_CHOSEN_ITEMS_PER_RUN));
};

export interface ShardSizing {
  readonly items: number;
  readonly msPerItem: number;
  /** Stacked inputs, or outputs, of one item: the larger of the two. */
  readonly bytesPerItem: number;
  readonly itemsPerRun: number;
  /** Assignments carry probes besides the shard's items. */
  readonly sampled: boolean;
  /** More items come later: these need not be spread over several shards. */
  readonly isBegun?: boolean;
}

/** Items of one shard, a multiple of `itemsPerRun` where the job is large enough. */
export function itemsPerShardFor({
  items,
  msPerItem,
  bytesPerItem,
  itemsPerRun,
  sampled,
  isBegun = false,
}: ShardSizing) {
  const byTime = Math.floor(TARGET_SHARD_MS / Math.max(msPerItem, 1e-3));
  const roomFor = (most: number): number => Math.max(sampled ? itemsBesideProbes(most) : most, 1);
  const byBytes = roomFor(Math.floor(MAX_ASSIGNMENT_BYTES / Math.max(bytesPerItem, 1)));
  const byCount = roomFor(MAX_ITEMS_PER_SHARD);
  const bySpread = isBegun ? Infinity : Math.ceil(items / FEWEST_SHARDS);
  // In whole runs: rounded down to them below, it must still be enough.
  const fewest = Math.ceil(Math.ceil(items / MAX_SHARDS_PER_JOB) / itemsPerRun) * itemsPerRun;
  const chosen = Math.min(Math.max(Math.min(byTime, bySpread), fewest), byBytes, byCount);
  const wholeRuns = Math.floor(chosen / itemsPerRun) * itemsPerRun;
  return Math.max(wholeRuns > 0 ? wholeRuns : Math.min(itemsPerRun, byBytes, byCount), 1);
}

/** All shards of a new job, in order; of a new lot of it, the lot's. */
export function shardsOf(
  job: Pick<Job, 'id' | 'items' | 'itemsPerShard' | 'shards'>,
  lot: Pick<Lot, 'items' | 'itemsPerShard' | 'shards' | 'firstShard'> = { ...job, firstShard: 0 },
): Shard[] {
  return Array.from({ length: lot.shards }, (_, i) => ({
    id: shardIdOf(job.id, lot.firstShard + i),
    job: job.id,
    index: lot.firstShard + i,
    items: Math.min(lot.itemsPerShard, lot.items - i * lot.itemsPerShard),
    state: { kind: 'open' },
  }));
}

/** What its author pays for one shard, once per verified opinion. */
export const shardPrice = (
  flopsPerItem: number,
  items: number,
  opinions: number,
  ratePercent = LIST_PRICE,
): bigint => roundedUp(priceMicroCredits(flopsPerItem, items), ratePercent) * BigInt(opinions);

/** What a job of one lot, or a lot, costs its author: the sum of its shards' prices. */
export function jobPrice(
  job: Pick<Lot, 'items' | 'itemsPerShard' | 'shards'>,
  flopsPerItem: number,
  opinions: number,
  ratePercent = LIST_PRICE,
): bigint {
  const priceOf = (items: number): bigint => shardPrice(flopsPerItem, items, opinions, ratePercent);
  const last = job.items - (job.shards - 1) * job.itemsPerShard;
  const whole = priceOf(job.itemsPerShard) * BigInt(job.shards - 1);
  return whole + priceOf(last);
}
