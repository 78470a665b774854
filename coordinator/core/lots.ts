/**
 * The lots of a job: items that were posted together, the first with the job, others while it was held open.
 *
 * Lots lie one behind the other, in items and in shards, and never change. Invariant: an assignment is of one lot, its
 * probes included. Lots differ in the numbers of their items, so a host could tell probes of another lot from its
 * shard's own items.
 */
import { assert } from '../../shared/result.ts';
import { keyedPermutation, type Permutation } from './permutation.ts';
import type { Job, Lot, Shard } from './state.ts';

type Whole = Pick<Job, 'items' | 'shards' | 'stacked' | 'itemsPerShard' | 'added'>;

/** 0 for the first one. */
export const lotNumberOf = ({ added = [] }: Pick<Job, 'added'>, shardIndex: number): number =>
  1 + added.findLastIndex(({ firstShard }) => firstShard <= shardIndex);

export function lotAt(job: Whole, number: number): Lot {
  if (number > 0) return job.added![number - 1]!;
  const { stacked, itemsPerShard, added: [second] = [] } = job;
  const { firstItem: items, firstShard: shards } = second ?? {
    firstItem: job.items,
    firstShard: job.shards,
  };
  return { firstItem: 0, items, stacked, firstShard: 0, shards, itemsPerShard };
}

/** The lot that holds all of these items of one assignment. */
export function lotOfItems(job: Whole, items: readonly number[]): Lot {
  const { added = [] } = job;
  const number = 1 + added.findLastIndex(({ firstItem }) => firstItem <= items[0]!);
  const lot = lotAt(job, number);
  const end = lot.firstItem + lot.items;
  assert(
    items.every((item) => item >= lot.firstItem && item < end),
    'lotOfItems: items of several lots',
  );
  return lot;
}

/** The item indices of a shard, in the shard's own order. */
export type ItemsOf = (shard: Pick<Shard, 'index' | 'items'>) => number[];

/** Of a job as it is: whoever keeps it makes another one when a lot was added. */
export function itemsOf(job: Whole & Pick<Job, 'permutationKey'>): ItemsOf {
  const permutations: Permutation[] = [];
  return ({ index, items }) => {
    const number = lotNumberOf(job, index);
    const lot = lotAt(job, number);
    const key = number === 0 ? job.permutationKey : `${job.permutationKey}/lot/${number}`;
    const permutation = (permutations[number] ??= keyedPermutation(key, lot.items));
    const first = (index - lot.firstShard) * lot.itemsPerShard;
    assert(
      index - lot.firstShard < lot.shards && first + items <= lot.items,
      'itemsOf: the shard lies outside of the job',
    );
    return Array.from({ length: items }, (_, i) => lot.firstItem + permutation(first + i));
  };
}
