/**
 * kmeans@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on the CPU and
 * `kmeans.wgsl` on the GPU, equal bit for bit.
 *
 * Invariant: integers only. In floats a point near the border of two clusters would honestly go to either of them, and
 * what it changes is a whole label; here a tie goes to the first centroid, everywhere.
 */
import * as z from 'zod/mini';
import { MAX_ITEM_BYTES } from '../../shared/limits.ts';
import type { KernelManifest } from '../manifest.ts';
import type { DispatchPlan } from '../plan.ts';

export const MAX_KMEANS_DIMENSIONS = 256;
export const MAX_KMEANS_CLUSTERS = 1024;
/** Coordinates of all points of an item. */
export const MAX_KMEANS_COORDINATES = MAX_ITEM_BYTES / 4;
/** Coordinates of all centroids: what one thread of the first pass goes through, and one lane adds up in. */
export const MAX_CENTROID_COORDINATES = 2 ** 16;
/** Points times coordinates of all centroids: the CPU referee takes a second or two for them. */
export const MAX_KMEANS_PRODUCTS = 2 ** 28;

const WORKGROUP_THREADS = 64;
/** Of the first pass, whose threads take four each. */
const POINTS_PER_WORKGROUP = 4 * WORKGROUP_THREADS;
/** Shares of the points that are added up apart. */
const MAX_LANES_PER_ITEM = 256;
/** Sums of all lanes of an item, in words. */
const MAX_LANE_WORDS = 2 ** 20;
/** A lane's sums are cleared and added up: it should have some points for each. */
const MIN_POINTS_PER_SUM = 4;
const MIN_POINTS_PER_LANE = 64;
/** A difference, a product, a sum. */
const FLOPS_PER_COORDINATE = 3;
const INERTIA_WORDS = 2;

const count = (most: number) => z.int().check(z.minimum(1), z.maximum(most));

export const kmeansParams = z
  .strictObject({
    points: count(MAX_KMEANS_COORDINATES),
    dimensions: count(MAX_KMEANS_DIMENSIONS),
    clusters: count(MAX_KMEANS_CLUSTERS),
    /** No coordinate of a point or centroid is larger, whatever its sign. */
    maxMagnitude: count(2 ** 15),
  })
  .check(
    z.refine(
      ({ points, dimensions }) => points * dimensions <= MAX_KMEANS_COORDINATES,
      `expected points x dimensions of at most ${MAX_KMEANS_COORDINATES}; give more points as further items`,
    ),
    z.refine(
      ({ clusters, dimensions }) => clusters * dimensions <= MAX_CENTROID_COORDINATES,
      `expected clusters x dimensions of at most ${MAX_CENTROID_COORDINATES}`,
    ),
    z.refine(
      ({ points, clusters, dimensions }) => points * clusters * dimensions <= MAX_KMEANS_PRODUCTS,
      `expected points x clusters x dimensions of at most ${MAX_KMEANS_PRODUCTS}; give more points as further items`,
    ),
    z.refine(
      ({ dimensions, maxMagnitude }) => dimensions * (2 * maxMagnitude) ** 2 < 2 ** 32,
      'expected dimensions x (2 maxMagnitude)^2 below 2^32, so that a squared distance fits 32 bits: scale by less',
    ),
    z.refine(
      ({ points, maxMagnitude }) => points * maxMagnitude < 2 ** 31,
      'expected points x maxMagnitude below 2^31, so that sums fit 32 bits: scale by less, or give fewer points',
    ),
  );

export type KmeansParams = z.infer<typeof kmeansParams>;

export const kmeansManifest: KernelManifest<KmeansParams> = {
  name: 'kmeans',
  version: 1,
  explanation:
    'One step of k-means (Lloyd): each point’s nearest centroid, and of each cluster how many points it has and the ' +
    'sums of their coordinates; `inertia` is the sum of all squared distances. Points are given in shares, one an ' +
    'item, with the centroids as a constant: the author adds up counts and sums of all items, divides, rounds, and ' +
    'sends the next step. Coordinates are integers: multiply floats by a scale and round, as 8191 / the largest for ' +
    '16 dimensions or 2047 / the largest for 256. Then labels, too, are equal bit for bit on every device, and a ' +
    'tie goes to the first centroid; where coordinates exceed maxMagnitude, distances wrap at 32 bits and mean nothing.',
  source: 'S. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28 (1982)',
  params: kmeansParams,
  inputs: ({ points, dimensions, clusters }) => ({
    points: { dtype: 'I32', dims: [points, dimensions] },
    centroids: { dtype: 'I32', dims: [clusters, dimensions] },
  }),
  outputs: ({ points, dimensions, clusters }) => ({
    labels: { dtype: 'U32', dims: [points] },
    /** Points of each cluster. */
    counts: { dtype: 'U32', dims: [clusters] },
    sums: { dtype: 'I32', dims: [clusters, dimensions] },
    /** The sum of the squared distances to the nearest centroids. */
    inertia: { dtype: 'I64', dims: [] },
  }),
  flopsPerItem: ({ points, dimensions, clusters }) =>
    points * dimensions * (clusters * FLOPS_PER_COORDINATE + 1),
  bytesPerItem: ({ points, dimensions, clusters }) =>
    4 * (points * dimensions + points + clusters * (2 * dimensions + 1) + INERTIA_WORDS),
  verification: 'exact',
  acceptance: { kind: 'exact', nonFinite: 'refuse' },
  plan: ({ points, dimensions, clusters }, { rows, strides }): DispatchPlan => {
    const laneWords = clusters * (dimensions + 1) + INERTIA_WORDS;
    const worthwhile = Math.max(MIN_POINTS_PER_LANE, MIN_POINTS_PER_SUM * clusters);
    const lanes = Math.min(
      Math.ceil(points / worthwhile),
      Math.floor(MAX_LANE_WORDS / laneWords),
      MAX_LANES_PER_ITEM,
    );
    const threads = lanes * (dimensions + 2);
    const shape = { POINTS: points, DIMENSIONS: dimensions, CLUSTERS: clusters };
    const ofPoints = { POINTS_STRIDE: strides['points']! };
    return {
      bindings: [
        { name: 'points', access: 'read' },
        { name: 'centroids', access: 'read' },
        { name: 'distances', access: 'read-write' },
        { name: 'laneSums', access: 'read-write' },
        { name: 'labels', access: 'read-write' },
        { name: 'counts', access: 'read-write' },
        { name: 'sums', access: 'read-write' },
        { name: 'inertia', access: 'read-write' },
      ],
      scratchBytes: { distances: 4 * points * rows, laneSums: 4 * laneWords * lanes * rows },
      passes: [
        {
          entryPoint: 'assign',
          workgroups: [Math.ceil(points / POINTS_PER_WORKGROUP), 1, rows],
          constants: { ...shape, ...ofPoints, CENTROIDS_STRIDE: strides['centroids']! },
          flopsPerWorkgroup:
            Math.min(points, POINTS_PER_WORKGROUP) * clusters * dimensions * FLOPS_PER_COORDINATE,
        },
        {
          entryPoint: 'addUp',
          workgroups: [Math.ceil(threads / WORKGROUP_THREADS), 1, rows],
          constants: { ...shape, ...ofPoints, LANES: lanes },
          flopsPerWorkgroup:
            Math.min(threads, WORKGROUP_THREADS) * (Math.ceil(points / lanes) * 2 + clusters),
        },
        {
          entryPoint: 'total',
          workgroups: [Math.ceil((laneWords - 1) / WORKGROUP_THREADS), 1, rows],
          constants: { DIMENSIONS: dimensions, CLUSTERS: clusters, LANES: lanes },
          flopsPerWorkgroup: Math.min(laneWords, WORKGROUP_THREADS) * lanes,
        },
      ],
    };
  },
};
