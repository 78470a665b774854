/** histogram@1 in the gallery: sums of four dice of 256 sides, which pile up in the middle. */
import type { KernelExample, KernelPresets } from '../example.ts';
import { scattered } from '../scene.ts';

function dice(_input: string, index: number): number {
  const word = scattered(index);
  return (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24);
}

const preset = (length: number, items: number): KernelExample => ({
  params: { length, bins: 64, low: 0, binWidth: 16 },
  items,
  value: dice,
});

export const presets: KernelPresets = {
  small: preset(16_384, 2),
  medium: preset(131_072, 4),
  large: preset(1_048_576, 4),
};
