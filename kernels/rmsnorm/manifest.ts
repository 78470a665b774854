/**
 * rmsnorm@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on
 * the CPU and `shader.ts` on the GPU. Sizes and their limits are those of layernorm@1.
 */
import { normParams, type NormParams } from '../layernorm/manifest.ts';
import type { KernelManifest } from '../manifest.ts';
import { rowPlan, rowVariants } from '../rows.ts';

/** Square and sum, scale, scale. */
const FLOPS_PER_VALUE = 4;

export const rmsnormManifest: KernelManifest<NormParams> = {
  name: 'rmsnorm',
  version: 1,
  explanation:
    'Root mean square normalization of every row of a matrix: x / sqrt(mean of x^2 + epsilon) times a scale ' +
    'for each column, without a mean or a bias. What most language models since 2023 have in place of layer ' +
    'normalization.',
  source:
    'B. Zhang, R. Sennrich, "Root mean square layer normalization", NeurIPS 2019, arXiv:1910.07467',
  params: normParams,
  inputs: ({ rows, columns }) => ({
    x: { dtype: 'F32', dims: [rows, columns] },
    scale: { dtype: 'F32', dims: [columns] },
  }),
  outputs: ({ rows, columns }) => ({ y: { dtype: 'F32', dims: [rows, columns] } }),
  flopsPerItem: ({ rows, columns }) => rows * columns * FLOPS_PER_VALUE,
  bytesPerItem: ({ rows, columns }) => 4 * (2 * rows + 1) * columns,
  verification: 'sampled',
  /** Measured over the cases, 5e-8 to 1e-7 against f64. Inputs rounded to f16 move it by 2e-4 and more. */
  acceptance: {
    kind: 'relative-l2',
    maxRelativeL2: 1e-5,
    maxElementError: 1e-4,
    nonFinite: 'refuse',
  },
  variants: rowVariants,
  plan: (params, shape, variant) =>
    rowPlan(params, shape, variant, {
      inputs: ['x', 'scale'],
      constants: { EPSILON: Math.fround(params.epsilon) },
      flopsPerValue: FLOPS_PER_VALUE,
    }),
};
