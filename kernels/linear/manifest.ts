/**
 * linear@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on
 * the CPU and `../matrixProduct` on the GPU.
 */
import * as z from 'zod/mini';
import type { KernelManifest } from '../manifest.ts';
import { MAX_MATMUL_SIDE } from '../matmul/manifest.ts';
import { productPlan, productVariants, type ProductSides } from '../matrixProduct/plan.ts';

const side = z.int().check(z.minimum(1), z.maximum(MAX_MATMUL_SIDE));

export const LINEAR_ACTIVATIONS = ['none', 'relu', 'gelu', 'silu'] as const;

export const linearParams = z.strictObject({
  /** Rows of x: samples, tokens. */
  rows: side,
  /** Features that come in: columns of x, rows of the weights. */
  inFeatures: side,
  /** Features that go out: columns of the weights. */
  outFeatures: side,
  /** The weights lie as [outFeatures,inFeatures], as PyTorch keeps them. */
  transposeWeights: z._default(z.boolean(), false),
  activation: z._default(z.enum(LINEAR_ACTIVATIONS), 'none'),
});

export type LinearParams = z.infer<typeof linearParams>;

const sidesOf = (params: LinearParams): ProductSides => ({
  m: params.rows,
  k: params.inFeatures,
  n: params.outFeatures,
  transposeA: false,
  transposeB: params.transposeWeights,
});

/** Of one activation, about. */
const FLOPS_PER_ACTIVATION = 8;

export const linearManifest: KernelManifest<LinearParams> = {
  name: 'linear',
  version: 1,
  explanation:
    'A linear layer with its activation: y = activation(x w + bias), in one pass over the product. Activations are ' +
    'none, relu, silu, and gelu in its tanh form. The product is that of matmul@1; what follows costs no further ' +
    'reading or writing. Where the bare product is wanted, matmul@1 can be checked whole.',
  source:
    'D. Hendrycks, K. Gimpel, "Gaussian error linear units" (2016), arXiv:1606.08415; tiles as in matmul@1',
  params: linearParams,
  inputs: ({ rows, inFeatures, outFeatures, transposeWeights }) => ({
    x: { dtype: 'F32', dims: [rows, inFeatures] },
    weights: {
      dtype: 'F32',
      dims: transposeWeights ? [outFeatures, inFeatures] : [inFeatures, outFeatures],
    },
    bias: { dtype: 'F32', dims: [outFeatures] },
  }),
  outputs: ({ rows, outFeatures }) => ({ y: { dtype: 'F32', dims: [rows, outFeatures] } }),
  flopsPerItem: ({ rows, inFeatures, outFeatures, activation }) =>
    rows * outFeatures * (2 * inFeatures + 1 + (activation === 'none' ? 0 : FLOPS_PER_ACTIVATION)),
  bytesPerItem: ({ rows, inFeatures, outFeatures }) =>
    4 * (rows * inFeatures + inFeatures * outFeatures + outFeatures + rows * outFeatures),
  verification: 'sampled',
  /**
   * As matmul@1: sums of k terms differ by about sqrt(k/3) 2^-24, activations add 1e-7. Inputs rounded to half precision
   * move a result by 2e-4 and more.
   */
  acceptance: {
    kind: 'relative-l2',
    maxRelativeL2: 2e-5,
    maxElementError: 1e-4,
    nonFinite: 'refuse',
  },
  variants: (params, traits) => productVariants(sidesOf(params), traits),
  plan: (params, shape, variant) =>
    productPlan(sidesOf(params), shape, variant, {
      names: { a: 'x', b: 'weights', c: 'y' },
      more: [{ name: 'bias', access: 'read' }],
      constants: { BIAS_STRIDE: shape.strides['bias']! },
    }),
};
