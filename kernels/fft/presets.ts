/** fft@1 in the gallery: openings that light falls through. Far behind them it makes the pattern that the transform is. */
import type { KernelExample, KernelPresets } from '../example.ts';
import type { FftParams } from './manifest.ts';

/** Corners of the opening of the first item, of the second, and so on; none is a round one. */
const CORNERS = [6, 0, 3, 4];

function opening(_input: string, index: number, params: unknown): number {
  const { width, height = 1 } = params as FftParams;
  const point = Math.floor(index / 2);
  // Light has no imaginary part here.
  if (index % 2 === 1) return 0;
  const side = Math.max(width, height);
  const x = ((point % width) - width / 2) / side;
  const y = ((Math.floor(point / width) % height) - Math.floor(height / 2)) / side;
  const corners = CORNERS[Math.floor(point / (width * height)) % CORNERS.length]!;
  const angle = Math.atan2(y, x);
  const sector = (2 * Math.PI) / Math.max(corners, 1);
  const turned = angle - sector * Math.round(angle / sector);
  const reach = corners === 0 ? 1 : Math.cos(sector / 2) / Math.cos(turned);
  return Math.hypot(x, y) < 0.06 * reach ? 1 : 0;
}

const preset = (side: number, items: number): KernelExample => ({
  params: { width: side, height: side },
  items,
  value: opening,
});

export const presets: KernelPresets = {
  small: preset(128, 4),
  medium: preset(256, 4),
  large: preset(512, 4),
};
