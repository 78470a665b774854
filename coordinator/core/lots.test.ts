/** The lots of a job: every item once, each in its own lot. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JobId } from '../../shared/ids.ts';
import { shardIndexOf } from '../../shared/ids.ts';
import { BugError } from '../../shared/result.ts';
import { itemsOf, lotAt, lotNumberOf, lotOfItems } from './lots.ts';
import { keyedPermutation } from './permutation.ts';
import { shardsOf } from './plan.ts';
import type { AddedLot, Job } from './state.ts';

const KEY = 'a1'.repeat(32);
type Lots = Pick<
  Job,
  'id' | 'items' | 'shards' | 'stacked' | 'itemsPerShard' | 'added' | 'permutationKey'
>;

/** A job whose lots have so many items, in shards of so many. */
function jobOfLots(lots: readonly (readonly [items: number, itemsPerShard: number])[]): Lots {
  const [[items, itemsPerShard] = [1, 1], ...others] = lots;
  const base = { id: 'job_1' as JobId, stacked: null, permutationKey: KEY };
  let job: Lots = { ...base, items, itemsPerShard, shards: Math.ceil(items / itemsPerShard) };
  for (const [more, perShard] of others) {
    const lot: AddedLot = {
      firstItem: job.items,
      items: more,
      stacked: null,
      firstShard: job.shards,
      shards: Math.ceil(more / perShard),
      itemsPerShard: perShard,
      key: null,
      asked: 'a1'.repeat(32),
      atMs: 1,
    };
    const { items: before, shards } = job;
    const added = [...(job.added ?? []), lot];
    job = { ...job, items: before + more, shards: shards + lot.shards, added };
  }
  return job;
}

const allShards = (job: Lots) => {
  const { added = [] } = job;
  const first = lotAt(job, 0);
  return [first, ...added].flatMap((lot) => shardsOf(job, lot));
};
const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
const rising = (items: readonly number[]) => [...items].sort((a, b) => a - b);

describe('the lots of a job', () => {
  it('hold every item once, each lot its own in its own shards', () => {
    const aLot = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 40 }));
    fc.assert(
      fc.property(fc.array(aLot, { minLength: 1, maxLength: 6 }), (lots) => {
        const job = jobOfLots(lots);
        const shardItems = itemsOf(job);
        const shards = allShards(job);
        expect(shards.map(({ index }) => index)).toEqual(range(0, job.shards));
        expect(shards.map(({ id }) => shardIndexOf(id))).toEqual(range(0, job.shards));
        const held = shards.map((shard) => ({
          number: lotNumberOf(job, shard.index),
          items: shardItems(shard),
        }));
        expect(rising(held.flatMap(({ items }) => items))).toEqual(range(0, job.items));
        for (const [number, [items]] of lots.entries()) {
          const own = held.filter((it) => it.number === number).flatMap((it) => it.items);
          expect(rising(own)).toEqual(range(lotAt(job, number).firstItem, items));
          expect(lotOfItems(job, own)).toEqual(lotAt(job, number));
        }
      }),
    );
  });

  it('the first is shuffled as the whole job was before there were lots, and does not change with others', () => {
    const alone = jobOfLots([[103, 10]]);
    const permutation = keyedPermutation(KEY, 103);
    const before = range(0, 10).map(permutation);
    const first = allShards(alone)[0]!;
    expect(itemsOf(alone)(first)).toEqual(before);
    expect(
      itemsOf(
        jobOfLots([
          [103, 10],
          [7, 3],
        ]),
      )(first),
    ).toEqual(before);
  });

  it('two of one size are shuffled differently', () => {
    const job = jobOfLots([
      [100, 100],
      [100, 100],
    ]);
    const [one, two] = allShards(job).map(itemsOf(job));
    expect(two!.map((item) => item - 100)).not.toEqual(one);
  });

  it('items of two lots at once, or a shard outside of the job, are a bug', () => {
    const job = jobOfLots([
      [10, 10],
      [5, 5],
    ]);
    expect(() => lotOfItems(job, [9, 10])).toThrow(BugError);
    expect(() => lotOfItems(job, [10, 9])).toThrow(BugError);
    expect(() => lotOfItems(job, [15])).toThrow(BugError);
    expect(() => itemsOf(job)({ index: 0, items: 11 })).toThrow(BugError);
    expect(() => itemsOf(job)({ index: 2, items: 1 })).toThrow(BugError);
  });
});
