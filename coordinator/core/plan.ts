/**
 * How a job is cut into shards: small enough that a tab may close and lose little, large enough that the
 * coordinator's work per shard is small beside the hosts'.
 */
import {
  MAX_ASSIGNMENT_BYTES,
  MAX_ITEMS_PER_SHARD,
  MAX_SHARDS_PER_JOB,
} from '../../shared/limits.ts';
import { shardIdOf } from '../../shared/ids.ts';
import { roundedUp } from '../../shared/reward.ts';
import { LIST_PRICE, priceMicroCredits } from '../../shared/units.ts';
import type { Job, Shard } from './state.ts';
import { itemsBesideProbes } from './stream.ts';

/** About this much work of the referee's core in one shard (DESIGN 5: about 5 s on a slow host). */
const TARGET_SHARD_MS = 1_000;
/** A small job is still spread over this many shards, so that several hosts share it. */
const FEWEST_SHARDS = 12;

export interface ShardSizing {
  readonly items: number;
  readonly msPerItem: number;
  /** Stacked inputs, or outputs, of one item: the larger of the two. */
  readonly bytesPerItem: number;
  readonly itemsPerRun: number;
  /** Assignments carry probes besides the shard's items. */
  readonly sampled: boolean;
}

/** Items of one shard, a multiple of `itemsPerRun` where the job is large enough. */
export function itemsPerShardFor({
  items,
  msPerItem,
  bytesPerItem,
  itemsPerRun,
  sampled,
}: ShardSizing) {
  const byTime = Math.floor(TARGET_SHARD_MS / Math.max(msPerItem, 1e-3));
  const roomFor = (most: number): number => Math.max(sampled ? itemsBesideProbes(most) : most, 1);
  const byBytes = roomFor(Math.floor(MAX_ASSIGNMENT_BYTES / Math.max(bytesPerItem, 1)));
  const byCount = roomFor(MAX_ITEMS_PER_SHARD);
  const bySpread = Math.ceil(items / FEWEST_SHARDS);
  // In whole runs: rounded down to them below, it must still be enough.
  const fewest = Math.ceil(Math.ceil(items / MAX_SHARDS_PER_JOB) / itemsPerRun) * itemsPerRun;
  const chosen = Math.min(Math.max(Math.min(byTime, bySpread), fewest), byBytes, byCount);
  const wholeRuns = Math.floor(chosen / itemsPerRun) * itemsPerRun;
  return Math.max(wholeRuns > 0 ? wholeRuns : Math.min(itemsPerRun, byBytes, byCount), 1);
}

/** All shards of a new job, in order. */
export function shardsOf(job: Pick<Job, 'id' | 'items' | 'itemsPerShard' | 'shards'>): Shard[] {
  return Array.from({ length: job.shards }, (_, index) => ({
    id: shardIdOf(job.id, index),
    job: job.id,
    index,
    items: Math.min(job.itemsPerShard, job.items - index * job.itemsPerShard),
    state: { kind: 'open' },
  }));
}

/** What the whole job costs its author: the sum of its shards' prices, once per verified opinion. */
export function jobPrice(
  job: Pick<Job, 'items' | 'itemsPerShard' | 'shards'>,
  flopsPerItem: number,
  opinions: number,
  ratePercent = LIST_PRICE,
): bigint {
  const priceOf = (items: number): bigint =>
    roundedUp(priceMicroCredits(flopsPerItem, items), ratePercent);
  const last = job.items - (job.shards - 1) * job.itemsPerShard;
  const whole = priceOf(job.itemsPerShard) * BigInt(job.shards - 1);
  return (whole + priceOf(last)) * BigInt(opinions);
}
