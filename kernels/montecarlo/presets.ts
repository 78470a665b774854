/** montecarlo@1 in the gallery: a circle, a ball, and a ball of six dimensions. */
import type { KernelExample, KernelPresets } from '../example.ts';

const preset = (dimensions: number, samplesPerItem: number, items: number): KernelExample => ({
  params: { dimensions, samplesPerItem, seed: 2011 },
  items,
});

export const presets: KernelPresets = {
  small: preset(2, 65_536, 8),
  medium: preset(3, 262_144, 16),
  large: preset(6, 1_048_576, 16),
};
