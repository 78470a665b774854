/** pathtrace@1: every shape and material, tiles that end beyond the picture, scenes of noise and of no numbers at all. */
import type { KernelCase } from '../testing/cases.ts';

/** Kind, place, size, half sides, material, colour, roughness, index. */
const ROOM: readonly (readonly number[])[] = [
  [1, 0, 1, 0, -1, 0, 0, 0, 0, 0.75, 0.75, 0.75, 0, 1, 0, 0],
  [1, 1, 0, 0, -2, 0, 0, 0, 0, 0.75, 0.25, 0.25, 0, 1, 0, 0],
  [1, 0.6, 0, -0.8, -3, 0, 0, 0, 1, 0.5, 0.75, 0.5, 0.1, 1, 0, 0],
  [0, -0.8, -0.4, 0.2, 0.6, 0, 0, 0, 1, 0.95, 0.95, 0.95, 0, 1, 0, 0],
  [0, 0.7, -0.5, 0.6, 0.5, 0, 0, 0, 2, 1, 1, 1, 0, 1.5, 0, 0],
  [2, 0, -0.7, -0.6, 0, 0.3, 0.3, 0.3, 0, 0.25, 0.5, 0.875, 0, 1, 0, 0],
  [0, 0.3, 2.2, 0.5, 0.8, 0, 0, 0, 3, 9, 8, 7, 0, 1, 0, 0],
];

/** A room with one object of every kind. */
export const roomValue = (index: number): number =>
  ROOM[Math.floor(index / 16) % ROOM.length]![index % 16]!;

const view = { eye: [0.2, 0.4, 4], target: [0, -0.2, 0], viewHeight: 0.9, seed: 5 };
const small = { ...view, width: 24, height: 16, tile: 8, bounces: 6, objects: ROOM.length };

export const pathtraceCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { ...small, samplesPerItem: 2 }, items: 3, value: (_, i) => roomValue(i) },
  // More than one run of samples; the last tile is outside for a part.
  {
    params: {
      ...small,
      width: 19,
      height: 13,
      samplesPerItem: 23,
      bounces: 16,
      sky: [0.5, 0.7, 16],
    },
    items: 7,
    constant: ['scene'],
    value: (_, i) => roomValue(i),
  },
  { params: { ...small, tile: 1, samplesPerItem: 1, bounces: 1, objects: 1 }, items: 2 },
  // Objects, and their kinds, by chance.
  {
    params: { ...small, samplesPerItem: 5, objects: 32, sky: [1, 1, 1] },
    items: 2,
    value: (_, i) =>
      i % 16 === 0 ? i % 3 : i % 16 === 8 ? (i >> 4) % 4 : (((i * 7919) % 1000) - 300) / 350,
  },
  {
    params: { ...small, samplesPerItem: 3, objects: 16, seed: 0xffffffff, sky: [1, 1, 1] },
    items: 2,
    value: (_, i) =>
      [NaN, 1, Infinity, -0, -3e38, 1e-40, 0.25, -Infinity, 2, 1e-3, 5, 3][i % 13] ?? 1,
  },
];
