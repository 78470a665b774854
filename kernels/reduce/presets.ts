/** reduce@1 in the gallery: sums of noise, which nearly cancels. */
import type { KernelExample, KernelPresets } from '../example.ts';

const preset = (length: number, items: number): KernelExample => ({
  params: { length, operation: 'sum' },
  items,
});

export const presets: KernelPresets = {
  small: preset(65_536, 4),
  medium: preset(524_288, 4),
  large: preset(2_097_152, 4),
};
