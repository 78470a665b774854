/**
 * matmul@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on
 * the CPU and `../matrixProduct` on the GPU.
 */
import * as z from 'zod/mini';
import type { KernelManifest } from '../manifest.ts';
import {
  allowsVectors,
  packedVariants,
  productPlan,
  productVariants,
} from '../matrixProduct/plan.ts';
import { denseView, transposedView } from '../products.ts';

/** Longest side of a matrix. The inner one bounds the rounding that `acceptance` allows for. */
export const MAX_MATMUL_SIDE = 4096;

const side = z.int().check(z.minimum(1), z.maximum(MAX_MATMUL_SIDE));

export const matmulParams = z
  .strictObject({
    /** Rows of a and c. */
    m: side,
    /** Columns of a, rows of b. */
    k: side,
    /** Columns of b and c. */
    n: side,
    /** a lies as [k,m]. */
    transposeA: z._default(z.boolean(), false),
    /** b lies as [n,k]. */
    transposeB: z._default(z.boolean(), false),
    /** Of a and b; c is f32 and summed in f32. */
    dtype: z._default(z.enum(['f32', 'f16']), 'f32'),
  })
  .check(
    z.refine(
      (params) => params.dtype === 'f32' || allowsVectors(params),
      'expected k and n, and m where a is transposed, as multiples of 4 for f16: it is read four values at a time',
    ),
  );

export type MatmulParams = z.infer<typeof matmulParams>;

const DTYPES = { f32: 'F32', f16: 'F16' } as const;

export const matmulManifest: KernelManifest<MatmulParams> = {
  name: 'matmul',
  version: 1,
  explanation:
    'The matrix product c = a b of two dense f32 matrices, one product per item. For batches of ' +
    'projections, similarities and linear layers; give the matrix that all items share as a constant. ' +
    'A GPU thread keeps a tile of c in registers; where workgroup memory is fast, a workgroup shares tiles of a and b. ' +
    'Barriers cost a software adapter 10 to 100 times the arithmetic, so there threads share nothing.',
  source:
    'Register tiling after V. Volkov and J. Demmel, "Benchmarking GPUs to tune dense linear algebra", SC 2008',
  params: matmulParams,
  inputs: ({ m, k, n, transposeA, transposeB, dtype }) => ({
    a: { dtype: DTYPES[dtype], dims: transposeA ? [k, m] : [m, k] },
    b: { dtype: DTYPES[dtype], dims: transposeB ? [n, k] : [k, n] },
  }),
  outputs: ({ m, n }) => ({ c: { dtype: 'F32', dims: [m, n] } }),
  flopsPerItem: ({ m, k, n }) => 2 * m * k * n,
  bytesPerItem: ({ m, k, n, dtype }) => (dtype === 'f16' ? 2 : 4) * (m * k + k * n) + 4 * m * n,
  verification: 'algebraic',
  products: ({ m, k, n, transposeA, transposeB }) => [
    {
      left: transposeA ? transposedView(denseView('a', k, m)) : denseView('a', m, k),
      right: transposeB ? transposedView(denseView('b', n, k)) : denseView('b', k, n),
      output: denseView('c', m, n),
    },
  ],
  /**
   * Honest f32 sums of k terms in any order differ by about sqrt(k/3) 2^-24 of the result: 2.2e-6 at
   * k = 4096. Inputs rounded to f16 or tf32 move it by 2e-4 and more. 2e-5 lies a decade from both. One
   * element may sit 5 deviations out: 1e-4 of the RMS. Products whose terms nearly all cancel are
   * beyond this rule (and beyond f32); the algebraic check scales by |a| |b| instead.
   */
  acceptance: {
    kind: 'relative-l2',
    maxRelativeL2: 2e-5,
    maxElementError: 1e-4,
    nonFinite: 'refuse',
  },
  variants: (params, traits) =>
    params.dtype === 'f16' ? packedVariants : productVariants(params, traits),
  plan: productPlan,
};
