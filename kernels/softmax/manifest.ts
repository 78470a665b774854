/**
 * softmax@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on
 * the CPU and `shader.ts` on the GPU.
 */
import * as z from 'zod/mini';
import { MAX_ITEM_BYTES } from '../../shared/limits.ts';
import type { KernelManifest } from '../manifest.ts';
import { rowPlan, rowVariants } from '../rows.ts';

/** Longest row; it bounds the rounding that `acceptance` allows for. */
export const MAX_SOFTMAX_COLUMNS = 65_536;
/** f32 values of one item: 8 MiB, so that it fits one assignment. */
export const MAX_SOFTMAX_ELEMENTS = MAX_ITEM_BYTES / 4;

/** Compare, subtract, exponential (as 4), add, scale. */
const FLOPS_PER_VALUE = 8;

export const softmaxParams = z
  .strictObject({
    rows: z.int().check(z.minimum(1), z.maximum(MAX_SOFTMAX_ELEMENTS / 2)),
    /** At least 2: the logarithm of a certainty is 0, of which no error is a small part. */
    columns: z.int().check(z.minimum(2), z.maximum(MAX_SOFTMAX_COLUMNS)),
    /** What y holds: shares of 1, or their natural logarithms, which do not underflow. */
    output: z._default(z.enum(['probabilities', 'logarithms']), 'probabilities'),
  })
  .check(
    z.refine(
      ({ rows, columns }) => rows * columns <= MAX_SOFTMAX_ELEMENTS,
      `expected at most ${MAX_SOFTMAX_ELEMENTS} values in x [rows,columns]`,
    ),
  );

export type SoftmaxParams = z.infer<typeof softmaxParams>;

export const softmaxManifest: KernelManifest<SoftmaxParams> = {
  name: 'softmax',
  version: 1,
  explanation:
    'Softmax of every row of a matrix, exp(x) over the sum of exp(x) along the last axis, or its logarithm. ' +
    'For classifiers, attention weights and mixtures. The largest value of a row is subtracted first, so ' +
    'nothing overflows. Every value must be finite: mask by a large negative number, as -1e30.',
  source:
    'M. Milakov, N. Gimelshein, "Online normalizer calculation for softmax" (2018), arXiv:1805.02867, for ' +
    'rows measured in parts',
  params: softmaxParams,
  inputs: ({ rows, columns }) => ({ x: { dtype: 'F32', dims: [rows, columns] } }),
  outputs: ({ rows, columns }) => ({ y: { dtype: 'F32', dims: [rows, columns] } }),
  flopsPerItem: ({ rows, columns }) => rows * columns * FLOPS_PER_VALUE,
  bytesPerItem: ({ rows, columns }) => 8 * rows * columns,
  verification: 'sampled',
  /**
   * WGSL's exp is within 3 + 2 |x| units in the last place: 3e-6 of a term that is e^20 below the largest. Measured
   * over the cases, 5e-8 to 2e-7 against f64. Inputs within 1, rounded to f16, move probabilities by 1e-4 and logarithms,
   * which are larger, by 2e-5.
   */
  acceptance: {
    kind: 'relative-l2',
    maxRelativeL2: 5e-6,
    maxElementError: 1e-4,
    nonFinite: 'refuse',
  },
  variants: rowVariants,
  plan: (params, shape, variant) =>
    rowPlan(params, shape, variant, {
      inputs: ['x'],
      constants: {},
      flopsPerValue: FLOPS_PER_VALUE,
    }),
};
