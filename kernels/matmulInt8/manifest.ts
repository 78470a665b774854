/**
 * matmulInt8@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on
 * the CPU and `../matrixProduct` on the GPU.
 */
import * as z from 'zod/mini';
import type { KernelManifest } from '../manifest.ts';
import { MAX_MATMUL_SIDE } from '../matmul/manifest.ts';
import { allowsVectors, packedVariants, productPlan } from '../matrixProduct/plan.ts';

const side = z.int().check(z.minimum(1), z.maximum(MAX_MATMUL_SIDE));

export const matmulInt8Params = z
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
  })
  .check(
    z.refine(
      allowsVectors,
      'expected k and n, and m where a is transposed, as multiples of 4: bytes are read four at a time; pad with zeros',
    ),
  );

export type MatmulInt8Params = z.infer<typeof matmulInt8Params>;

export const matmulInt8Manifest: KernelManifest<MatmulInt8Params> = {
  name: 'matmulInt8',
  version: 1,
  explanation:
    'The matrix product c = a b of two matrices of signed bytes, summed in 32-bit integers, so that it is equal bit for ' +
    'bit on every device: for quantized layers and exact similarities. A sum of 4096 products of the largest bytes is ' +
    '2^26, far inside 32 bits. Four bytes are one load; a thread keeps a tile of c in registers.',
  source:
    'B. Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only inference", ' +
    'CVPR 2018, arXiv:1712.05877; register tiles as in matmul@1',
  params: matmulInt8Params,
  inputs: ({ m, k, n, transposeA, transposeB }) => ({
    a: { dtype: 'I8', dims: transposeA ? [k, m] : [m, k] },
    b: { dtype: 'I8', dims: transposeB ? [n, k] : [k, n] },
  }),
  outputs: ({ m, n }) => ({ c: { dtype: 'I32', dims: [m, n] } }),
  flopsPerItem: ({ m, k, n }) => 2 * m * k * n,
  bytesPerItem: ({ m, k, n }) => m * k + k * n + 4 * m * n,
  verification: 'exact',
  acceptance: { kind: 'exact', nonFinite: 'refuse' },
  variants: () => packedVariants,
  plan: productPlan,
};
