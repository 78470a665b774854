/** linear@1 in the gallery: one layer of a transformer and tokens of several texts, which share its weights. */
import type { KernelExample, KernelPresets } from '../example.ts';

const preset = (rows: number, features: number, items: number): KernelExample => ({
  params: { rows, inFeatures: features, outFeatures: features, activation: 'gelu' },
  items,
  constant: ['weights', 'bias'],
});

export const presets: KernelPresets = {
  small: preset(32, 128, 4),
  medium: preset(128, 384, 4),
  large: preset(256, 768, 4),
};
