/**
 * sort@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on the CPU and
 * `sort.wgsl` on the GPU, equal bit for bit.
 *
 * Invariant: every pass over a digit keeps the order of equal digits, so the whole is stable; its result is the only
 * right one, and exact.
 */
import * as z from 'zod/mini';
import type { KernelManifest } from '../manifest.ts';
import type { KernelPass } from '../plan.ts';

/** Keys of one item: half of what an item may have in bytes, because values may come beside them. */
export const MAX_SORT_LENGTH = 2 ** 20;
export const SORT_KEY_BITS = [8, 16, 24, 32] as const;
export const SORT_VALUES = ['none', 'given', 'places'] as const;

/** Digits of 8 bits: half the passes of 4 bits, for counters that still lie in a processor's nearest cache. */
const DIGIT_BITS = 8;
const DIGITS = 2 ** DIGIT_BITS;
const WORKGROUP_LANES = 64;
/** Of loads and stores. */
const KEYS_PER_WORKGROUP = 16 * WORKGROUP_LANES;
/** As many counters are cleared, scanned and offset for each lane: a quarter of its work at this length. */
const MIN_KEYS_PER_LANE = 1024;
const MAX_LANES_PER_ITEM = 1024;
/** A digit is extracted, its counter read and written. */
const FLOPS_PER_COUNT = 4;
/** As above; then the key is turned and both words are stored. */
const FLOPS_PER_SCATTER = 8;

export const sortParams = z.strictObject({
  length: z.int().check(z.minimum(1), z.maximum(MAX_SORT_LENGTH)),
  descending: z._default(z.boolean(), false),
  /** Keys are ordered by as many of their lower bits; the others travel along. */
  keyBits: z._default(z.literal(SORT_KEY_BITS), 32),
  /** What travels with the keys: nothing, words that are given, or where each key was. */
  values: z._default(z.enum(SORT_VALUES), 'none'),
});

export type SortParams = z.infer<typeof sortParams>;

export const sortManifest: KernelManifest<SortParams> = {
  name: 'sort',
  version: 1,
  explanation:
    'Sorts up to a million unsigned 32-bit keys, ascending or descending, alone, with a word of their own, or with ' +
    'the place where each was (`places`: what to gather anything else by). Equal keys keep their order, so the ' +
    'result is equal bit for bit on every device. A radix sort by 8 bits at a time: each lane counts the digits of ' +
    'its share, the counts are added up to places, and each lane moves its keys there in order. Floats sort as the ' +
    'integers of their bits once negative ones are inverted and the sign of the others is set.',
  source:
    'M. Zagha, G. Blelloch, "Radix sort for vector multiprocessors", SC 1991; ' +
    'N. Satish, M. Harris, M. Garland, "Designing efficient sorting algorithms for manycore GPUs", IPDPS 2009',
  params: sortParams,
  inputs: ({ length, values }) => ({
    keys: { dtype: 'U32', dims: [length] },
    ...(values === 'given' ? { values: { dtype: 'U32', dims: [length] } as const } : {}),
  }),
  outputs: ({ length, values }) => ({
    sortedKeys: { dtype: 'U32', dims: [length] },
    /** The keys' values in the keys' order, or where each of the keys was. */
    ...(values === 'none' ? {} : { sortedValues: { dtype: 'U32', dims: [length] } as const }),
  }),
  flopsPerItem: ({ length, keyBits }) =>
    (keyBits / DIGIT_BITS) * length * (FLOPS_PER_COUNT + FLOPS_PER_SCATTER),
  bytesPerItem: ({ length, values }) => 4 * length * { none: 2, places: 3, given: 4 }[values],
  verification: 'exact',
  acceptance: { kind: 'exact', nonFinite: 'refuse' },
  plan: ({ length, descending, keyBits, values }, { rows, strides }) => {
    const lanes = Math.min(Math.ceil(length / MIN_KEYS_PER_LANE), MAX_LANES_PER_ITEM);
    const perLane = Math.ceil(length / lanes);
    const shape = { LENGTH: length, LANES: lanes };
    const flip = { FLIP: descending ? 0xffffffff : 0 };
    const overKeys = {
      workgroups: [Math.ceil(length / KEYS_PER_WORKGROUP), 1, rows],
      flopsPerWorkgroup: Math.min(length, KEYS_PER_WORKGROUP) * 4,
    } as const;
    const overLanes = (entryPoint: string, half: number, flopsPerKey: number): KernelPass => ({
      entryPoint,
      workgroups: [Math.ceil(lanes / WORKGROUP_LANES), 1, rows],
      constants: { ...shape, PER_LANE: perLane, HALF: half },
      flopsPerWorkgroup: Math.min(lanes, WORKGROUP_LANES) * (perLane * flopsPerKey + DIGITS),
    });
    const ranks: KernelPass = {
      entryPoint: 'ranks',
      workgroups: [DIGITS / WORKGROUP_LANES, 1, rows],
      constants: shape,
      flopsPerWorkgroup: WORKGROUP_LANES * lanes,
    };
    const starts: KernelPass = {
      entryPoint: 'starts',
      workgroups: [Math.ceil(rows / WORKGROUP_LANES), 1, 1],
      constants: shape,
      flopsPerWorkgroup: Math.min(rows, WORKGROUP_LANES) * DIGITS,
    };
    const digits = keyBits / DIGIT_BITS;
    // The keys of even digits lie in the lower half of the pairs, those of odd ones in the upper.
    const ofHalf = [0, 1].map((half) => [
      overLanes('count', half, FLOPS_PER_COUNT),
      ranks,
      starts,
      overLanes('scatter', half, FLOPS_PER_SCATTER),
    ]);
    return {
      bindings: [
        { name: 'keys', access: 'read' },
        { name: 'pairs', access: 'read-write' },
        { name: 'counts', access: 'read-write' },
        { name: 'digitStarts', access: 'read-write' },
        { name: 'sortedKeys', access: 'read-write' },
        ...(values === 'none' ? [] : [{ name: 'sortedValues', access: 'read-write' } as const]),
        ...(values === 'given' ? [{ name: 'values', access: 'read' } as const] : []),
      ],
      scratchBytes: {
        pairs: 2 * 8 * length * rows,
        counts: 4 * DIGITS * lanes * rows,
        digitStarts: 4 * DIGITS * rows,
      },
      passes: [
        {
          entryPoint: values === 'given' ? 'loadValues' : 'loadPlaces',
          constants: {
            LENGTH: length,
            KEYS_STRIDE: strides['keys']!,
            ...(values === 'given' ? { VALUES_STRIDE: strides['values']! } : {}),
            ...flip,
          },
          ...overKeys,
        },
        ...Array.from({ length: digits }, (_, digit) => ofHalf[digit % 2]!).flat(),
        {
          entryPoint: values === 'none' ? 'storeKeys' : 'storeBoth',
          constants: { LENGTH: length, HALF: digits % 2, TURN: keyBits % 32, ...flip },
          ...overKeys,
        },
      ],
    };
  },
};
