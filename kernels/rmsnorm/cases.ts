/** rmsnorm@1: both sides of four at once, of lanes and workgroups; long rows, and rows of nothing. */
import type { KernelCase } from '../testing/cases.ts';
import { MAX_NORM_COLUMNS } from '../layernorm/manifest.ts';

export const rmsnormCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { rows: 3, columns: 10 }, items: 3, constant: ['scale'] },
  { params: { rows: 1, columns: 1 }, items: 2 },
  { params: { rows: 2, columns: 3 }, items: 5, constant: ['x'] },
  { params: { rows: 67, columns: 16 }, items: 2, constant: ['scale'] },
  { params: { rows: 5, columns: 127 }, items: 2 },
  { params: { rows: 7, columns: 260, epsilon: 1e-12 }, items: 2, constant: ['scale'] },
  { params: { rows: 1, columns: MAX_NORM_COLUMNS }, items: 1 },
  { params: { rows: 3, columns: 43 }, items: 1, value: () => 0 },
];
