/** softmax@1: both sides of four at once, of lanes and workgroups; long rows, masks and far apart values. */
import type { KernelCase } from '../testing/cases.ts';
import { MAX_SOFTMAX_COLUMNS } from './manifest.ts';

const wide = (_: string, index: number) => Math.sin(index) * 40;

export const softmaxCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { rows: 3, columns: 10 }, items: 3 },
  { params: { rows: 1, columns: 2 }, items: 2 },
  { params: { rows: 2, columns: 3 }, items: 5, constant: ['x'] },
  { params: { rows: 67, columns: 16 }, items: 2 },
  { params: { rows: 5, columns: 127 }, items: 2, value: wide },
  { params: { rows: 7, columns: 260 }, items: 2, value: wide },
  { params: { rows: 2, columns: 257, output: 'logarithms' }, items: 2, value: wide },
  { params: { rows: 9, columns: 12, output: 'logarithms' }, items: 2 },
  { params: { rows: 1, columns: MAX_SOFTMAX_COLUMNS }, items: 1 },
  // Rows of equal values, far from zero; masked values.
  { params: { rows: 3, columns: 40 }, items: 1, value: () => 1e4 },
  { params: { rows: 4, columns: 20, output: 'logarithms' }, items: 1, value: (_, i) => 1e4 + i },
  { params: { rows: 4, columns: 21 }, items: 1, value: (_, i) => (i % 3 === 0 ? -1e30 : i % 7) },
];
