/**
 * Arrays as the library takes and gives them: in JavaScript's memory, or on a device. Row-major, values packed.
 */
import {
  BYTES_PER_ELEMENT,
  elementCount,
  type Dtype,
  type TypedArray,
} from '../../shared/tensor.ts';
import type { Allocation } from './allocation.ts';
import { KernelCallError } from './call.ts';

/** In JavaScript's memory. A `Uint16Array` holds the bits of f16. */
export interface NdArray<Data extends TypedArray = TypedArray> {
  readonly data: Data;
  readonly shape: readonly number[];
}

export type AnyArray = NdArray | GpuArray;

/** What comes of arrays of these types: on the device where one of them lies there. */
export type ResultOf<From extends readonly AnyArray[], Data extends TypedArray> = [
  Extract<From[number], GpuArray>,
] extends [never]
  ? NdArray<Data>
  : true extends { [I in keyof From]: [From[I]] extends [GpuArray] ? true : false }[number]
    ? GpuArray
    : NdArray<Data> | GpuArray;

/** Values of a given shape; a vector where none is given. */
export function array<Data extends TypedArray>(
  data: Data,
  shape: readonly number[] = [data.length],
): NdArray<Data> {
  const expected = elementsOf(shape);
  if (expected === data.length) return { data, shape };
  throw new KernelCallError(
    `expected ${expected} values for the shape [${shape.join(',')}], came ${data.length}`,
  );
}

/** On a device, until `destroy`. Only the library makes them (`upload`, `wrap`, and results). */
export class GpuArray {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** The library's own. */
  readonly allocation: Allocation;

  constructor(allocation: Allocation, { dtype, shape }: Pick<GpuArray, 'dtype' | 'shape'>) {
    this.allocation = allocation;
    this.dtype = dtype;
    this.shape = shape;
  }

  get device(): GPUDevice {
    return this.allocation.device;
  }

  get buffer(): GPUBuffer {
    return this.allocation.buffer;
  }

  get isDestroyed(): boolean {
    return this.allocation.isDestroyed;
  }

  /**
   * Gives its memory back, when calls that were made with it are done; a buffer of the caller's own stays. Harmless the
   * second time.
   */
  destroy(): void {
    this.allocation.destroy();
  }

  /** The same values in another shape; whichever of the two is destroyed first ends both. */
  reshape(shape: readonly number[]): GpuArray {
    if (this.isDestroyed) throw new KernelCallError('expected an array that was not destroyed');
    if (elementsOf(shape) !== elementCount(this.shape)) {
      const came = `[${shape.join(',')}]`;
      throw new KernelCallError(
        `expected ${elementCount(this.shape)} values, came the shape ${came}`,
      );
    }
    return new GpuArray(this.allocation, { dtype: this.dtype, shape });
  }
}

/** Throws `KernelCallError` where it is no shape. */
export function elementsOf(shape: readonly number[]): number {
  if (shape.every((side) => Number.isSafeInteger(side) && side >= 0)) return elementCount(shape);
  throw new KernelCallError(`expected a shape of whole numbers, came [${shape.join(',')}]`);
}

export const byteLength = ({ dtype, shape }: Pick<GpuArray, 'dtype' | 'shape'>): number =>
  elementCount(shape) * BYTES_PER_ELEMENT[dtype];

/** Of a typed array's class. */
export function dtypeOf(values: AnyArray): Dtype {
  if (values instanceof GpuArray) return values.dtype;
  const { data } = values;
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof Uint32Array) return 'U32';
  if (data instanceof Int32Array) return 'I32';
  if (data instanceof Uint16Array) return 'F16';
  if (data instanceof Int8Array) return 'I8';
  if (data instanceof Uint8Array) return 'U8';
  if (data instanceof BigInt64Array) return 'I64';
  return 'F64';
}
