/** conv2d@1 in the gallery: an image, of which one channel after the other shows upright edges, level ones, a blur, all edges. */
import type { KernelExample, KernelPresets } from '../example.ts';
import { sceneAt } from '../scene.ts';
import type { Conv2dParams } from './manifest.ts';

/** Of a filter, by its place from the middle, -1 to 1. */
const FILTERS: readonly ((x: number, y: number) => number)[] = [
  (x, y) => x * (2 - y * y),
  (x, y) => y * (2 - x * x),
  (x, y) => 1 / (1 + 2 * (x * x + y * y)),
  (x, y) => (x === 0 && y === 0 ? 8 : -1),
];

function valueOf(input: string, index: number, given: unknown): number {
  const params = given as Conv2dParams;
  const { height, width, inChannels, outChannels, kernelHeight, kernelWidth, groups } = params;
  if (input === 'bias') return 0;
  if (input === 'x') {
    const pixel = Math.floor(index / inChannels);
    const [x, y] = [pixel % width, Math.floor(pixel / width) % height];
    const item = Math.floor(pixel / (width * height));
    return sceneAt((x + 0.5) / width, (y + 0.5) / height, item)[(index % inChannels) % 3]!;
  }
  const perGroup = inChannels / groups;
  const place = Math.floor(index / (outChannels * perGroup)) % (kernelHeight * kernelWidth);
  const middle = (at: number, length: number): number =>
    (2 * at + 1 - length) / Math.max(length - 1, 1);
  const x = middle(place % kernelWidth, kernelWidth);
  const y = middle(Math.floor(place / kernelWidth), kernelHeight);
  return FILTERS[(index % outChannels) % FILTERS.length]!(x, y) / perGroup;
}

const preset = (
  side: number,
  inChannels: number,
  outChannels: number,
  kernelSide: number,
  items: number,
): KernelExample => ({
  params: {
    height: side,
    width: side,
    inChannels,
    outChannels,
    kernelHeight: kernelSide,
    kernelWidth: kernelSide,
    padding: (kernelSide - 1) / 2,
  },
  items,
  constant: ['weights', 'bias'],
  value: valueOf,
});

export const presets: KernelPresets = {
  small: preset(96, 3, 4, 3, 2),
  medium: preset(128, 4, 8, 5, 4),
  large: preset(224, 8, 32, 3, 2),
};
