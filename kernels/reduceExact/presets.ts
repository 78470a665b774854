/** reduceExact@1 in the gallery: sums of noise in any order, and the largest value where large. */
import type { KernelExample, KernelPresets } from '../example.ts';

const preset = (operation: 'sum' | 'max', length: number, items: number): KernelExample => ({
  params: { length, operation },
  items,
});

export const presets: KernelPresets = {
  small: preset('sum', 65_536, 4),
  medium: preset('sum', 524_288, 4),
  large: preset('max', 2_097_152, 4),
};
