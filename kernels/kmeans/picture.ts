/**
 * How the labels of kmeans@1 look: points row by row in a square, each in the mean of its cluster, whose first three
 * coordinates are taken for red, green and blue.
 */
import { valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { painted, type Colour, type Picture } from '../picture.ts';
import type { KmeansParams } from './manifest.ts';

/** Where there is no point, or a point has no such coordinate. */
const NONE = 127.5;

export function pictureOf(
  { points, dimensions, clusters, maxMagnitude }: KmeansParams,
  outputs: NamedTensors,
  _item: number,
): Picture {
  const labels = valuesOf(outputs['labels']!) as Uint32Array;
  const counts = valuesOf(outputs['counts']!) as Uint32Array;
  const sums = valuesOf(outputs['sums']!) as Int32Array;
  const colours = Array.from({ length: clusters }, (_, cluster): Colour => {
    const of = (axis: number): number =>
      axis >= dimensions
        ? NONE
        : NONE * (1 + sums[cluster * dimensions + axis]! / counts[cluster]! / maxMagnitude);
    return [of(0), of(1), of(2)];
  });
  const side = Math.ceil(Math.sqrt(points));
  return painted(side, Math.ceil(points / side), (x, y) => {
    const point = y * side + x;
    return point < points ? colours[labels[point]!]! : [NONE, NONE, NONE];
  });
}
