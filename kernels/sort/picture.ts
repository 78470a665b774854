/** How the keys of sort@1 look: a chart from the first to the last. */
import { valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { chartPicture, type Picture } from '../picture.ts';

export const pictureOf = (_params: unknown, outputs: NamedTensors, _item: number): Picture =>
  chartPicture(valuesOf(outputs['sortedKeys']!) as Uint32Array);
