/**
 * matvec@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on
 * the CPU and `shader.ts` on the GPU.
 *
 * Invariant of the plan: a thread takes a few items at once where they share the matrix, and then does for each of them what
 * it would do for it alone, in the same order.
 */
import * as z from 'zod/mini';
import { MAX_ITEM_BYTES } from '../../shared/limits.ts';
import type { KernelManifest } from '../manifest.ts';
import type { DispatchPlan, KernelPass } from '../plan.ts';
import { denseView } from '../products.ts';
import { widthFor } from '../vectorValues.ts';
import { REGISTER_THREADS, ROWS_AT_ONCE, matvecVariants } from './variants.ts';

/** Longest side of the matrix. Its columns bound the rounding that `acceptance` allows for. */
export const MAX_MATVEC_SIDE = 16_384;
/** f32 values of one matrix: 8 MiB, so that it fits one assignment. */
export const MAX_MATVEC_ELEMENTS = MAX_ITEM_BYTES / 4;

const side = z.int().check(z.minimum(1), z.maximum(MAX_MATVEC_SIDE));

export const matvecParams = z
  .strictObject({
    /** Rows of a, values of y. */
    m: side,
    /** Columns of a, values of x. */
    k: side,
  })
  .check(
    z.refine(
      ({ m, k }) => m * k <= MAX_MATVEC_ELEMENTS,
      `expected at most ${MAX_MATVEC_ELEMENTS} values in a [m,k]`,
    ),
  );

export type MatvecParams = z.infer<typeof matvecParams>;

export const matvecManifest: KernelManifest<MatvecParams> = {
  name: 'matvec',
  version: 1,
  explanation:
    'The product y = a x of a dense f32 matrix and a vector, one product per item. For linear layers of ' +
    'single samples, projections and iterative solvers; give the matrix as a constant where all items share ' +
    'it, and every value of it is read for several items at once. A bias is one more column of a, beside a 1 ' +
    'at the end of x: so the whole output stays a product that can be checked.',
  source:
    'Splitting of the inner axis after R. Nath, S. Tomov, T. Dong, J. Dongarra, "Optimizing symmetric dense ' +
    'matrix-vector multiplication on GPUs", SC 2011',
  params: matvecParams,
  inputs: ({ m, k }) => ({
    a: { dtype: 'F32', dims: [m, k] },
    x: { dtype: 'F32', dims: [k] },
  }),
  outputs: ({ m }) => ({ y: { dtype: 'F32', dims: [m] } }),
  flopsPerItem: ({ m, k }) => 2 * m * k,
  bytesPerItem: ({ m, k }) => 4 * (m * k + k + m),
  verification: 'algebraic',
  products: ({ m, k }) => [
    { left: denseView('a', m, k), right: denseView('x', k, 1), output: denseView('y', m, 1) },
  ],
  /**
   * Honest f32 sums of k terms in any order differ by about sqrt(k/3) 2^-24 of the result: 4.4e-6 at
   * k = 16384; measured over the cases, 6e-8 to 1.3e-6. Inputs rounded to
   * f16 move it by 2e-4 and more. 3e-5 lies between. One element may sit 5 deviations out.
   */
  acceptance: {
    kind: 'relative-l2',
    maxRelativeL2: 3e-5,
    maxElementError: 1.5e-4,
    nonFinite: 'refuse',
  },
  variants: matvecVariants,
  plan: ({ m, k }, { rows, strides }, { family, options }): DispatchPlan => {
    const isShared = strides['a'] === 0;
    const entryPoint = isShared ? 'oneMatrix' : 'ownMatrix';
    const width = widthFor(k);
    const vectors = isShared ? options['vectors']! : 1;
    const constants = {
      M: m,
      A_STRIDE: strides['a']! / width,
      X_STRIDE: strides['x']! / width,
    };
    const io = [
      { name: 'a', access: 'read' },
      { name: 'x', access: 'read' },
      { name: 'y', access: 'read-write' },
    ] as const;
    const flops = 2 * Math.min(m, ROWS_AT_ONCE) * vectors;
    if (family !== 'registers') {
      const product: KernelPass = {
        entryPoint,
        workgroups: [Math.ceil(m / ROWS_AT_ONCE), 1, Math.ceil(rows / vectors)],
        constants,
        flopsPerWorkgroup: flops * k,
      };
      return { bindings: io, scratchBytes: {}, passes: [product] };
    }
    const parts = options['parts']!;
    const threads = Math.ceil(m / ROWS_AT_ONCE);
    const product: KernelPass = {
      entryPoint,
      workgroups: [Math.ceil(threads / REGISTER_THREADS), parts, Math.ceil(rows / vectors)],
      constants,
      flopsPerWorkgroup: flops * Math.min(threads, REGISTER_THREADS) * Math.ceil(k / parts),
    };
    if (parts === 1) return { bindings: io, scratchBytes: {}, passes: [product] };
    const sum: KernelPass = {
      entryPoint: 'addParts',
      workgroups: [Math.ceil((rows * m) / REGISTER_THREADS), 1, 1],
      constants: {},
      flopsPerWorkgroup: Math.min(m, REGISTER_THREADS) * parts,
    };
    return {
      bindings: [...io, { name: 'parts', access: 'read-write' }],
      scratchBytes: { parts: 4 * parts * rows * m },
      passes: [product, sum],
    };
  },
};
