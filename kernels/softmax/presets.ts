/** softmax@1 in the gallery: scores of classes, and of a vocabulary where large. */
import type { KernelExample, KernelPresets } from '../example.ts';

const preset = (rows: number, columns: number, items: number): KernelExample => ({
  params: { rows, columns },
  items,
});

export const presets: KernelPresets = {
  small: preset(64, 256, 4),
  medium: preset(256, 1000, 4),
  large: preset(32, 32_768, 4),
};
