/** sort@1: both sides of a lane and of a workgroup of lanes; keys in order, equal keys. */
import type { KernelCase } from '../testing/cases.ts';

const WORD = 2 ** 32;

export const sortCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { length: 300 }, items: 3 },
  { params: { length: 300, values: 'given' }, items: 3 },
  { params: { length: 1, values: 'places' }, items: 4 },
  { params: { length: 1023, values: 'places', descending: true }, items: 2 },
  { params: { length: 1024, keyBits: 8, values: 'given', descending: true }, items: 2 },
  { params: { length: 1025, keyBits: 16, values: 'places' }, items: 2 },
  { params: { length: 2999, keyBits: 24, values: 'given' }, items: 3, constant: ['keys'] },
  { params: { length: 500, keyBits: 8, values: 'given' }, items: 70, constant: ['values'] },
  { params: { length: 20_003, values: 'places' }, items: 2 },
  // Equal keys keep their order; sorted ones reversed; the largest and the least.
  { params: { length: 3000, values: 'places', descending: true }, items: 1, value: (_, i) => i },
  {
    params: { length: 3001, values: 'places', descending: true },
    items: 2,
    value: (_, i) => [0, WORD - 1, 1, 2 ** 31][i % 4]!,
  },
];
