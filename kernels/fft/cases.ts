/** fft@1: lengths of every kind of pass, both directions, one and two dimensions; long ones are in its own test. */
import type { KernelCase } from '../testing/cases.ts';

const inverse = { direction: 'inverse' };

export const fftCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { width: 8 }, items: 3 },
  { params: { width: 1, ...inverse }, items: 2 },
  { params: { width: 2, height: 1, ...inverse }, items: 3 },
  { params: { width: 32, ...inverse }, items: 5, constant: ['signal'] },
  { params: { width: 210 }, items: 2 },
  { params: { width: 17, ...inverse }, items: 3 },
  { params: { width: 131 }, items: 2 },
  { params: { width: 1, height: 12 }, items: 2 },
  { params: { width: 64, height: 32, ...inverse }, items: 2 },
  { params: { width: 11, height: 64 }, items: 2 },
  { params: { width: 64, height: 11, ...inverse }, items: 2 },
  { params: { width: 22, height: 13, ...inverse }, items: 2, constant: ['signal'] },
  // One value that is not zero: the spectrum has its size everywhere. Then a sum that does not cancel.
  { params: { width: 64 }, items: 1, value: (_, index) => (index === 6 ? 1e30 : 0) },
  { params: { width: 256 }, items: 1, value: (_, index) => 1 + (index % 89) / 89 },
];
