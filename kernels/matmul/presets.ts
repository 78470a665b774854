/** matmul@1 in the gallery: waves times waves, whose product has a pattern that one can see. */
import type { KernelExample, KernelPresets } from '../example.ts';
import type { MatmulParams } from './manifest.ts';

/** Rows of `a` are waves of growing frequency along k, columns of `b` likewise: c is large where two of them agree. */
export function wave(input: string, index: number, params: unknown): number {
  const { m, k, n } = params as MatmulParams;
  const within = index % (input === 'a' ? m * k : k * n);
  const [line, lines, at] =
    input === 'a'
      ? [Math.floor(within / k), m, within % k]
      : [within % n, n, Math.floor(within / n)];
  const item = Math.floor(index / (input === 'a' ? m * k : k * n));
  const turns = (8 * (line + 0.5)) / lines;
  return Math.cos((2 * Math.PI * turns * (at + 0.5)) / k + (input === 'a' ? 0 : item));
}

const preset = (side: number, items: number): KernelExample => ({
  params: { m: side, k: side, n: side },
  items,
  value: wave,
});

export const presets: KernelPresets = {
  small: preset(64, 8),
  medium: preset(256, 4),
  large: preset(512, 4),
};
