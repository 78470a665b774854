/**
 * layernorm@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on
 * the CPU and `shader.ts` on the GPU.
 */
import * as z from 'zod/mini';
import { MAX_ITEM_BYTES } from '../../shared/limits.ts';
import type { KernelManifest } from '../manifest.ts';
import { rowPlan, rowVariants } from '../rows.ts';

/** Longest row of this kernel and of rmsnorm; it bounds the rounding that their `acceptance` allows for. */
export const MAX_NORM_COLUMNS = 65_536;
/** f32 values of one item: 8 MiB, so that it fits one assignment. */
export const MAX_NORM_ELEMENTS = MAX_ITEM_BYTES / 4;

/** Shift and sum, square and sum, shift, scale, scale, add. */
const FLOPS_PER_VALUE = 9;

/** Of this kernel and of rmsnorm. */
export const normParams = z
  .strictObject({
    rows: z.int().check(z.minimum(1), z.maximum(MAX_NORM_ELEMENTS)),
    columns: z.int().check(z.minimum(1), z.maximum(MAX_NORM_COLUMNS)),
    /** Added to the mean square: rows of equal values have none. */
    epsilon: z._default(z.number().check(z.minimum(1e-12), z.maximum(1)), 1e-5),
  })
  .check(
    z.refine(
      ({ rows, columns }) => rows * columns <= MAX_NORM_ELEMENTS,
      `expected at most ${MAX_NORM_ELEMENTS} values in x [rows,columns]`,
    ),
  );

export type NormParams = z.infer<typeof normParams>;

export const layernormManifest: KernelManifest<NormParams> = {
  name: 'layernorm',
  version: 1,
  explanation:
    'Layer normalization of every row of a matrix: (x - mean) / sqrt(variance + epsilon) times a scale plus a ' +
    'bias for each column; the variance is the mean of squares, undivided by n - 1. For transformer layers and ' +
    'features of unequal size. Values are taken from the first of their row, so that rows far from zero ' +
    'lose nothing.',
  source:
    'J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer normalization" (2016), arXiv:1607.06450; parts of a row are ' +
    'joined after T. Chan, G. Golub, R. LeVeque, "Algorithms for computing the sample variance" (1983)',
  params: normParams,
  inputs: ({ rows, columns }) => ({
    x: { dtype: 'F32', dims: [rows, columns] },
    scale: { dtype: 'F32', dims: [columns] },
    bias: { dtype: 'F32', dims: [columns] },
  }),
  outputs: ({ rows, columns }) => ({ y: { dtype: 'F32', dims: [rows, columns] } }),
  flopsPerItem: ({ rows, columns }) => rows * columns * FLOPS_PER_VALUE,
  bytesPerItem: ({ rows, columns }) => 8 * (rows + 1) * columns,
  verification: 'sampled',
  /**
   * Measured over the cases, 5e-8 to 2e-7 against f64. Inputs rounded to f16 move it by 2e-4 and more. Rows whose
   * spread is far below both epsilon and their first value's distance are beyond this rule (and beyond f32).
   */
  acceptance: {
    kind: 'relative-l2',
    maxRelativeL2: 1e-5,
    maxElementError: 1e-4,
    nonFinite: 'refuse',
  },
  variants: rowVariants,
  plan: (params, shape, variant) =>
    rowPlan(params, shape, variant, {
      inputs: ['x', 'scale', 'bias'],
      constants: { EPSILON: Math.fround(params.epsilon) },
      flopsPerValue: FLOPS_PER_VALUE,
    }),
};
