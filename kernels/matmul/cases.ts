/** matmul@1: both sides of every tile, and the longest sides. */
import type { KernelCase } from '../testing/cases.ts';
import { MAX_MATMUL_SIDE } from './manifest.ts';

export const matmulCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { m: 5, k: 7, n: 3 }, items: 3 },
  { params: { m: 1, k: 1, n: 1 }, items: 3 },
  { params: { m: 8, k: 8, n: 8 }, items: 2 },
  { params: { m: 9, k: 3, n: 17 }, items: 2 },
  { params: { m: 63, k: 65, n: 64 }, items: 2 },
  { params: { m: 65, k: 31, n: 129 }, items: 1 },
  { params: { m: 1, k: MAX_MATMUL_SIDE, n: 3 }, items: 2 },
  { params: { m: MAX_MATMUL_SIDE, k: 2, n: 1 }, items: 1 },
  { params: { m: 2, k: 1, n: MAX_MATMUL_SIDE }, items: 1 },
  { params: { m: 65, k: 17, n: 67, transposeB: true }, items: 2, isForAll: true },
  // Read four values at a time: around the tiles of 4 and 8, and of a workgroup.
  ...[
    [1, 4, 4],
    [4, 8, 12],
    [7, 12, 36],
    [65, 20, 68],
  ].flatMap(([m, k, n]) =>
    [false, true].map((transposeB) => ({ params: { m, k, n, transposeB }, items: 2 })),
  ),
  { params: { m: 8, k: 4, n: 4, transposeA: true }, items: 2 },
  { params: { m: 68, k: 12, n: 36, transposeA: true }, items: 2, constant: ['b'] },
  { params: { m: 12, k: 8, n: 20, transposeA: true, transposeB: true }, items: 2 },
  { params: { m: 9, k: 5, n: 17, transposeA: true }, items: 2 },
  { params: { m: 9, k: 5, n: 17, transposeB: true }, items: 2 },
  { params: { m: 9, k: 5, n: 17, transposeA: true, transposeB: true }, items: 2, constant: ['a'] },
  { params: { m: 5, k: 8, n: 12, dtype: 'f16' }, items: 3 },
  { params: { m: 68, k: 12, n: 36, dtype: 'f16', transposeA: true, transposeB: true }, items: 2 },
  { params: { m: 12, k: 20, n: 11 }, items: 5, constant: ['a'] },
  { params: { m: 12, k: 20, n: 11 }, items: 5, constant: ['b'] },
  { params: { m: 12, k: 20, n: 11 }, items: 5, constant: ['a', 'b'] },
  // Around the tiles of 16 that software adapters are offered for long sides.
  { params: { m: 257, k: 20, n: 276 }, items: 1 },
  { params: { m: 260, k: 8, n: 260, transposeA: true, transposeB: true }, items: 2 },
  // Sums that do not cancel.
  {
    params: { m: 16, k: MAX_MATMUL_SIDE, n: 16 },
    items: 1,
    value: (_, index) => 1 + (index % 89) / 89,
  },
];
