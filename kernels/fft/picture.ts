/** How a spectrum of fft@1 looks: magnitudes by their logarithm, the lowest frequency in the middle; a line's as a chart. */
import { valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import {
  MAX_SIDE_PIXELS,
  chartPicture,
  mixed,
  painted,
  type Colour,
  type Picture,
} from '../picture.ts';
import type { FftParams } from './manifest.ts';

const DARK: Colour = [8, 10, 24];
const DIM: Colour = [54, 62, 140];
const BRIGHT: Colour = [255, 226, 178];
/** What is so many powers of e below the largest is dark. */
const POWERS = 9;

export function pictureOf(
  { width, height }: FftParams,
  outputs: NamedTensors,
  _item: number,
): Picture {
  const spectrum = valuesOf(outputs['spectrum']!) as Float32Array;
  const magnitudes = Float32Array.from({ length: spectrum.length / 2 }, (_, i) =>
    Math.hypot(spectrum[2 * i]!, spectrum[2 * i + 1]!),
  );
  if (height === undefined) return chartPicture(magnitudes);
  const largest = magnitudes.reduce((most, value) => Math.max(most, value), 0) || 1;
  // Every second one, or every third ...
  const step = Math.max(1, Math.ceil(Math.max(width, height) / MAX_SIDE_PIXELS));
  return painted(Math.ceil(width / step), Math.ceil(height / step), (x, y) => {
    const column = (x * step + Math.ceil(width / 2)) % width;
    const row = (y * step + Math.ceil(height / 2)) % height;
    const share = Math.max(0, 1 + Math.log(magnitudes[row * width + column]! / largest) / POWERS);
    return share < 0.5 ? mixed(DARK, DIM, 2 * share) : mixed(DIM, BRIGHT, 2 * share - 1);
  });
}
