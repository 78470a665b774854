/**
 * Tensors as they lie on the wire, in a blob and on disk: row-major, little-endian bytes.
 *
 * A tensor does not own its bytes: decoding returns views of the buffer that was decoded. Nothing here
 * copies unless a view would be misaligned, and nothing interprets values.
 */
import { assert } from './result.ts';

/** The dtypes of protocol v1, by their safetensors names. */
export const DTYPES = ['F32', 'F16', 'F64', 'I8', 'U8', 'I32', 'U32', 'I64', 'BOOL'] as const;
export type Dtype = (typeof DTYPES)[number];

export const BYTES_PER_ELEMENT: Readonly<Record<Dtype, number>> = {
  F32: 4,
  F16: 2,
  F64: 8,
  I8: 1,
  U8: 1,
  I32: 4,
  U32: 4,
  I64: 8,
  BOOL: 1,
};

export interface Tensor {
  readonly dtype: Dtype;
  /** Row-major shape; `[]` is a scalar. */
  readonly dims: readonly number[];
  /** Exactly `elementCount(dims) * BYTES_PER_ELEMENT[dtype]` bytes. */
  readonly bytes: Uint8Array;
}

export type NamedTensors = Readonly<Record<string, Tensor>>;

/** The dtype and shape of a tensor, without its data. */
export interface TensorSpec {
  readonly dtype: Dtype;
  readonly dims: readonly number[];
}

export type TypedArray =
  | Float32Array
  | Uint16Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int32Array
  | Uint32Array
  | BigInt64Array;

const VIEW_OF = {
  F32: Float32Array,
  F16: Uint16Array, // raw bits: Float16Array is not in every browser we serve
  F64: Float64Array,
  I8: Int8Array,
  U8: Uint8Array,
  I32: Int32Array,
  U32: Uint32Array,
  I64: BigInt64Array,
  BOOL: Uint8Array,
} as const;

export const elementCount = (dims: readonly number[]): number =>
  dims.reduce((product, dim) => product * dim, 1);

export const byteLengthOf = (spec: TensorSpec): number =>
  elementCount(spec.dims) * BYTES_PER_ELEMENT[spec.dtype];

/** A tensor over a typed array's own memory; f16 takes raw bits in a Uint16Array. */
export function tensorOf(dtype: Dtype, dims: readonly number[], data: TypedArray): Tensor {
  assert(data.length === elementCount(dims), `tensorOf: ${data.length} values for [${dims}]`);
  assert(
    data.BYTES_PER_ELEMENT === BYTES_PER_ELEMENT[dtype],
    `tensorOf: ${data.constructor.name} cannot hold ${dtype}`,
  );
  return { dtype, dims, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/** The tensor's values; a view where alignment allows, a copy where it does not. */
export function valuesOf(tensor: Tensor): TypedArray {
  const View = VIEW_OF[tensor.dtype];
  const size = View.BYTES_PER_ELEMENT;
  // Not slice(): that of a Node Buffer is a view.
  const bytes = tensor.bytes.byteOffset % size === 0 ? tensor.bytes : new Uint8Array(tensor.bytes);
  return new View(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / size);
}

/** The `index`-th slice along the first axis, as a view: item `index` of a stacked tensor. */
export function itemOf(stacked: Tensor, index: number): Tensor {
  const [count, ...dims] = stacked.dims;
  assert(count !== undefined && index >= 0 && index < count, `itemOf: ${index} of ${count}`);
  const itemBytes = stacked.bytes.byteLength / count;
  return {
    dtype: stacked.dtype,
    dims,
    bytes: stacked.bytes.subarray(index * itemBytes, (index + 1) * itemBytes),
  };
}

/** New stacked tensor `[items.length, ...itemShape]` holding the given items, in that order. */
export function gatherItems(stacked: Tensor, items: readonly number[]): Tensor {
  const [count, ...dims] = stacked.dims;
  assert(count !== undefined && count > 0, 'gatherItems: the tensor has no items');
  const itemBytes = stacked.bytes.byteLength / count;
  const bytes = new Uint8Array(items.length * itemBytes);
  items.forEach((item, i) => {
    assert(item >= 0 && item < count, `gatherItems: ${item} of ${count}`);
    bytes.set(stacked.bytes.subarray(item * itemBytes, (item + 1) * itemBytes), i * itemBytes);
  });
  return { dtype: stacked.dtype, dims: [items.length, ...dims], bytes };
}

export const sameDims = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((dim, i) => dim === b[i]);

export const describeSpec = (spec: TensorSpec): string => `${spec.dtype}[${spec.dims.join(',')}]`;
