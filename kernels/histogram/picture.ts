/** How the counts of histogram@1 look: a bar for each bin. */
import { valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { chartPicture, type Picture } from '../picture.ts';

export const pictureOf = (_params: unknown, outputs: NamedTensors, _item: number): Picture =>
  chartPicture(valuesOf(outputs['counts']!) as Uint32Array);
