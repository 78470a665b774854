/** The reference by hand and as what moves centroids, and what the manifest says of itself. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { noise } from '../noise.ts';
import { ONLY_VARIANT } from '../variants.ts';
import {
  MAX_KMEANS_CLUSTERS,
  MAX_KMEANS_DIMENSIONS,
  kmeansManifest,
  kmeansParams,
} from './manifest.ts';
import { kmeansReference } from './reference.ts';

function stepped(dimensions: number, points: readonly number[], centroids: readonly number[]) {
  const params = kmeansParams.parse({
    points: points.length / dimensions,
    dimensions,
    clusters: centroids.length / dimensions,
    maxMagnitude: 1000,
  });
  const rows = (words: readonly number[]) =>
    tensorOf('I32', [words.length / dimensions, dimensions], Int32Array.from(words));
  const made = kmeansReference(params, 0, { points: rows(points), centroids: rows(centroids) });
  return Object.fromEntries(
    Object.entries(made).map(([name, it]) => [name, [...valuesOf(it)].map(Number)]),
  );
}

describe('kmeansReference', () => {
  it('labels points, counts them and adds them up; a tie goes to the first centroid', () => {
    expect(stepped(2, [0, 0, 10, 0, 5, 0, -3, 4], [0, 0, 10, 0, 99, 99])).toEqual({
      labels: [0, 1, 0, 0],
      counts: [3, 1, 0],
      sums: [2, 4, 10, 0, 0, 0],
      inertia: [0 + 0 + 25 + 25],
    });
  });

  it('finds two heaps in a few steps, and inertia never grows', () => {
    const random = noise(3);
    const heap = (centre: number) =>
      Array.from({ length: 50 }, () => Math.round(centre + 40 * random()));
    const points = [...heap(-500), ...heap(500)];
    let centroids = [-1, 1];
    let last = Infinity;
    for (let step = 0; step < 5; step++) {
      const { counts, sums, inertia } = stepped(1, points, centroids);
      expect(inertia![0]).toBeLessThanOrEqual(last);
      last = inertia![0]!;
      centroids = sums!.map((sum, i) => Math.round(sum / counts![i]!));
    }
    expect(Math.abs(centroids[0]! + 500)).toBeLessThan(10);
    expect(Math.abs(centroids[1]! - 500)).toBeLessThan(10);
  });
});

describe('kmeansManifest', () => {
  const least = { points: 1, dimensions: 1, clusters: 1, maxMagnitude: 1 };

  it('takes parameters up to each limit and refuses them beyond', () => {
    const accepts = (change: object) => kmeansParams.safeParse({ ...least, ...change }).success;
    expect(accepts({})).toBe(true);
    expect(accepts({ dimensions: MAX_KMEANS_DIMENSIONS, maxMagnitude: 2047 })).toBe(true);
    expect(accepts({ dimensions: MAX_KMEANS_DIMENSIONS, maxMagnitude: 2048 })).toBe(false);
    expect(accepts({ dimensions: MAX_KMEANS_DIMENSIONS + 1 })).toBe(false);
    expect(accepts({ dimensions: 16, maxMagnitude: 8191 })).toBe(true);
    expect(accepts({ clusters: MAX_KMEANS_CLUSTERS, dimensions: 64 })).toBe(true);
    expect(accepts({ clusters: MAX_KMEANS_CLUSTERS, dimensions: 65 })).toBe(false);
    expect(accepts({ clusters: MAX_KMEANS_CLUSTERS + 1 })).toBe(false);
    expect(accepts({ points: 2 ** 21 })).toBe(true);
    expect(accepts({ points: 2 ** 21, dimensions: 2 })).toBe(false);
    expect(accepts({ points: 2 ** 20, dimensions: 2, clusters: 128 })).toBe(true);
    expect(accepts({ points: 2 ** 20, dimensions: 2, clusters: 129 })).toBe(false);
    expect(accepts({ points: 2 ** 17, maxMagnitude: 2 ** 14 })).toBe(false);
    expect(accepts({ maxMagnitude: 0 })).toBe(false);
  });

  it('plans at least one lane and at most 4 MiB of sums for an item, in few enough workgroups', () => {
    const given = [
      least,
      { points: 2 ** 21, dimensions: 1, clusters: 128 },
      { points: 2 ** 13, dimensions: 256, clusters: 128 },
      { points: 2 ** 12, dimensions: 64, clusters: 1024 },
      { points: 2 ** 18, dimensions: 1, clusters: 1024 },
    ];
    for (const change of given) {
      const params = kmeansParams.parse({ ...least, ...change });
      const shape = { rows: 1, strides: { points: 0, centroids: 0 } };
      const { passes, scratchBytes } = kmeansManifest.plan(params, shape, ONLY_VARIANT);
      expect(passes[1]!.constants['LANES']).toBeGreaterThan(0);
      expect(scratchBytes['laneSums']).toBeLessThanOrEqual(2 ** 22);
      for (const { workgroups } of passes) expect(workgroups[0]).toBeLessThan(65_536);
    }
  });
});
