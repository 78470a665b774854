/** matmulInt8@1: around the tiles, both layouts of both sides, the least bytes in the longest sums. */
import type { KernelCase } from '../testing/cases.ts';

export const matmulInt8Cases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { m: 5, k: 8, n: 12 }, items: 3 },
  { params: { m: 1, k: 4, n: 4 }, items: 2 },
  ...[false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => ({
      params: { m: 68, k: 12, n: 36, transposeA, transposeB },
      items: 2,
    })),
  ),
  { params: { m: 67, k: 20, n: 68 }, items: 2, constant: ['b'] },
  { params: { m: 4, k: 20, n: 8 }, items: 3, constant: ['a'] },
  // 2^14 each time.
  { params: { m: 2, k: 4096, n: 4 }, items: 1, value: () => -128 },
];
