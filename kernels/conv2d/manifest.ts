/**
 * conv2d@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on
 * the CPU and `shader.ts` on the GPU.
 */
import * as z from 'zod/mini';
import { MAX_ITEM_BYTES } from '../../shared/limits.ts';
import type { KernelManifest } from '../manifest.ts';
import { conv2dVariants, outSize, tilingOf } from './variants.ts';

export const MAX_CONV_SIDE = 4096;
export const MAX_CONV_CHANNELS = 4096;
export const MAX_KERNEL_SIDE = 15;
/** Products in one output value: they bound its rounding, and what one workgroup does. */
export const MAX_CONV_DEPTH = 8192;
/** Products of one item: the CPU referee takes some 2 s for them. */
export const MAX_CONV_PRODUCTS = 2 ** 29;
/** f32 values of one tensor of an item: 8 MiB, so that it fits one assignment. */
export const MAX_CONV_ELEMENTS = MAX_ITEM_BYTES / 4;

const atMost = (most: number) => z.int().check(z.minimum(1), z.maximum(most));

export const conv2dParams = z
  .strictObject({
    /** Of the input, before padding. */
    height: atMost(MAX_CONV_SIDE),
    width: atMost(MAX_CONV_SIDE),
    inChannels: atMost(MAX_CONV_CHANNELS),
    outChannels: atMost(MAX_CONV_CHANNELS),
    kernelHeight: atMost(MAX_KERNEL_SIDE),
    kernelWidth: atMost(MAX_KERNEL_SIDE),
    stride: z._default(atMost(8), 1),
    /** Zeros around the input, as many on each side. */
    padding: z._default(z.int().check(z.minimum(0), z.maximum(64)), 0),
    dilation: z._default(atMost(16), 1),
    /** Channels fall into so many groups, each of which sees its own alone; as many as channels is depthwise. */
    groups: z._default(atMost(MAX_CONV_CHANNELS), 1),
    activation: z._default(z.enum(['none', 'relu', 'relu6', 'silu']), 'none'),
  })
  .check(
    z.refine(
      ({ inChannels, outChannels, groups }) =>
        inChannels % groups === 0 && outChannels % groups === 0,
      'expected groups that divide inChannels and outChannels',
    ),
    z.refine((params) => {
      const { outHeight, outWidth } = outSize(params);
      return outHeight >= 1 && outWidth >= 1;
    }, 'expected a kernel, dilated, that fits the padded input'),
    z.refine(
      (params) => Math.max(...Object.values(elementsOf(params))) <= MAX_CONV_ELEMENTS,
      `expected at most ${MAX_CONV_ELEMENTS} values in each of x, weights and y`,
    ),
    z.refine(
      (params) => depthOf(params) <= MAX_CONV_DEPTH,
      `expected at most ${MAX_CONV_DEPTH} products in one output: kernel sides times channels of a group`,
    ),
    z.refine(
      (params) => elementsOf(params).y * depthOf(params) <= MAX_CONV_PRODUCTS,
      `expected at most ${MAX_CONV_PRODUCTS} products in one item`,
    ),
  );

export type Conv2dParams = z.infer<typeof conv2dParams>;

type Sizes = Omit<Conv2dParams, 'activation'>;

/** Products in one output value. */
export const depthOf = ({ kernelHeight, kernelWidth, inChannels, groups }: Sizes): number =>
  (kernelHeight * kernelWidth * inChannels) / groups;

function elementsOf(params: Sizes) {
  const { height, width, inChannels, outChannels } = params;
  const { outHeight, outWidth } = outSize(params);
  return {
    x: height * width * inChannels,
    weights: depthOf(params) * outChannels,
    y: outHeight * outWidth * outChannels,
  };
}

export const conv2dManifest: KernelManifest<Conv2dParams> = {
  name: 'conv2d',
  version: 1,
  explanation:
    'A two-dimensional convolution (cross-correlation, as neural networks mean it) with a bias and an optional ' +
    'activation, one image per item. Channels come last: x is [height, width, inChannels], weights are ' +
    '[kernelHeight, kernelWidth, inChannels / groups, outChannels], so that four channels are one load. Stride, ' +
    'zero padding, dilation and groups, depthwise included. Give weights and bias as constants. Channel counts ' +
    'that are multiples of 4, and outputs of 8, are by far the fastest.',
  source:
    'Direct convolution in registers over channels-last data after J. Zhang, F. Franchetti, T. M. Low, "High ' +
    'performance zero-memory overhead direct convolutions", ICML 2018, arXiv:1809.10170',
  params: conv2dParams,
  inputs: (params) => {
    const { height, width, inChannels, outChannels, kernelHeight, kernelWidth, groups } = params;
    return {
      x: { dtype: 'F32', dims: [height, width, inChannels] },
      weights: {
        dtype: 'F32',
        dims: [kernelHeight, kernelWidth, inChannels / groups, outChannels],
      },
      bias: { dtype: 'F32', dims: [outChannels] },
    };
  },
  outputs: (params) => {
    const { outHeight, outWidth } = outSize(params);
    return { y: { dtype: 'F32', dims: [outHeight, outWidth, params.outChannels] } };
  },
  flopsPerItem: (params) => elementsOf(params).y * (2 * depthOf(params) + 1),
  bytesPerItem: (params) => {
    const { x, weights, y } = elementsOf(params);
    return 4 * (x + weights + y + params.outChannels);
  },
  /** Not `algebraic`: a product of matrix views has neither a bias, nor padding, nor an activation. */
  verification: 'sampled',
  /**
   * Honest f32 sums of so many products differ by about sqrt(depth / 3) 2^-24 of the result: 3e-6 at 8192; measured
   * over the cases, 6e-8 to 3e-7, and 1.4e-6 at that depth. Inputs rounded to f16 move it by 2e-4 and more.
   */
  acceptance: {
    kind: 'relative-l2',
    maxRelativeL2: 2e-5,
    maxElementError: 2e-4,
    nonFinite: 'refuse',
  },
  variants: conv2dVariants,
  plan: (params, { rows, strides }, { options }) => {
    const { pixels = 1, threads = 64 } = options;
    const { outHeight, outWidth } = outSize(params);
    const { inWidth, outWidth: channelWidth, fours } = tilingOf(params);
    const channelsAtOnce = channelWidth * fours;
    const tiles =
      Math.ceil((outHeight * outWidth) / pixels) * (params.outChannels / channelsAtOnce);
    return {
      bindings: [
        { name: 'x', access: 'read' },
        { name: 'weights', access: 'read' },
        { name: 'bias', access: 'read' },
        { name: 'y', access: 'read-write' },
      ],
      scratchBytes: {},
      passes: [
        {
          entryPoint: 'convolve',
          workgroups: [Math.ceil(tiles / threads), 1, rows],
          constants: {
            X_STRIDE: strides['x']! / inWidth,
            WEIGHTS_STRIDE: strides['weights']! / channelWidth,
            BIAS_STRIDE: strides['bias']! / channelWidth,
          },
          flopsPerWorkgroup:
            Math.min(tiles, threads) * pixels * channelsAtOnce * (2 * depthOf(params) + 1),
        },
      ],
    };
  },
};
