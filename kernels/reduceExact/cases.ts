/** reduceExact@1: both sides of a lane and of a workgroup; ties, saturation, and every kind of f32. */
import type { KernelCase } from '../testing/cases.ts';
import { REDUCE_EXACT_OPERATIONS } from './manifest.ts';

/** Infinities, zeros of both signs, the least and largest of each kind, and halves that tie. */
const HOSTILE = [0.5, -0, 0, 1e-45, -1e-45, 1.2e-38, 3.4e38, -3.4e38, -2.5, 1.5, 32767.75, -32768];

export const reduceExactCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { length: 300, operation: 'sum' }, items: 3 },
  { params: { length: 4099, operation: 'max' }, items: 131 },
  ...REDUCE_EXACT_OPERATIONS.flatMap((operation): KernelCase[] => [
    { params: { length: 1, operation }, items: 2 },
    { params: { length: 64, operation }, items: 3, constant: ['x'] },
    { params: { length: 4097, operation, fractionBits: 40 }, items: 2 },
    {
      params: { length: 1009, operation, fractionBits: 0 },
      items: 2,
      value: (_, i) => HOSTILE[i % HOSTILE.length]!,
    },
    {
      params: { length: 257, operation, fractionBits: -64 },
      items: 2,
      value: (_, i) => (i % 256 === 200 ? -Infinity : i % 128 === 100 ? Infinity : -i),
    },
    // NaN is first, whatever else there is; the same value everywhere has its first place.
    { params: { length: 130, operation }, items: 2, value: (_, i) => (i % 130 === 77 ? NaN : i) },
    { params: { length: 200, operation, fractionBits: 64 }, items: 2, value: () => 1e-19 },
  ]),
];
