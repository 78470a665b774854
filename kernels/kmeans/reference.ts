/**
 * kmeans@1 on the CPU. Distances wrap at 32 bits, as they do in WGSL, where coordinates are beyond what they may be.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { KmeansParams } from './manifest.ts';

/** `points` I32 [n,d], `centroids` I32 [k,d] to `labels` U32 [n], `counts` U32 [k], `sums` I32 [k,d], `inertia` I64. */
export function kmeansReference(
  { points: count, dimensions, clusters }: KmeansParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const points = valuesOf(inputs['points']!) as Int32Array;
  const centroids = valuesOf(inputs['centroids']!) as Int32Array;
  const labels = new Uint32Array(count);
  const counts = new Uint32Array(clusters);
  const sums = new Int32Array(clusters * dimensions);
  // Of at most 2^21 distances below 2^32: exact.
  let inertia = 0;
  for (let i = 0; i < count; i++) {
    const point = i * dimensions;
    let label = 0;
    let nearest = Infinity;
    for (let cluster = 0; cluster < clusters; cluster++) {
      const centroid = cluster * dimensions;
      let squares = 0;
      for (let axis = 0; axis < dimensions; axis++) {
        const apart = (points[point + axis]! - centroids[centroid + axis]!) | 0;
        squares = (squares + Math.imul(apart, apart)) | 0;
      }
      const distance = squares >>> 0;
      if (distance < nearest) {
        nearest = distance;
        label = cluster;
      }
    }
    labels[i] = label;
    counts[label]! += 1;
    inertia += nearest;
    for (let axis = 0; axis < dimensions; axis++) {
      sums[label * dimensions + axis]! += points[point + axis]!;
    }
  }
  return {
    labels: tensorOf('U32', [count], labels),
    counts: tensorOf('U32', [clusters], counts),
    sums: tensorOf('I32', [clusters, dimensions], sums),
    inertia: tensorOf('I64', [], BigInt64Array.of(BigInt(inertia))),
  };
}
