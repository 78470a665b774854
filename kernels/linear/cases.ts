/** linear@1: every activation, both layouts of weights, around the tiles, biases that differ by item and that do not. */
import type { KernelCase } from '../testing/cases.ts';
import { LINEAR_ACTIVATIONS } from './manifest.ts';

const layer = (rows: number, inFeatures: number, outFeatures: number) => ({
  rows,
  inFeatures,
  outFeatures,
});

export const linearCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: layer(3, 5, 7), items: 2 },
  { params: layer(1, 1, 1), items: 3 },
  ...LINEAR_ACTIVATIONS.flatMap((activation) => [
    { params: { ...layer(9, 12, 20), activation }, items: 2 },
    { params: { ...layer(9, 11, 17), activation }, items: 2, constant: ['weights', 'bias'] },
  ]),
  { params: { ...layer(65, 20, 68), transposeWeights: true }, items: 2, constant: ['weights'] },
  { params: { ...layer(7, 9, 5), transposeWeights: true }, items: 1, isForAll: true },
  { params: layer(1, 4096, 4), items: 1 },
  // Far out, an exponential is nothing or infinite, and the activation is neither.
  ...(['gelu', 'silu'] as const).map((activation) => ({
    params: { ...layer(2, 4, 8), activation },
    items: 1,
    value: (input: string, index: number) => (input === 'bias' ? (index - 4) * 100 : 0),
  })),
];
