/** How a product of matmul@1 looks: every value a pixel, from blue below zero to amber above. */
import { valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { tablePicture, type Picture } from '../picture.ts';
import type { MatmulParams } from './manifest.ts';

export function pictureOf({ m, n }: MatmulParams, outputs: NamedTensors, _item: number): Picture {
  const c = valuesOf(outputs['c']!) as Float32Array;
  return tablePicture(n, m, (x, y) => c[y * n + x]!);
}
