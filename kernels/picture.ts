/**
 * Pictures of what kernels compute: what a kernel's `picture.ts` gives, and what several of them draw with. Pure; knows no
 * canvas.
 */
import type { NamedTensors } from '../shared/tensor.ts';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity, row by row. */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** One item's own outputs, in the manifest's shapes, and its index. */
export interface ItemOutputs {
  readonly item: number;
  readonly outputs: NamedTensors;
}

/** What a kernel's `picture.ts` exports: the first, and the second where items are parts of one picture. */
export interface PictureMaker<Params = unknown> {
  pictureOf(params: Params, outputs: NamedTensors, item: number): Picture;
  /** Null where it would be larger than `MAX_WHOLE_PIXELS`. */
  wholePicture?(params: Params, items: readonly ItemOutputs[]): Picture | null;
}

/** Of a picture whose size somebody chooses: 8 MiB. */
export const MAX_WHOLE_PIXELS = 2 ** 21;

/** A side of a picture of values: more is not seen. */
export const MAX_SIDE_PIXELS = 512;
const NEGATIVE: Colour = [26, 76, 160];
const ZERO: Colour = [238, 240, 238];
const POSITIVE: Colour = [178, 92, 16];
/** Of charts. */
const GROUND: Colour = [14, 20, 32];
const MARK: Colour = [94, 214, 190];
const CHART_WIDTH = 384;
const CHART_HEIGHT = 192;

export const mixed = (from: Colour, to: Colour, share: number): Colour => {
  const of = (i: 0 | 1 | 2): number => from[i] + (to[i] - from[i]) * share;
  return [of(0), of(1), of(2)];
};

export function painted(
  width: number,
  height: number,
  colourAt: (x: number, y: number) => Colour,
): Picture {
  const rgba = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      [rgba[at], rgba[at + 1], rgba[at + 2]] = colourAt(x, y);
      rgba[at + 3] = 255;
    }
  }
  return { width, height, rgba };
}

/** Values of a table, from blue below zero to amber above; a large table by every second value, or every third ... */
export function tablePicture(
  width: number,
  height: number,
  valueAt: (x: number, y: number) => number,
): Picture {
  const step = Math.max(1, Math.ceil(Math.max(width, height) / MAX_SIDE_PIXELS));
  const [across, down] = [Math.ceil(width / step), Math.ceil(height / step)];
  const values = Float64Array.from({ length: across * down }, (_, i) =>
    valueAt((i % across) * step, Math.floor(i / across) * step),
  );
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  return painted(across, down, (x, y) => {
    const value = values[y * across + x]! / largest;
    // The root brings out what is small.
    return mixed(ZERO, value < 0 ? NEGATIVE : POSITIVE, Math.sqrt(Math.abs(value)));
  });
}

/** Values from left to right as a chart that reaches from the least of them, or 0, to the largest; filled from 0 on. */
export function chartPicture(values: ArrayLike<number>): Picture {
  const width = Math.min(Math.max(values.length, 1), CHART_WIDTH);
  const firstOf = (x: number): number => Math.floor((x * values.length) / width);
  const columns = Array.from({ length: width }, (_, x) => {
    let [least, most] = [Infinity, -Infinity];
    for (let i = firstOf(x); i < firstOf(x + 1); i++) {
      least = Math.min(least, values[i]!);
      most = Math.max(most, values[i]!);
    }
    return { least: Math.min(least, 0), most: Math.max(most, 0) };
  });
  const low = columns.reduce((least, column) => Math.min(least, column.least), 0);
  const high = columns.reduce((most, column) => Math.max(most, column.most), 0);
  const pixel = (high - low) / CHART_HEIGHT || 1;
  // Bars of few values are drawn as wide as the chart.
  const wide = Math.max(1, Math.floor(CHART_WIDTH / width));
  return painted(width * wide, CHART_HEIGHT, (x, y) => {
    const { least, most } = columns[Math.floor(x / wide)]!;
    const value = high - (y + 0.5) * pixel;
    return value > least && value < most ? MARK : GROUND;
  });
}

/** Places `tile` on `picture` with its upper left corner there, as far as it lies inside. */
export function placed(
  { width, height, rgba }: Picture,
  tile: Picture,
  left: number,
  top: number,
): void {
  const across = Math.min(tile.width, width - left);
  for (let y = 0; y < Math.min(tile.height, height - top); y++) {
    const row = tile.rgba.subarray(4 * y * tile.width, 4 * (y * tile.width + across));
    rgba.set(row, 4 * ((top + y) * width + left));
  }
}

export const clear = (width: number, height: number): Picture => ({
  width,
  height,
  rgba: new Uint8ClampedArray(4 * width * height),
});
