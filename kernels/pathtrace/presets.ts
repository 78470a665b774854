/** pathtrace@1 in the gallery: balls of glass, metal and chalk on a floor, in the light of the sky and of a lamp. */
import type { KernelExample, KernelPresets } from '../example.ts';
import { OBJECT_VALUES } from './manifest.ts';

type Triple = readonly [number, number, number];

const [SPHERE, PLANE, BOX] = [0, 1, 2];
const [DIFFUSE, MIRROR, GLASS, EMISSIVE] = [0, 1, 2, 3];
const NO_SIDES: Triple = [0, 0, 0];

const ball = (
  centre: Triple,
  radius: number,
  material: number,
  colour: Triple,
  roughness = 0,
): readonly number[] => [
  SPHERE,
  ...centre,
  radius,
  ...NO_SIDES,
  material,
  ...colour,
  roughness,
  1.5,
  0,
  0,
];

/** As the manifest says that an object's values lie. */
const SCENE: readonly (readonly number[])[] = [
  [PLANE, 0, 1, 0, -1, ...NO_SIDES, DIFFUSE, 0.62, 0.6, 0.56, 0, 1, 0, 0],
  ball([-1.25, -0.2, -0.5], 0.8, MIRROR, [0.98, 0.78, 0.42], 0.08),
  ball([0.25, -0.35, 0.35], 0.65, GLASS, [1, 1, 1]),
  ball([1.6, -0.1, -1], 0.9, DIFFUSE, [0.78, 0.2, 0.16]),
  ball([1.05, -0.75, 0.9], 0.25, MIRROR, [0.9, 0.92, 0.95]),
  ball([-0.55, -0.78, 1], 0.22, DIFFUSE, [0.16, 0.5, 0.42]),
  ball([-1.75, -0.8, 0.75], 0.2, DIFFUSE, [0.92, 0.7, 0.2]),
  [BOX, 0.1, -0.5, -1.9, 0, 0.5, 0.5, 0.5, DIFFUSE, 0.2, 0.32, 0.66, 0, 1, 0, 0],
  ball([-3.2, 3.6, 1.8], 2.2, EMISSIVE, [3.2, 2.6, 1.9]),
];

const preset = (
  width: number,
  height: number,
  tile: number,
  samplesPerItem: number,
  items: number,
): KernelExample => ({
  params: {
    width,
    height,
    tile,
    samplesPerItem,
    bounces: 6,
    objects: SCENE.length,
    seed: 7,
    eye: [0, 0.35, 4.6],
    target: [0, -0.3, 0],
    viewHeight: 0.62,
    sky: [0.5, 0.66, 0.95],
  },
  items,
  constant: ['scene'],
  value: (_, index) =>
    SCENE[Math.floor(index / OBJECT_VALUES) % SCENE.length]![index % OBJECT_VALUES]!,
});

export const presets: KernelPresets = {
  small: preset(96, 64, 32, 4, 6),
  medium: preset(144, 96, 48, 8, 6),
  large: preset(192, 128, 64, 8, 6),
};
