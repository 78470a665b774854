/** transpose@1: both sides of blocks and tiles, long and narrow matrices, and values that arithmetic would lose. */
import type { KernelCase } from '../testing/cases.ts';
import { MAX_TRANSPOSE_SIDE } from './manifest.ts';

const HOSTILE = [NaN, Infinity, -Infinity, 1e-40, -0, 3.4e38, 1];

export const transposeCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { rows: 3, columns: 5 }, items: 3 },
  { params: { rows: 1, columns: 1 }, items: 2 },
  { params: { rows: 4, columns: 8 }, items: 3, constant: ['x'] },
  { params: { rows: 31, columns: 33 }, items: 2 },
  { params: { rows: 32, columns: 65 }, items: 2 },
  { params: { rows: 36, columns: 68 }, items: 2, constant: ['x'] },
  { params: { rows: 1, columns: MAX_TRANSPOSE_SIDE }, items: 1 },
  { params: { rows: MAX_TRANSPOSE_SIDE, columns: 2 }, items: 1 },
  { params: { rows: 8, columns: 12 }, items: 1, value: (_, i) => HOSTILE[i % 7]! },
  { params: { rows: 7, columns: 5 }, items: 1, value: (_, i) => HOSTILE[i % 7]! },
];
