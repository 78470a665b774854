/** matvec@1: both sides of every tile and of four at once, the longest sides, and shared matrices. */
import type { KernelCase } from '../testing/cases.ts';
import { MAX_MATVEC_SIDE } from './manifest.ts';

export const matvecCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { m: 5, k: 7 }, items: 3 },
  { params: { m: 1, k: 1 }, items: 3 },
  { params: { m: 4, k: 8 }, items: 4, constant: ['a'] },
  { params: { m: 17, k: 31 }, items: 5, constant: ['a'] },
  { params: { m: 257, k: 36 }, items: 3, constant: ['a'] },
  { params: { m: 257, k: 36 }, items: 2, constant: ['x'] },
  { params: { m: 6, k: 255 }, items: 1 },
  { params: { m: 12, k: 256 }, items: 9, constant: ['a', 'x'] },
  { params: { m: 3, k: MAX_MATVEC_SIDE }, items: 2 },
  { params: { m: 3, k: 4097 }, items: 6, constant: ['a'] },
  { params: { m: MAX_MATVEC_SIDE, k: 1 }, items: 1 },
  { params: { m: MAX_MATVEC_SIDE, k: 4 }, items: 5, constant: ['a'] },
  // Equal terms, of which f32 sums drift.
  { params: { m: 9, k: MAX_MATVEC_SIDE - 1 }, items: 1, value: () => 0.1 },
  { params: { m: 9, k: 1024 }, items: 1, value: () => 0.1 },
];
