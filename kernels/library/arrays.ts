/**
 * Arrays as the library takes and gives them: in JavaScript's memory, or on a device. Row-major, values packed.
 */
import {
  BYTES_PER_ELEMENT,
  elementCount,
  type Dtype,
  type TypedArray,
} from '../../shared/tensor.ts';

/** In JavaScript's memory. A `Uint16Array` holds the bits of f16. */
export interface NdArray<Data extends TypedArray = TypedArray> {
  readonly data: Data;
  readonly shape: readonly number[];
}

export type AnyArray = NdArray | GpuArray;

/** What comes of arrays of type `From`: on the device where one of them lies there. */
export type ResultOf<From extends AnyArray, Data extends TypedArray> = [
  Extract<From, GpuArray>,
] extends [never]
  ? NdArray<Data>
  : GpuArray;

/** Values of a given shape; a vector where none is given. */
export function array<Data extends TypedArray>(
  data: Data,
  shape: readonly number[] = [data.length],
): NdArray<Data> {
  if (elementCount(shape) === data.length) return { data, shape };
  throw new TypeError(
    `expected ${elementCount(shape)} values for the shape [${shape.join(',')}], came ${data.length}`,
  );
}

/** On a device, until `destroy`. Only the library makes them (`upload`, `wrap`, and results). */
export class GpuArray {
  readonly device: GPUDevice;
  readonly buffer: GPUBuffer;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  #release: (() => void) | undefined;

  constructor(
    { device, buffer, dtype, shape }: Pick<GpuArray, 'device' | 'buffer' | 'dtype' | 'shape'>,
    release: () => void,
  ) {
    this.device = device;
    this.buffer = buffer;
    this.dtype = dtype;
    this.shape = shape;
    this.#release = release;
  }

  get isDestroyed(): boolean {
    return this.#release === undefined;
  }

  /** Gives its memory back; a buffer of the caller's own stays. Harmless the second time. */
  destroy(): void {
    this.#release?.();
    this.#release = undefined;
  }

  /** The same values in another shape; whichever of the two is destroyed first ends both. */
  reshape(shape: readonly number[]): GpuArray {
    if (elementCount(shape) !== elementCount(this.shape)) {
      const came = `[${shape.join(',')}]`;
      throw new TypeError(`expected ${elementCount(this.shape)} values, came the shape ${came}`);
    }
    const { device, buffer, dtype } = this;
    return new GpuArray({ device, buffer, dtype, shape }, () => this.destroy());
  }
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
