/**
 * The ways to compute conv2d@1: what a thread loads and keeps at once.
 */
import type { DeviceTraits, KernelVariant } from '../variants.ts';

interface Channels {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly groups: number;
}

interface Sides {
  readonly height: number;
  readonly width: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

/** Sides of the output. */
export function outSize(sides: Sides): { readonly outHeight: number; readonly outWidth: number } {
  const { stride, padding, dilation } = sides;
  const side = (input: number, kernel: number) =>
    Math.floor((input + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
  return {
    outHeight: side(sides.height, sides.kernelHeight),
    outWidth: side(sides.width, sides.kernelWidth),
  };
}

export interface Tiling {
  /** Input channels of one load, and output channels of one value: a `vec4f` or an `f32`. */
  readonly inWidth: 1 | 4;
  readonly outWidth: 1 | 4;
  /** Values of output channels that one thread keeps for each of its pixels. */
  readonly fours: 1 | 2;
  /** Every output channel sees one input channel, that of its own number: channels are taken four by four. */
  readonly isDepthwise: boolean;
}

/** What the channels allow, whatever the device. */
export function tilingOf({ inChannels, outChannels, groups }: Channels): Tiling {
  const groupIn = inChannels / groups;
  const groupOut = outChannels / groups;
  if (groupIn === 1 && groupOut === 1 && groups % 4 === 0) {
    return { inWidth: 4, outWidth: 4, fours: 1, isDepthwise: true };
  }
  const inWidth = groupIn % 4 === 0 ? 4 : 1;
  const outWidth = groupOut % 4 === 0 ? 4 : 1;
  return { inWidth, outWidth, fours: groupOut % 8 === 0 ? 2 : 1, isDepthwise: false };
}

/** `pixels`: outputs along the image that one thread keeps; every weight that it loads serves all of them. */
const registers = (pixels: number, threads: number): KernelVariant => ({
  name: `registers-${pixels}x${threads}`,
  family: 'registers',
  options: { pixels, threads },
});

/** The same of pixels side by side, which share what they read. */
const inRow = (pixels: number, threads: number): KernelVariant => ({
  name: `row-${pixels}x${threads}`,
  family: 'registers',
  options: { pixels, threads, inRow: 1 },
});

/** Fewer, eight by eight, leave most of a GPU without work. */
const MANY_PIXELS = 1024;
/** The taps of a row are written out: more take long to compile. */
const MAX_WRITTEN_TAPS = 7;
const MAX_WRITTEN_LOADED_TAPS = 3;

/** Pixels of one thread that share what they read; null where they do not lie side by side, or share nothing. */
function pixelsInRow(params: Sides & Channels): number | null {
  const { kernelWidth, stride, dilation } = params;
  const most = tilingOf(params).isDepthwise ? MAX_WRITTEN_TAPS : MAX_WRITTEN_LOADED_TAPS;
  if (stride > 1 || dilation > 1 || kernelWidth < 2 || kernelWidth > most) return null;
  const { outWidth } = outSize(params);
  return [8, 7, 6, 5, 4].find((pixels) => outWidth % pixels === 0) ?? null;
}

/**
 * Small workgroups on a software adapter: one of 16 threads with 64 sums of 8192 products is some 20 ms of a core. Eight
 * pixels a thread halve the loads of weights, which is what counts there; on a GPU only where there are many pixels.
 */
export function conv2dVariants(
  params: Sides & Channels,
  { isSoftware }: DeviceTraits,
): readonly KernelVariant[] {
  const side = pixelsInRow(params);
  if (isSoftware) return [side === null ? registers(8, 16) : inRow(side, 16)];
  const { outHeight, outWidth } = outSize(params);
  const isLarge = outHeight * outWidth >= MANY_PIXELS;
  return [
    registers(4, 64),
    ...(isLarge ? [registers(8, 64)] : []),
    ...(isLarge && side !== null ? [inRow(side, 64)] : []),
  ];
}
