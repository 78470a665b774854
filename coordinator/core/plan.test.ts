/** How a job is cut: limits, whole runs, and prices that add up. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_ASSIGNMENT_BYTES,
  MAX_ITEMS_PER_JOB,
  MAX_ITEMS_PER_SHARD,
  MAX_SHARDS_PER_JOB,
} from '../../shared/limits.ts';
import { priceMicroCredits } from '../../shared/units.ts';
import { itemsPerShardFor, jobPrice, shardsOf, type ShardSizing } from './plan.ts';
import { mostProbes } from './stream.ts';
import { jobOf } from './testing/work.ts';

const sizing = (changes: Partial<ShardSizing>): ShardSizing => ({
  items: 100_000,
  msPerItem: 1,
  bytesPerItem: 100,
  itemsPerRun: 1,
  sampled: false,
  ...changes,
});

/** Once cut into 100,001 shards: three items a shard were rounded down to a run of two. */
const ONE_SHARD_TOO_MANY: ShardSizing = {
  items: 200_001,
  msPerItem: 250.00000000000003,
  bytesPerItem: 0,
  itemsPerRun: 2,
  sampled: false,
};

describe('itemsPerShardFor', () => {
  it.each<[string, Partial<ShardSizing>, number]>([
    ['about a second of the referee', {}, 1000],
    ['fewer of slow items', { msPerItem: 100 }, 10],
    ['one of items that take longer', { msPerItem: 5_000, items: 50_000 }, 1],
    ['at most what a message lists', { msPerItem: 0.001, items: 1e6 }, MAX_ITEMS_PER_SHARD],
    ['at most 8 MiB', { bytesPerItem: MAX_ASSIGNMENT_BYTES / 4 }, 4],
    ['one of items of 8 MiB', { bytesPerItem: MAX_ASSIGNMENT_BYTES }, 1],
    ['a small job is still spread', { items: 24 }, 2],
    ['a job of one item', { items: 1 }, 1],
    ['the first item of more to come', { items: 1, isBegun: true }, 1000],
    ['whole runs', { itemsPerRun: 64 }, 960],
    ['one run where that is more than a second', { itemsPerRun: 64, msPerItem: 100 }, 64],
    ['never more shards than there may be', { items: 1e6, msPerItem: 5_000 }, 10],
    ['in whole runs too', { items: 1e6, msPerItem: 5_000, itemsPerRun: 7 }, 14],
    ['an unmeasurably fast item', { msPerItem: 0 }, MAX_ITEMS_PER_SHARD],
  ])('%s', (_, changes, expected) => {
    expect(itemsPerShardFor(sizing(changes))).toBe(expected);
  });

  it('keeps every limit, and whole runs where one fits', () => {
    const anySizing = fc.record({
      items: fc.integer({ min: 1, max: MAX_ITEMS_PER_JOB }),
      msPerItem: fc.oneof(fc.double({ min: 0, max: 1e5, noNaN: true }), fc.constantFrom(0, 1e-9)),
      bytesPerItem: fc.integer({ min: 0, max: MAX_ASSIGNMENT_BYTES }),
      itemsPerRun: fc.oneof(
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: MAX_ITEMS_PER_SHARD }),
      ),
      sampled: fc.boolean(),
    });
    fc.assert(
      fc.property(anySizing, (any) => {
        const perShard = itemsPerShardFor(any);
        expect(Number.isInteger(perShard)).toBe(true);
        expect(perShard).toBeGreaterThanOrEqual(1);
        const probes = any.sampled && perShard > 1 ? mostProbes(perShard) : 0;
        expect(perShard + probes).toBeLessThanOrEqual(MAX_ITEMS_PER_SHARD);
        expect((perShard + probes) * any.bytesPerItem).toBeLessThanOrEqual(MAX_ASSIGNMENT_BYTES);
        const withProbes = any.itemsPerRun + (any.sampled ? mostProbes(any.itemsPerRun) : 0);
        const runFits =
          withProbes <= MAX_ITEMS_PER_SHARD &&
          withProbes * any.bytesPerItem <= MAX_ASSIGNMENT_BYTES;
        if (runFits) expect(perShard % any.itemsPerRun).toBe(0);
        const fewest = Math.ceil(any.items / MAX_SHARDS_PER_JOB);
        const small =
          2 * Math.max(fewest, any.itemsPerRun) * any.bytesPerItem <= MAX_ASSIGNMENT_BYTES;
        if (small) expect(Math.ceil(any.items / perShard)).toBeLessThanOrEqual(MAX_SHARDS_PER_JOB);
      }),
      { numRuns: 1_000, examples: [[ONE_SHARD_TOO_MANY]] },
    );
  });
});

const anyCut = fc
  .record({ items: fc.integer({ min: 1, max: 800 }), perShard: fc.integer({ min: 1, max: 100 }) })
  .map(({ items, perShard }) => {
    const itemsPerShard = Math.min(perShard, items);
    return { items, itemsPerShard, shards: Math.ceil(items / itemsPerShard) };
  });

describe('shardsOf and jobPrice', () => {
  it('shards cover the items exactly, in order, none empty', () => {
    fc.assert(
      fc.property(anyCut, (cut) => {
        const job = jobOf(cut);
        const shards = shardsOf(job);
        expect(shards.length).toBe(cut.shards);
        expect(shards.reduce((sum, { items }) => sum + items, 0)).toBe(cut.items);
        shards.forEach((shard, index) => {
          expect(shard).toMatchObject({ index, job: job.id, id: `${job.id}.${index}` });
          expect(shard.state.kind).toBe('open');
          expect(shard.items).toBeGreaterThan(0);
          const isLast = index === shards.length - 1;
          if (!isLast) expect(shard.items).toBe(cut.itemsPerShard);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('the price is the sum of what the shards pay, once per opinion', () => {
    const anyFlops = fc.double({ min: 0, max: 1e10, noNaN: true });
    fc.assert(
      fc.property(anyCut, anyFlops, fc.integer({ min: 1, max: 7 }), (cut, flops, opinions) => {
        const job = jobOf(cut);
        const paid = shardsOf(job).reduce(
          (sum, { items }) => sum + priceMicroCredits(flops, items),
          0n,
        );
        expect(jobPrice(job, flops, opinions)).toBe(paid * BigInt(opinions));
      }),
      { numRuns: 200 },
    );
  });
});
