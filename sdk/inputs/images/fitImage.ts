/**
 * Any picture as one of the extents that a model takes, opaque.
 *
 * `cover` fills the frame and cuts off what stands out, evenly on both sides; `contain` shows all of it and fills
 * what is left; `stretch` ignores its proportions. All arithmetic on pixels is of integers or of one WASM build.
 */
import { resizePixels, type ResizeFilter, type Rgba } from './codecs.ts';

export const FITS = ['cover', 'contain', 'stretch'] as const;
export type Fit = (typeof FITS)[number];

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly fit: Fit;
  readonly filter: ResizeFilter;
  /** What shows through transparent pixels and fills what `contain` leaves: red, green, blue. */
  readonly background: readonly [number, number, number];
}

export async function fitImage(picture: Rgba, frame: Frame): Promise<Rgba> {
  const { width, height, fit, background } = frame;
  const opaque = flatten(picture, background);
  switch (fit) {
    case 'stretch':
      return resized(opaque, width, height, frame);
    case 'cover': {
      // The largest part of the picture that has the frame's proportions.
      const cutWidth = Math.min(opaque.width, atLeastOne((opaque.height * width) / height));
      const cutHeight = Math.min(opaque.height, atLeastOne((opaque.width * height) / width));
      return resized(middle(opaque, cutWidth, cutHeight), width, height, frame);
    }
    case 'contain': {
      const inWidth = Math.min(width, atLeastOne((opaque.width * height) / opaque.height));
      const inHeight = Math.min(height, atLeastOne((opaque.height * width) / opaque.width));
      const inner = await resized(opaque, inWidth, inHeight, frame);
      return framed(inner, width, height, background);
    }
    default:
      return fit satisfies never;
  }
}

const atLeastOne = (extent: number): number => Math.max(1, Math.round(extent));

const resized = async (
  from: Rgba,
  width: number,
  height: number,
  { filter }: Frame,
): Promise<Rgba> =>
  from.width === width && from.height === height ? from : resizePixels(from, width, height, filter);

function flatten(picture: Rgba, background: Frame['background']): Rgba {
  const { data } = picture;
  let isOpaque = true;
  for (let at = 3; at < data.length && isOpaque; at += 4) isOpaque = data[at] === 255;
  if (isOpaque) return picture;
  const flat = new Uint8ClampedArray(data.length);
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3]!;
    for (let c = 0; c < 3; c++) {
      const mixed = data[at + c]! * alpha + background[c]! * (255 - alpha);
      flat[at + c] = Math.floor((mixed + 127) / 255);
    }
    flat[at + 3] = 255;
  }
  return { ...picture, data: flat };
}

function middle(from: Rgba, width: number, height: number): Rgba {
  if (from.width === width && from.height === height) return from;
  const left = (from.width - width) >> 1;
  const top = (from.height - height) >> 1;
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * from.width + left) * 4;
    data.set(from.data.subarray(start, start + width * 4), y * width * 4);
  }
  return { width, height, data };
}

function framed(
  inner: Rgba,
  width: number,
  height: number,
  [red, green, blue]: Frame['background'],
): Rgba {
  if (inner.width === width && inner.height === height) return inner;
  const data = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < data.length; at += 4) {
    data[at] = red;
    data[at + 1] = green;
    data[at + 2] = blue;
    data[at + 3] = 255;
  }
  const left = (width - inner.width) >> 1;
  const top = (height - inner.height) >> 1;
  for (let y = 0; y < inner.height; y++) {
    const row = inner.data.subarray(y * inner.width * 4, (y + 1) * inner.width * 4);
    data.set(row, ((top + y) * width + left) * 4);
  }
  return { width, height, data };
}
