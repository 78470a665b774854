/**
 * transpose@1 on the CPU: words, because a NaN that passes through a float may change its bits.
 */
import type { NamedTensors } from '../../shared/tensor.ts';
import type { TransposeParams } from './manifest.ts';

/** `x` F32 [rows,columns] to `y` F32 [columns,rows]; the item index plays no part. */
export function transposeReference(
  { rows, columns }: TransposeParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const x = inputs['x']!.bytes;
  const y = new Uint8Array(x.byteLength);
  const taken = new DataView(x.buffer, x.byteOffset, x.byteLength);
  const put = new DataView(y.buffer);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      put.setUint32(4 * (j * rows + i), taken.getUint32(4 * (i * columns + j)));
    }
  }
  return { y: { dtype: 'F32', dims: [columns, rows], bytes: y } };
}
