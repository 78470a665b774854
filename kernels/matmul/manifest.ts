/**
 * matmul@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on
 * the CPU and `matmul.wgsl` on the GPU.
 */
import * as z from 'zod/mini';
import { MAX_ITEM_BYTES } from '../../shared/limits.ts';
import type { KernelManifest } from '../manifest.ts';
import { denseView } from '../products.ts';

/** Longest side of a matrix. The inner one bounds the rounding that `acceptance` allows for. */
export const MAX_MATMUL_SIDE = 4096;
/** f32 values of one matrix: 8 MiB, so that each matrix fits one assignment. */
export const MAX_MATMUL_ELEMENTS = MAX_ITEM_BYTES / 4;

/** Threads of a workgroup along each axis, and the outputs along each axis of one thread. */
const WORKGROUP_SIDE = 8;
const TILE_SIDE = 8;
const OUTPUTS_PER_WORKGROUP_SIDE = WORKGROUP_SIDE * TILE_SIDE;

const side = z.int().check(z.minimum(1), z.maximum(MAX_MATMUL_SIDE));

export const matmulParams = z
  .strictObject({
    /** Rows of a and c. */
    m: side,
    /** Columns of a, rows of b. */
    k: side,
    /** Columns of b and c. */
    n: side,
  })
  .check(
    z.refine(
      ({ m, k, n }) => Math.max(m * k, k * n, m * n) <= MAX_MATMUL_ELEMENTS,
      `expected at most ${MAX_MATMUL_ELEMENTS} values in each of a [m,k], b [k,n] and c [m,n]`,
    ),
  );

export type MatmulParams = z.infer<typeof matmulParams>;

export const matmulManifest: KernelManifest<MatmulParams> = {
  name: 'matmul',
  version: 1,
  explanation:
    'The matrix product c = a b of two dense f32 matrices, one product per item. For batches of ' +
    'projections, similarities and linear layers; give the matrix that all items share as a constant. ' +
    'Each GPU thread keeps an 8 x 8 tile of c in registers, without shared memory or barriers: ' +
    'barriers cost a software adapter 10 to 100 times the arithmetic.',
  source:
    'Register tiling after V. Volkov and J. Demmel, "Benchmarking GPUs to tune dense linear algebra", SC 2008',
  params: matmulParams,
  inputs: ({ m, k, n }) => ({
    a: { dtype: 'F32', dims: [m, k] },
    b: { dtype: 'F32', dims: [k, n] },
  }),
  outputs: ({ m, n }) => ({ c: { dtype: 'F32', dims: [m, n] } }),
  flopsPerItem: ({ m, k, n }) => 2 * m * k * n,
  bytesPerItem: ({ m, k, n }) => 4 * (m * k + k * n + m * n),
  verification: 'algebraic',
  products: ({ m, k, n }) => [
    { left: denseView('a', m, k), right: denseView('b', k, n), output: denseView('c', m, n) },
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
  plan: ({ m, k, n }, { rows, strides }) => ({
    bindings: [
      { name: 'a', access: 'read' },
      { name: 'b', access: 'read' },
      { name: 'c', access: 'read-write' },
    ],
    scratchBytes: {},
    passes: [
      {
        entryPoint: 'tile8',
        workgroups: [
          Math.ceil(n / OUTPUTS_PER_WORKGROUP_SIDE),
          Math.ceil(m / OUTPUTS_PER_WORKGROUP_SIDE),
          rows,
        ],
        constants: { M: m, K: k, N: n, A_STRIDE: strides['a']!, B_STRIDE: strides['b']! },
        flopsPerWorkgroup:
          2 * k * Math.min(m, OUTPUTS_PER_WORKGROUP_SIDE) * Math.min(n, OUTPUTS_PER_WORKGROUP_SIDE),
      },
    ],
  }),
};
