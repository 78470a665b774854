/** sort@1 in the gallery: keys by chance, small ones more often. */
import type { KernelExample, KernelPresets } from '../example.ts';
import { scattered } from '../scene.ts';

/** Shares of 1, squared. */
const key = (_input: string, index: number): number =>
  Math.floor((scattered(index) / 2 ** 32) ** 2 * 2 ** 32);

const preset = (length: number, items: number): KernelExample => ({
  params: { length },
  items,
  value: key,
});

export const presets: KernelPresets = {
  small: preset(4096, 2),
  medium: preset(65_536, 4),
  large: preset(262_144, 4),
};
