/**
 * Pixels as the numbers that a model takes: `(pixel × scale − mean) / std` by channel, in its layout and dtype.
 *
 * Computed in doubles and rounded once, so that every machine gives the same bytes.
 */
import { toHalfBits } from '../../../shared/float16.ts';
import { BYTES_PER_ELEMENT, type Dtype, type TypedArray } from '../../../shared/tensor.ts';
import type { Rgba } from './codecs.ts';
import type { Preprocessing } from './preprocessing.ts';

const INTEGERS: Partial<Record<Dtype, readonly [min: number, max: number]>> = {
  U8: [0, 255],
  I8: [-128, 127],
  I32: [-(2 ** 31), 2 ** 31 - 1],
};

const ARRAYS = {
  F32: Float32Array,
  F16: Float32Array, // halved when all values are there
  F64: Float64Array,
  U8: Uint8Array,
  I8: Int8Array,
  I32: Int32Array,
} as const;
export type ImageDtype = keyof typeof ARRAYS;
export const IMAGE_DTYPES = Object.keys(ARRAYS) as readonly ImageDtype[];

export const rowBytesOf = ({ width, height, colour, dtype }: Preprocessing): number =>
  width * height * channelsOf(colour) * BYTES_PER_ELEMENT[dtype];

export const channelsOf = (colour: Preprocessing['colour']): number => (colour === 'GRAY' ? 1 : 3);

/** One item's bytes. The picture has the extents that `how` says. */
export function pixelValues(picture: Rgba, how: Preprocessing): Uint8Array {
  const { colour, layout, dtype } = how;
  const channels = channelsOf(colour);
  const pixels = picture.width * picture.height;
  const values: TypedArray = new ARRAYS[dtype](pixels * channels);
  const [pixelStep, channelStep] = layout === 'NCHW' ? [1, pixels] : [channels, 1];
  for (let channel = 0; channel < channels; channel++) {
    const table = valueTable(how, channel);
    const source = colour === 'BGR' ? 2 - channel : channel;
    for (let pixel = 0; pixel < pixels; pixel++) {
      const level =
        colour === 'GRAY' ? luma(picture.data, pixel * 4) : picture.data[pixel * 4 + source]!;
      values[pixel * pixelStep + channel * channelStep] = table[level]!;
    }
  }
  const stored = dtype === 'F16' ? toHalfBits(values as Float32Array) : values;
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

/** What each of the 256 levels becomes: a level is a byte, so no pixel needs arithmetic of its own. */
function valueTable({ scale, mean, std, dtype }: Preprocessing, channel: number): Float64Array {
  const m = mean[channel] ?? mean[0]!;
  const s = std[channel] ?? std[0]!;
  const range = INTEGERS[dtype];
  return Float64Array.from({ length: 256 }, (_, level) => {
    const value = (level * scale - m) / s;
    return range === undefined ? value : Math.min(range[1], Math.max(range[0], Math.round(value)));
  });
}

/** Rec. 601 luma in 16-bit fixed point: the weights and the rounding that Pillow uses. */
const luma = (data: Uint8ClampedArray, at: number): number =>
  (data[at]! * 19_595 + data[at + 1]! * 38_470 + data[at + 2]! * 7_471 + 0x8000) >> 16;
