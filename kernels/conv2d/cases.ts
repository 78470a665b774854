/** conv2d@1: every shape of channels, both sides of pixel tiles, and each parameter away from its default. */
import type { KernelCase } from '../testing/cases.ts';
import { MAX_CONV_DEPTH } from './manifest.ts';

const shape = (
  size: readonly [height: number, width: number, inChannels: number, outChannels: number],
  kernelHeight: number,
  kernelWidth: number,
  more: Readonly<Record<string, unknown>> = {},
) => {
  const [height, width, inChannels, outChannels] = size;
  return { height, width, inChannels, outChannels, kernelHeight, kernelWidth, ...more };
};

const model = ['weights', 'bias'];

export const conv2dCases: readonly [KernelCase, ...KernelCase[]] = [
  {
    params: shape([5, 6, 4, 8], 3, 3, { padding: 1, activation: 'relu' }),
    items: 3,
    constant: model,
  },
  { params: shape([1, 1, 1, 1], 1, 1), items: 2 },
  { params: shape([7, 5, 3, 4], 3, 3, { padding: 1 }), items: 2, constant: model },
  { params: shape([6, 7, 8, 3], 2, 3, { padding: 2 }), items: 2, constant: ['x'] },
  { params: shape([9, 9, 16, 16], 1, 1, { activation: 'relu6' }), items: 2, constant: model },
  { params: shape([33, 32, 4, 8], 1, 1), items: 1 },
  { params: shape([11, 9, 8, 8], 3, 3, { stride: 2, padding: 1 }), items: 2, constant: model },
  { params: shape([12, 13, 4, 4], 3, 2, { dilation: 3, activation: 'silu' }), items: 1 },
  { params: shape([8, 9, 12, 12], 3, 3, { groups: 12, padding: 1 }), items: 2, constant: model },
  { params: shape([8, 7, 5, 5], 3, 3, { groups: 5, padding: 1 }), items: 1 },
  { params: shape([5, 5, 6, 12], 3, 3, { groups: 6 }), items: 1 },
  { params: shape([5, 5, 16, 16], 3, 3, { groups: 2, padding: 1 }), items: 1, constant: ['bias'] },
  // Rows of four to eight pixels side by side.
  { params: shape([5, 8, 4, 8], 3, 3, { padding: 1 }), items: 2, constant: model },
  { params: shape([3, 7, 3, 5], 2, 3, { padding: 1 }), items: 2 },
  { params: shape([6, 14, 8, 8], 5, 5, { groups: 8, padding: 2 }), items: 2, constant: model },
  { params: shape([4, 12, 8, 16], 3, 3, { groups: 2 }), items: 1, constant: ['x'] },
  { params: shape([33, 34, 4, 4], 3, 3), items: 1, constant: model },
  { params: shape([1, 40, 2, 4], 1, 15, { padding: 7 }), items: 1 },
  { params: shape([2, 2, 4, 8], 5, 5, { padding: 4, stride: 3 }), items: 1 },
  { params: shape([1, 3, MAX_CONV_DEPTH / 2, 4], 1, 2, { padding: 0 }), items: 1 },
];
