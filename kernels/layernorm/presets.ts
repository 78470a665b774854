/** layernorm@1 in the gallery: tokens of a text, as wide as in GPT-2 where large. */
import type { KernelExample, KernelPresets } from '../example.ts';

const preset = (rows: number, columns: number, items: number): KernelExample => ({
  params: { rows, columns },
  items,
  constant: ['scale', 'bias'],
});

export const presets: KernelPresets = {
  small: preset(64, 256, 4),
  medium: preset(256, 768, 4),
  large: preset(1024, 768, 4),
};
