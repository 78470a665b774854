/** matvec@1 in the gallery: one layer and many samples, which share its matrix. */
import type { KernelExample, KernelPresets } from '../example.ts';

const preset = (m: number, k: number, items: number): KernelExample => ({
  params: { m, k },
  items,
  constant: ['a'],
});

export const presets: KernelPresets = {
  small: preset(256, 256, 16),
  medium: preset(512, 1024, 64),
  large: preset(1024, 2048, 256),
};
