/** scan@1 in the gallery: steps up and down by chance, whose sums are a walk. */
import type { KernelExample, KernelPresets } from '../example.ts';
import { scattered } from '../scene.ts';

const step = (_input: string, index: number): number => (scattered(index) & 1) * 2 - 1;

const preset = (length: number, items: number): KernelExample => ({
  params: { length, dtype: 'I32' },
  items,
  value: step,
});

export const presets: KernelPresets = {
  small: preset(4096, 2),
  medium: preset(131_072, 4),
  large: preset(1_048_576, 4),
};
