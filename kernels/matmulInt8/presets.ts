/** matmulInt8@1 in the gallery: the waves of matmul@1, rounded to bytes. */
import type { KernelExample, KernelPresets } from '../example.ts';
import { wave } from '../matmul/presets.ts';

const LARGEST = 127;

const preset = (side: number, items: number): KernelExample => ({
  params: { m: side, k: side, n: side },
  items,
  value: (input, index, params) => Math.round(LARGEST * wave(input, index, params)),
});

export const presets: KernelPresets = {
  small: preset(64, 8),
  medium: preset(256, 4),
  large: preset(512, 4),
};
