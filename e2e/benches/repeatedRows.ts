import { itemOf, type Tensor } from '../../shared/tensor.ts';

/** `count` rows: the tensor's own, again and again. */
export function repeatedRows(tensor: Tensor, count: number): Tensor {
  const rows = tensor.dims[0]!;
  const itemBytes = tensor.bytes.byteLength / rows;
  const bytes = new Uint8Array(count * itemBytes);
  for (let row = 0; row < count; row++) {
    bytes.set(itemOf(tensor, row % rows).bytes, row * itemBytes);
  }
  return { dtype: tensor.dtype, dims: [count, ...tensor.dims.slice(1)], bytes };
}
