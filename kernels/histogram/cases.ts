/** histogram@1: both sides of a lane and of a workgroup; all values in one bin, on every edge, outside. */
import type { KernelCase } from '../testing/cases.ts';
import { MAX_BINS } from './manifest.ts';

const WORD = 2 ** 32;

export const histogramCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { length: 1000, bins: 10, low: 2 ** 30, binWidth: 2 ** 28 }, items: 3 },
  { params: { length: 1, bins: 1 }, items: 5 },
  { params: { length: 64, bins: 64 }, items: 2, value: (_, i) => i % 64 },
  { params: { length: 65, bins: 63, binWidth: 2 }, items: 2, value: (_, i) => i * 3 },
  // Every bin's first and last value, the value before the first and the value after the last.
  {
    params: { length: 202, bins: 100, low: 7, binWidth: 5 },
    items: 2,
    value: (_, i) => edge(i % 202),
  },
  { params: { length: 16_385, bins: 256, binWidth: 2 ** 24 }, items: 2 },
  { params: { length: 16_383, bins: 3, low: WORD - 5, binWidth: WORD - 1 }, items: 2 },
  { params: { length: 4099, bins: 17, binWidth: 2 ** 28 }, items: 70, constant: ['x'] },
  { params: { length: 100_003, bins: MAX_BINS, binWidth: 2 ** 20 }, items: 2 },
  { params: { length: 131_072, bins: 4 }, items: 1, value: () => 2 },
  {
    params: { length: 2, bins: MAX_BINS, low: WORD - 1 },
    items: 2,
    value: (_, i) => WORD - 1 - (i % 2),
  },
];

/** 6, 7, 11, 12, 16, 17 and so on: the last of one bin and the first of the next. */
function edge(i: number): number {
  return 7 + 5 * Math.floor(i / 2) - (i % 2 === 0 ? 1 : 0);
}
