/** rmsnorm@1 in the gallery: tokens of a text, as wide as in language models of some billion weights where large. */
import type { KernelExample, KernelPresets } from '../example.ts';

const preset = (rows: number, columns: number, items: number): KernelExample => ({
  params: { rows, columns },
  items,
  constant: ['scale'],
});

export const presets: KernelPresets = {
  small: preset(64, 256, 4),
  medium: preset(128, 2048, 4),
  large: preset(256, 4096, 4),
};
