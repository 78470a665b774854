/**
 * reduceExact@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on the CPU
 * and the modules beside it on the GPU.
 *
 * Invariant: floats are read as their bits and never computed with, so every adapter gives the same results, whatever
 * it does with subnormals, NaN and the order of a sum.
 */
import * as z from 'zod/mini';
import { MAX_ITEM_BYTES } from '../../shared/limits.ts';
import type { TensorSpec } from '../../shared/tensor.ts';
import type { KernelManifest } from '../manifest.ts';

/** F32 values of one item. A sum of as many 32-bit integers has 53 bits. */
export const MAX_REDUCE_EXACT_LENGTH = MAX_ITEM_BYTES / 4;
export const REDUCE_EXACT_OPERATIONS = ['sum', 'max', 'min'] as const;
/** Of `fractionBits`: any value but the smallest few of f32 can be given its 24 bits. */
export const MAX_FRACTION_BITS = 64;

const WORKGROUP_LANES = 64;
/** Below this a lane is too short to pay for its place in the second pass. */
const MIN_VALUES_PER_LANE = 64;
/** One thread goes through a row's lanes in the second pass; a lane's sums are made for 2^11 values at most. */
const MAX_LANES_PER_ITEM = 1024;
/** To round a value to an integer, and to add it in two words; to make a value's key, and to compare it. */
const FLOPS_PER_VALUE = { sum: 20, max: 8, min: 8 } as const;
/** Low word, high word, and how many were too large; or a key and its place. */
const PARTIAL_BYTES = { sum: 16, max: 8, min: 8 } as const;

export const reduceExactParams = z.strictObject({
  length: z.int().check(z.minimum(1), z.maximum(MAX_REDUCE_EXACT_LENGTH)),
  operation: z.enum(REDUCE_EXACT_OPERATIONS),
  /** Of `sum`: values count in multiples of 2^-fractionBits. */
  fractionBits: z._default(
    z.int().check(z.minimum(-MAX_FRACTION_BITS), z.maximum(MAX_FRACTION_BITS)),
    16,
  ),
});

export type ReduceExactParams = z.infer<typeof reduceExactParams>;

export const reduceExactManifest: KernelManifest<ReduceExactParams> = {
  name: 'reduceExact',
  version: 1,
  explanation:
    'Sums, maxima and minima of f32 values that are equal bit for bit on every device. `sum` rounds each value ' +
    'to a multiple of 2^-fractionBits (ties to even) and adds up the integers in 64 bits: the sum is ' +
    'total / 2^fractionBits, whatever the order. A value of 2^(31 - fractionBits) or more counts as the largest ' +
    'below that, NaN as zero, and `saturated` says how many of both there were. `max` and `min` give the value ' +
    'and the place of the first one that no other exceeds; zeros of both signs are equal, and NaN comes before ' +
    'all numbers.',
  source:
    'J. Demmel, H. D. Nguyen, "Parallel reproducible summation", IEEE Trans. Comput. 64 (2015): fixed-point sums ' +
    'as the simplest of order-independent ones; IEEE 754-2019, section 5.10 (order of bits)',
  params: reduceExactParams,
  inputs: ({ length }) => ({ x: { dtype: 'F32', dims: [length] } }),
  outputs: ({ operation }): Readonly<Record<string, TensorSpec>> =>
    operation === 'sum'
      ? { total: { dtype: 'I64', dims: [] }, saturated: { dtype: 'U32', dims: [] } }
      : { value: { dtype: 'F32', dims: [] }, place: { dtype: 'U32', dims: [] } },
  flopsPerItem: ({ length, operation }) => FLOPS_PER_VALUE[operation] * length,
  bytesPerItem: ({ length, operation }) => 4 * length + (operation === 'sum' ? 12 : 8),
  verification: 'exact',
  /** An extreme value may be an infinity or NaN where the item has one: then its bits are the answer. */
  acceptance: { kind: 'exact', nonFinite: 'data' },
  plan: ({ length, operation, fractionBits }, { rows, strides }) => {
    const lanes = Math.min(Math.ceil(length / MIN_VALUES_PER_LANE), MAX_LANES_PER_ITEM);
    const flopsPerLane = Math.ceil(length / lanes) * FLOPS_PER_VALUE[operation];
    const outputs = operation === 'sum' ? ['total', 'saturated'] : ['value', 'place'];
    const shape = { STRIDE: strides['x']!, LANES: lanes };
    const ofOperation: Readonly<Record<string, number>> =
      operation === 'sum'
        ? { FRACTION_BITS: fractionBits }
        : { IS_MIN: Number(operation === 'min') };
    return {
      bindings: [
        { name: 'x', access: 'read' },
        { name: 'partials', access: 'read-write' },
        ...outputs.map((name) => ({ name, access: 'read-write' }) as const),
      ],
      scratchBytes: { partials: PARTIAL_BYTES[operation] * lanes * rows },
      passes: [
        {
          entryPoint: 'partial',
          workgroups: [Math.ceil(lanes / WORKGROUP_LANES), 1, rows],
          constants: { ...shape, ...ofOperation, LENGTH: length },
          flopsPerWorkgroup: Math.min(lanes, WORKGROUP_LANES) * flopsPerLane,
        },
        {
          entryPoint: 'whole',
          workgroups: [Math.ceil(rows / WORKGROUP_LANES), 1, 1],
          constants: shape,
          flopsPerWorkgroup: Math.min(rows, WORKGROUP_LANES) * lanes * 4,
        },
      ],
    };
  },
};
