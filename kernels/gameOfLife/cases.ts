/** gameOfLife@1: rows of one word and of one cell's height, both sides of a thread's walk and of a workgroup. */
import type { KernelCase } from '../testing/cases.ts';

export const gameOfLifeCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { width: 64, height: 9, generations: 5 }, items: 3 },
  { params: { width: 32, height: 1, generations: 1 }, items: 3 },
  { params: { width: 96, height: 8, generations: 3 }, items: 2, constant: ['cells'] },
  { params: { width: 2080, height: 67, generations: 10 }, items: 1 },
  { params: { width: 64, height: 7, generations: 2, birthMask: 0, survivalMask: 0 }, items: 70 },
  // Replicator, and a rule of every count.
  {
    params: { width: 64, height: 33, generations: 6, birthMask: 170, survivalMask: 170 },
    items: 2,
  },
  {
    params: { width: 64, height: 33, generations: 3, birthMask: 511, survivalMask: 256 },
    items: 1,
  },
  // Nobody, and everybody.
  { params: { width: 64, height: 10, generations: 3 }, items: 1, value: () => 0 },
  { params: { width: 64, height: 10, generations: 1 }, items: 1, value: () => 0xffffffff },
];
