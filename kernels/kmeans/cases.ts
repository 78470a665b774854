/** kmeans@1: both sides of four centroids, of a lane and of a workgroup; ties, empty clusters, wrapping distances. */
import type { KernelCase } from '../testing/cases.ts';

const within = (most: number) => (_: string, i: number) =>
  ((Math.imul(i + 1, 2654435761) >>> 8) % (2 * most + 1)) - most;

const step = (
  points: number,
  dimensions: number,
  clusters: number,
  maxMagnitude: number,
  more: Partial<KernelCase> = {},
): KernelCase => ({
  params: { points, dimensions, clusters, maxMagnitude },
  items: 2,
  value: within(maxMagnitude),
  ...more,
});

export const kmeansCases: readonly [KernelCase, ...KernelCase[]] = [
  step(100, 3, 5, 1000, { items: 3, constant: ['centroids'] }),
  step(1, 256, 1, 2047),
  step(256, 2, 4, 20_000),
  step(65, 7, 3, 9000, { constant: ['points'] }),
  step(257, 16, 9, 8191, { constant: ['centroids'] }),
  step(129, 1, 200, 30),
  step(3000, 5, 8, 100, { items: 1 }),
  step(67, 33, 17, 3, { items: 3 }),
  // Every point as near to every centroid: the first one has them all.
  step(300, 4, 6, 5, { value: (name, i) => (name === 'points' ? 0 : i % 2 === 0 ? 5 : -5) }),
  // Any words: distances and sums wrap, the same everywhere.
  { params: { points: 500, dimensions: 6, clusters: 7, maxMagnitude: 1 }, items: 2 },
];
