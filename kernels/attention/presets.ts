/** attention@1 in the gallery: causal heads, as of a language model that reads a text of so many tokens. */
import type { KernelExample, KernelPresets } from '../example.ts';

const preset = (
  heads: number,
  tokens: number,
  dimension: number,
  items: number,
): KernelExample => ({
  params: { heads, queries: tokens, keys: tokens, dimension, causal: true },
  items,
});

export const presets: KernelPresets = {
  small: preset(2, 64, 32, 2),
  medium: preset(4, 128, 64, 2),
  large: preset(8, 384, 64, 2),
};
