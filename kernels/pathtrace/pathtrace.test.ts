/** pathtrace@1 where the light is known, its generator, its limits, dispatches and picture. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { ONLY_VARIANT } from '../variants.ts';
import { ballSurface, fixed, ONE, random, unit } from './arithmetic.ts';
import { roomValue } from './cases.ts';
import {
  MAX_MEETINGS,
  cameraOf,
  pathtraceManifest,
  pathtraceParams,
  tilesOf,
  type PathtraceParams,
} from './manifest.ts';
import { pictureOf, wholePicture } from './picture.ts';
import { pathtraceReference } from './reference.ts';

const LIGHT = 2 ** 12;
const [DIFFUSE, MIRROR, GLASS, EMISSIVE] = [0, 1, 2, 3];

const params = (change: object = {}): PathtraceParams =>
  pathtraceParams.parse({
    width: 4,
    height: 4,
    tile: 4,
    samplesPerItem: 16,
    bounces: 8,
    objects: 1,
    seed: 3,
    eye: [0, 0, 4],
    target: [0, 0, 0],
    viewHeight: 0.1,
    ...change,
  });

const ball = (material: number, colour: readonly number[], index = 1.5): number[] => [
  ...[0, 0, 0, 0, 1, 0, 0, 0, material],
  ...colour,
  ...[0, index, 0, 0],
];

function trace(given: PathtraceParams, scene: readonly number[], item = 0): Uint32Array {
  const tensor = tensorOf('F32', [given.objects, 16], Float32Array.from(scene));
  return valuesOf(pathtraceReference(given, item, { scene: tensor })['radiance']!) as Uint32Array;
}

/** Light of each colour per path of one pixel. */
const lightOf = (radiance: Uint32Array, pixel = 5): number[] =>
  [0, 1, 2].map((i) => radiance[4 * pixel + i]! / radiance[4 * pixel + 3]! / LIGHT);

describe('pathtraceReference', () => {
  const sky = [1, 0.5, 2];

  it('sees the sky where nothing is, and a lamp as bright as it is', () => {
    const away = params({ sky, target: [0, 0, 8], eye: [0, 0, 4] });
    expect(lightOf(trace(away, ball(DIFFUSE, [1, 1, 1])))).toEqual(sky);
    expect(lightOf(trace(params({ sky }), ball(EMISSIVE, [16, 0.25, 3])))).toEqual([16, 0.25, 3]);
  });

  // A convex body under an even sky: each of its points sees nothing else.
  it.each([
    ['scatters', DIFFUSE],
    ['mirrors', MIRROR],
  ])('%s its share of an even sky', (_, material) => {
    const light = lightOf(trace(params({ sky }), ball(material, [0.5, 1, 0.25])));
    [0.5, 0.5, 0.5].forEach((value, i) => expect(light[i]).toBeCloseTo(value, 3));
  });

  it('loses nothing in clear glass, and about half in glass that takes a half at each side', () => {
    const clear = params({ sky: [1, 1, 1], bounces: 16, samplesPerItem: 64 });
    expect(lightOf(trace(clear, ball(GLASS, [1, 1, 1])))).toEqual([1, 1, 1]);
    // Through the middle: in and out, but for the 4 percent that are mirrored at each side.
    const [light] = lightOf(trace(clear, ball(GLASS, [0.5, 0.5, 0.5])));
    expect(light).toBeGreaterThan(0.24);
    expect(light).toBeLessThan(0.3);
  });

  it('bends light by the law of refraction', () => {
    // A ball of index 1.5 has its focus 1.5 radii from its middle; behind it stands a small lamp there.
    const lamp = [0, 0, 0, -1.5, 0.1, 0, 0, 0, EMISSIVE, 1, 1, 1, 0, 1, 0, 0];
    const far = params({ objects: 2, eye: [0, 0, 8], viewHeight: 0.05, samplesPerItem: 64 });
    const through = lightOf(trace(far, [...ball(GLASS, [1, 1, 1]), ...lamp]));
    expect(through[0]).toBeGreaterThan(0.85);
    const straight = lightOf(trace(far, [...ball(GLASS, [1, 1, 1], 1), ...lamp]), 0);
    expect(straight[0]).toBeLessThan(0.6);
  });

  it('adds passes, with other paths in each, and leaves what is beyond the picture dark', () => {
    const some = params({ width: 6, sky: [1, 1, 1], viewHeight: 1, objects: 7 });
    const scene = Array.from({ length: 7 * 16 }, (_, i) => roomValue(i));
    expect(tilesOf(some)).toEqual({ across: 2, tiles: 2 });
    const [first, second] = [trace(some, scene, 0), trace(some, scene, 2)];
    expect(first).not.toEqual(second);
    const twice = trace({ ...some, samplesPerItem: 32 }, scene, 0);
    expect(first.map((value, i) => value + second[i]!)).toEqual(twice);
    const right = trace(some, scene, 1);
    for (let pixel = 0; pixel < 16; pixel++) {
      expect(right[4 * pixel + 3]).toBe(pixel % 4 < 2 ? 16 : 0);
    }
  });
});

describe('fixed point', () => {
  it('rounds f32 by their bits, and bounds what is no number', () => {
    const bitsOf = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0]!;
    const of = (value: number) => fixed(bitsOf(value), 12, -100_000, 100_000);
    expect([1, -1, 0.5 / 4096, 0.49 / 4096, 3.7, 1e-40, 0].map(of)).toEqual([
      4096, -4096, 1, 0, 15155, 0, 0,
    ]);
    expect([1e30, -Infinity, NaN].map(of)).toEqual([100_000, -100_000, 100_000]);
  });

  it('makes unit vectors of any length, and points that lie evenly on the sphere', () => {
    const v = { x: 0, y: 0, z: 0 };
    for (const size of [1, 5, 4096, 2 ** 29]) {
      unit(size, -size, 0, v);
      expect(Math.abs(v.x - ONE / Math.SQRT2)).toBeLessThan(2);
      expect([v.y, v.z]).toEqual([-v.x, 0]);
    }
    const dice = new Uint32Array(4);
    const means = [0, 0, 0, 0, 0, 0];
    const count = 20_000;
    for (let i = 0; i < count; i++) {
      random(dice, i, 1, 2, 3);
      ballSurface(dice[0]!, dice[1]!, v);
      [v.x, v.y, v.z].forEach((value, axis) => {
        means[axis]! += value / ONE / count;
        means[axis + 3]! += (value / ONE) ** 2 / count;
      });
    }
    // Deviations of 0.58 and 0.3 over the root of the count: five of them.
    means.slice(0, 3).forEach((mean) => expect(Math.abs(mean)).toBeLessThan(0.021));
    means.slice(3).forEach((mean) => expect(Math.abs(mean - 1 / 3)).toBeLessThan(0.011));
  });
});

describe('pathtraceManifest', () => {
  it('takes parameters up to each limit and refuses them beyond', () => {
    const least = { ...params(), samplesPerItem: 1, bounces: 1 };
    const accepts = (change: object) => pathtraceParams.safeParse({ ...least, ...change }).success;
    expect(accepts({})).toBe(true);
    expect(accepts({ width: 4096, height: 4096, tile: 128 })).toBe(true);
    expect(accepts({ tile: 129 })).toBe(false);
    expect(accepts({ width: 9 })).toBe(false);
    expect(accepts({ eye: [8.1, 0, 0] })).toBe(false);
    expect(accepts({ eye: [0, 5, 0] })).toBe(false);
    expect(accepts({ objects: 33 })).toBe(false);
    expect(accepts({ bounces: 17 })).toBe(false);
    expect(accepts({ tile: 128, samplesPerItem: MAX_MEETINGS / 128 ** 2 })).toBe(true);
    expect(accepts({ tile: 128, samplesPerItem: MAX_MEETINGS / 128 ** 2 + 1 })).toBe(false);
  });

  it('looks from the eye to the target, x to the right and y up', () => {
    const { eye, corner, right, down } = cameraOf(params({ viewHeight: 2 }));
    expect(eye).toEqual([0, 0, 4 * 4096]);
    expect(corner).toEqual([-(2 ** 28), 2 ** 28, -(2 ** 28)]);
    expect(right).toEqual([2 ** 19, 0, 0]);
    expect(down).toEqual([0, -(2 ** 19), 0]);
  });

  it('runs all samples, none twice', () => {
    for (const change of [{ samplesPerItem: 1 }, { samplesPerItem: 1000, bounces: 16 }]) {
      const [, pass] = pathtraceManifest.plan(
        params(change),
        { rows: 2, strides: { scene: 0 } },
        ONLY_VARIANT,
      ).passes;
      const { RUNS, SAMPLES_PER_RUN, SAMPLES } = pass!.constants;
      expect(RUNS! * SAMPLES_PER_RUN!).toBeGreaterThanOrEqual(SAMPLES!);
      expect((RUNS! - 1) * SAMPLES_PER_RUN!).toBeLessThan(SAMPLES!);
      expect(pass!.workgroups).toEqual([1, RUNS, 2]);
    }
  });
});

describe('pictureOf', () => {
  it('shows light by its mean, the most as white, and no path as clear', () => {
    const sums = Uint32Array.of(0, 2 * LIGHT, 32 * LIGHT, 2, 9, 9, 9, 0);
    const radiance = tensorOf('U32', [1, 2, 4], sums);
    const { rgba, width } = pictureOf({ tile: 1 }, { radiance }, 0);
    expect(width).toBe(1);
    expect([...rgba]).toEqual([0, Math.round(255 * (17 / 32) ** (1 / 2.2)), 255, 255]);
  });
});

describe('wholePicture', () => {
  it('puts tiles where they belong and adds up their passes; where none is, it is clear', () => {
    const of = (red: number, paths: number) => ({
      radiance: tensorOf('U32', [1, 1, 4], Uint32Array.of(red * LIGHT, 0, 0, paths)),
    });
    const shape = params({ width: 2, height: 2, tile: 1 });
    const items = [
      { item: 1, outputs: of(1, 2) },
      { item: 5, outputs: of(3, 2) },
      { item: 2, outputs: of(16, 1) },
    ];
    const { width, height, rgba } = wholePicture(shape, items)!;
    expect([width, height]).toEqual([2, 2]);
    const alone = pictureOf({ tile: 1 }, of(4, 4), 0);
    expect([...rgba.subarray(4, 8)]).toEqual([...alone.rgba]);
    expect([...rgba.subarray(8, 12)]).toEqual([255, 0, 0, 255]);
    expect([rgba[3], rgba[15]]).toEqual([0, 0]);
    expect(wholePicture({ ...shape, width: 4096, height: 4096 }, items)).toBeNull();
  });
});
