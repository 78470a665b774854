/** kmeans@1 in the gallery: the pixels of an image as points of the colour space, and colours that stand for all of them. */
import type { KernelExample, KernelPresets } from '../example.ts';
import { scattered, sceneAt } from '../scene.ts';
import type { KmeansParams } from './manifest.ts';

const COLOURS = 3;

function valueOf(input: string, index: number, params: unknown): number {
  const { points, dimensions, clusters, maxMagnitude } = params as KmeansParams;
  const side = Math.ceil(Math.sqrt(points));
  const point = Math.floor(index / dimensions);
  const within = input === 'points' ? point % points : scattered(point % clusters) % points;
  const item = input === 'points' ? Math.floor(point / points) : 0;
  const [x, y] = [within % side, Math.floor(within / side)];
  const light = sceneAt((x + 0.5) / side, (y + 0.5) / side, item);
  return Math.round(maxMagnitude * (2 * light[(index % dimensions) % COLOURS]! - 1));
}

const preset = (side: number, clusters: number, items: number): KernelExample => ({
  params: { points: side * side, dimensions: COLOURS, clusters, maxMagnitude: 255 },
  items,
  constant: ['centroids'],
  value: valueOf,
});

export const presets: KernelPresets = {
  small: preset(64, 8, 4),
  medium: preset(128, 24, 4),
  large: preset(256, 64, 4),
};
