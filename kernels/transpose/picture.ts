/** How a matrix of transpose@1 looks: every value a pixel. */
import { valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { tablePicture, type Picture } from '../picture.ts';
import type { TransposeParams } from './manifest.ts';

export function pictureOf(
  { rows, columns }: TransposeParams,
  outputs: NamedTensors,
  _item: number,
): Picture {
  const y = valuesOf(outputs['y']!) as Float32Array;
  return tablePicture(rows, columns, (across, down) => y[down * rows + across]!);
}
