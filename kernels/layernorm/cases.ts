/** layernorm@1: both sides of four at once, of lanes and workgroups; long rows, rows far from zero, equal values. */
import type { KernelCase } from '../testing/cases.ts';
import { MAX_NORM_COLUMNS } from './manifest.ts';

export const layernormCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { rows: 3, columns: 10 }, items: 3, constant: ['scale', 'bias'] },
  { params: { rows: 1, columns: 1 }, items: 2 },
  { params: { rows: 2, columns: 3 }, items: 5, constant: ['x'] },
  { params: { rows: 67, columns: 16 }, items: 2, constant: ['scale', 'bias'] },
  { params: { rows: 5, columns: 127 }, items: 2, constant: ['bias'] },
  { params: { rows: 7, columns: 260, epsilon: 1e-12 }, items: 2, constant: ['scale', 'bias'] },
  { params: { rows: 2, columns: 257 }, items: 2 },
  { params: { rows: 1, columns: MAX_NORM_COLUMNS }, items: 1 },
  // Far from zero; equal values, of which only the bias remains.
  { params: { rows: 3, columns: 40 }, items: 1, value: (_, i) => 1e4 + (i % 11) },
  { params: { rows: 3, columns: 43 }, items: 1, value: () => 1234.567 },
];
