/** gameOfLife@1 in the gallery: a soup of chance, of which three cells in eight live, and what becomes of it. */
import type { KernelExample, KernelPresets } from '../example.ts';
import { scattered } from '../scene.ts';

const soup = (_input: string, index: number): number =>
  ((scattered(3 * index) | scattered(3 * index + 1)) & scattered(3 * index + 2)) >>> 0;

const preset = (side: number, generations: number, items: number): KernelExample => ({
  params: { width: side, height: side, generations },
  items,
  value: soup,
});

export const presets: KernelPresets = {
  small: preset(128, 100, 4),
  medium: preset(256, 300, 4),
  large: preset(512, 400, 4),
};
