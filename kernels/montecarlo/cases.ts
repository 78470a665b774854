/** montecarlo@1: around whole lanes, blocks and workgroups. */
import type { KernelCase } from '../testing/cases.ts';

const seed = 11;

export const montecarloCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { dimensions: 3, samplesPerItem: 500, seed }, items: 3 },
  { params: { dimensions: 2, samplesPerItem: 1, seed }, items: 2 },
  { params: { dimensions: 8, samplesPerItem: 4097, seed: 0xfffffffe }, items: 3 },
  { params: { dimensions: 2, samplesPerItem: 40, seed }, items: 131 },
  { params: { dimensions: 3, samplesPerItem: 333, seed, integrand: 'simplex' }, items: 3 },
  { params: { dimensions: 8, samplesPerItem: 100, seed, integrand: 'simplex' }, items: 1 },
  { params: { dimensions: 2, samplesPerItem: 301, seed, integrand: 'bump' }, items: 3 },
  { params: { dimensions: 7, samplesPerItem: 500, seed, integrand: 'bump' }, items: 2 },
  { params: { dimensions: 2, samplesPerItem: 77, seed, integrand: 'walk' }, items: 3 },
  { params: { dimensions: 5, samplesPerItem: 300, seed, integrand: 'walk', steps: 33 }, items: 2 },
];
