/**
 * reduce@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on the CPU and
 * what `shader.ts` composes on the GPU. Sums that are equal bit for bit are another kernel, `reduceExact`.
 */
import * as z from 'zod/mini';
import { MAX_ITEM_BYTES } from '../../shared/limits.ts';
import type { KernelManifest } from '../manifest.ts';
import { reduceVariants } from './variants.ts';

/** F32 values of one item. */
export const MAX_REDUCE_LENGTH = MAX_ITEM_BYTES / 4;
export const REDUCE_OPERATIONS = ['sum', 'norm'] as const;

/** Lanes of one workgroup of the registers family, which are threads on their own. */
const WORKGROUP_LANES = 64;
/** Below this a lane is too short to pay for its place in the second pass. */
const MIN_VALUES_PER_LANE = 64;
/** One thread adds up a row's lanes in the second pass. */
const MAX_LANES_PER_ITEM = 1024;
/** Threads of one workgroup that shares memory, and the most such workgroups of one item. */
const WORKGROUP_THREADS = 256;
const MIN_VALUES_PER_THREAD = 8;
const MAX_GROUPS_PER_ITEM = WORKGROUP_THREADS;
/** Two additions and a magnitude, or a square and an addition. */
const FLOPS_PER_VALUE = 3;
/** Sum and magnitude of a lane, as f32. */
const PARTIAL_BYTES = 8;

export const reduceParams = z.strictObject({
  length: z.int().check(z.minimum(1), z.maximum(MAX_REDUCE_LENGTH)),
  operation: z.enum(REDUCE_OPERATIONS),
});

export type ReduceParams = z.infer<typeof reduceParams>;

/** Values of `result`. */
export const resultLength = ({ operation }: Pick<ReduceParams, 'operation'>): number =>
  operation === 'sum' ? 2 : 1;

export const reduceManifest: KernelManifest<ReduceParams> = {
  name: 'reduce',
  version: 1,
  explanation:
    'One number of many: `sum` gives the sum of an item’s values and, beside it, the sum of their ' +
    'magnitudes; `norm` gives the Euclidean norm. Threads add up strided shares of the item, a second pass ' +
    'adds up the shares. A sum whose terms nearly cancel is uncertain by about 1e-7 of the sum of magnitudes ' +
    'in any f32 arithmetic: results are therefore compared on that scale, which is why it is returned. ' +
    'Values must be finite; for `norm` they should lie within 1e-16 and 1e15, so that their squares and the ' +
    'sum of these stay inside f32. Use reduceExact for sums that must be equal bit for bit, maxima and ' +
    'their places.',
  source:
    'N. Higham, "The accuracy of floating point summation", SIAM J. Sci. Comput. 14 (1993); ' +
    'M. Harris, "Optimizing parallel reduction in CUDA" (2007)',
  params: reduceParams,
  inputs: ({ length }) => ({ x: { dtype: 'F32', dims: [length] } }),
  outputs: (params) => ({
    /** The sum and the sum of magnitudes, or the norm. */
    result: { dtype: 'F32', dims: [resultLength(params)] },
  }),
  flopsPerItem: ({ length }) => FLOPS_PER_VALUE * length,
  bytesPerItem: (params) => 4 * (params.length + resultLength(params)),
  verification: 'sampled',
  /**
   * Measured against f64, on the scale of the sum of magnitudes or of the norm: 1e-7 on noise, and 9e-7 on 2^21 equal
   * values, where roundings gather. Inputs rounded to half precision move a result by 1e-5 at 300 values, 1e-6 at
   * 30,000 and 2e-7 at a million, because their roundings cancel: long sums of cheap inputs are not refused.
   */
  acceptance: {
    kind: 'relative-l2',
    maxRelativeL2: 5e-6,
    maxElementError: 1e-5,
    nonFinite: 'refuse',
  },
  variants: (_, traits) => reduceVariants(traits),
  plan: (params, { rows, strides }, { family }) => {
    const { length } = params;
    const constants = {
      LENGTH: length,
      STRIDE: strides['x']!,
      IS_NORM: Number(resultLength(params) === 1),
    };
    const bindings = [
      { name: 'x', access: 'read' },
      { name: 'partials', access: 'read-write' },
      { name: 'result', access: 'read-write' },
    ] as const;
    if (family === 'registers') {
      const lanes = Math.min(Math.ceil(length / MIN_VALUES_PER_LANE), MAX_LANES_PER_ITEM);
      const perLane = Math.ceil(length / lanes);
      return {
        bindings,
        scratchBytes: { partials: PARTIAL_BYTES * lanes * rows },
        passes: [
          {
            entryPoint: 'partial',
            workgroups: [Math.ceil(lanes / WORKGROUP_LANES), 1, rows],
            constants: { ...constants, LANES: lanes },
            flopsPerWorkgroup: Math.min(lanes, WORKGROUP_LANES) * perLane * FLOPS_PER_VALUE,
          },
          {
            entryPoint: 'total',
            workgroups: [Math.ceil(rows / WORKGROUP_LANES), 1, 1],
            constants: { IS_NORM: constants.IS_NORM, LANES: lanes },
            flopsPerWorkgroup: Math.min(rows, WORKGROUP_LANES) * lanes * 2,
          },
        ],
      };
    }
    const perGroup = WORKGROUP_THREADS * MIN_VALUES_PER_THREAD;
    const groups = Math.min(Math.ceil(length / perGroup), MAX_GROUPS_PER_ITEM);
    return {
      bindings,
      scratchBytes: { partials: PARTIAL_BYTES * groups * rows },
      passes: [
        {
          entryPoint: 'partial',
          workgroups: [groups, 1, rows],
          constants: { ...constants, GROUPS: groups },
          flopsPerWorkgroup: Math.ceil(length / groups) * FLOPS_PER_VALUE + 2 * WORKGROUP_THREADS,
        },
        {
          entryPoint: 'total',
          workgroups: [1, 1, rows],
          constants: { IS_NORM: constants.IS_NORM, GROUPS: groups },
          flopsPerWorkgroup: 2 * (groups + WORKGROUP_THREADS),
        },
      ],
    };
  },
};
