/** How the sums of scan@1 look: a chart from the first to the last. */
import { valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { chartPicture, type Picture } from '../picture.ts';

export const pictureOf = (_params: unknown, outputs: NamedTensors, _item: number): Picture =>
  chartPicture(valuesOf(outputs['sums']!) as Uint32Array | Int32Array);
