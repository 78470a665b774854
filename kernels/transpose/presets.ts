/** transpose@1 in the gallery: an image, whose rows become columns. */
import type { KernelExample, KernelPresets } from '../example.ts';
import { sceneAt } from '../scene.ts';
import type { TransposeParams } from './manifest.ts';

/** Brightness around its middle. */
function brightness(_input: string, index: number, params: unknown): number {
  const { rows, columns } = params as TransposeParams;
  const [x, y] = [index % columns, Math.floor(index / columns) % rows];
  const light = sceneAt(
    (x + 0.5) / columns,
    (y + 0.5) / rows,
    Math.floor(index / (rows * columns)),
  );
  return (light[0] + light[1] + light[2]) / 3 - 0.5;
}

const preset = (rows: number, columns: number, items: number): KernelExample => ({
  params: { rows, columns },
  items,
  value: brightness,
});

export const presets: KernelPresets = {
  small: preset(96, 128, 2),
  medium: preset(384, 512, 2),
  large: preset(768, 1024, 2),
};
