/** scan@1: both sides of a chunk, of a workgroup of chunks, of the most chunks; noise wraps many times. */
import type { KernelCase } from '../testing/cases.ts';

const both = (length: number, items: number, constant: readonly string[] = []): KernelCase[] => [
  { params: { length, dtype: 'U32', inclusive: true }, items, constant },
  { params: { length, dtype: 'I32', inclusive: false }, items, constant },
];

export const scanCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { length: 200 }, items: 3 },
  { params: { length: 200, inclusive: false }, items: 3 },
  ...[1, 64, 65, 127, 4096, 4097, 65_535, 65_537].flatMap((length) => both(length, 2)),
  ...both(130, 131),
  ...both(1009, 3, ['x']),
  ...both(131_101, 1),
];
