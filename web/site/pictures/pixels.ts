/** A tensor as pixels: its least value black, its largest white, whatever it was normalised by. Pure. */
import { valuesOf, type Tensor } from '../../../shared/tensor.ts';
import type { Pixels } from './picture.ts';

/** A side of a picture: more is not seen, and would take the page's time. */
const MOST_PIXELS_A_SIDE = 512;

/** Planes first: `[1, H, W]`, `[3, H, W]`, or `[H, W]`; a leading axis of one more is left out. Null for all others. */
export function pixelsOf(tensor: Tensor): Pixels | null {
  if (tensor.dtype !== 'F32' && tensor.dtype !== 'U8') return null;
  const dims =
    tensor.dims.length === 4 && tensor.dims[0] === 1 ? tensor.dims.slice(1) : tensor.dims;
  const [planes, height, width] = dims.length === 2 ? [1, ...dims] : dims;
  if (dims.length > 3 || height === undefined || width === undefined) return null;
  if (planes !== 1 && planes !== 3) return null;
  const values = valuesOf(tensor) as Float32Array | Uint8Array;
  const [low, high] = rangeOf(values);
  if (!(high > low)) return null;
  const step = Math.ceil(Math.max(width, height) / MOST_PIXELS_A_SIDE);
  const [across, down] = [Math.ceil(width / step), Math.ceil(height / step)];
  const rgba = new Uint8ClampedArray(across * down * 4);
  const scale = 255 / (high - low);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const from = y * step * width + x * step;
      const to = (y * across + x) * 4;
      for (let c = 0; c < 3; c++) {
        const plane = planes === 3 ? c : 0;
        rgba[to + c] = (values[plane * width * height + from]! - low) * scale;
      }
      rgba[to + 3] = 255;
    }
  }
  return { width: across, height: down, rgba };
}

/** Not a number anywhere: the range is none. */
function rangeOf(values: Float32Array | Uint8Array): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) return [0, 0];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
