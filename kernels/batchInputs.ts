/**
 * The inputs of a batch as a kernel sees them, whichever of them the author gave stacked or constant.
 */
import type { ItemBatch } from '../shared/program.ts';
import {
  byteLengthOf,
  describeSpec,
  itemOf,
  type Tensor,
  type TensorSpec,
} from '../shared/tensor.ts';

/** A batch does not hold what the kernel's manifest asks for: a compute error, never a bug. */
export class KernelInputError extends Error {
  override name = 'KernelInputError';
}

/** Where an input lies. `tensor` is `[rows, ...item]` when stacked, one item when constant. */
export interface BatchInput {
  readonly kind: 'stacked' | 'constant';
  readonly tensor: Tensor;
}

/**
 * Finds an input and checks its dtype and size against the item's spec.
 * Throws `KernelInputError` where it is absent or of another size.
 */
export function batchInput(batch: ItemBatch, name: string, spec: TensorSpec): BatchInput {
  const constant = batch.constants[name];
  const tensor = constant ?? batch.stacked[name];
  const expected = `input "${name}" as ${describeSpec(spec)}`;
  if (tensor === undefined) {
    throw new KernelInputError(`expected ${expected} per item or as a constant, came nothing`);
  }
  const rows = constant === undefined ? batch.items.length : 1;
  if (tensor.dtype !== spec.dtype || tensor.bytes.byteLength !== rows * byteLengthOf(spec)) {
    const times = constant === undefined ? ` for each of ${rows} rows` : '';
    throw new KernelInputError(`expected ${expected}${times}, came ${describeSpec(tensor)}`);
  }
  return { kind: constant === undefined ? 'stacked' : 'constant', tensor };
}

/** One row's view of an input, in the item's own shape. */
export function inputOfRow(input: BatchInput, row: number, spec: TensorSpec): Tensor {
  const item = input.kind === 'stacked' ? itemOf(input.tensor, row) : input.tensor;
  return { dtype: spec.dtype, dims: spec.dims, bytes: item.bytes };
}
