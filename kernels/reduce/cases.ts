/**
 * reduce@1: both sides of a lane and of a workgroup, and sums that cancel. Few, because workgroups that share memory
 * take a software adapter a second to compile; `reduce.gpu.test.ts` has more of threads alone.
 */
import type { KernelCase } from '../testing/cases.ts';

const sum = (length: number, items: number, more: Partial<KernelCase> = {}): KernelCase => ({
  params: { length, operation: 'sum' },
  items,
  ...more,
});
const norm = (length: number, items: number, more: Partial<KernelCase> = {}): KernelCase => ({
  params: { length, operation: 'norm' },
  items,
  ...more,
});

export const reduceCases: readonly [KernelCase, ...KernelCase[]] = [
  sum(300, 3),
  norm(1, 5),
  norm(2049, 2, { constant: ['x'] }),
  // Terms that cancel all but the first.
  sum(10_001, 1, { value: (_, i) => (i === 0 ? 0.25 : i % 2 === 0 ? 1e6 : -1e6) }),
];
