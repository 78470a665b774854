/** Tensors as views: no copy where alignment allows, the right copy where it does not. */
import { describe, expect, it } from 'vitest';
import { BugError } from './result.ts';
import {
  BYTES_PER_ELEMENT,
  DTYPES,
  byteLengthOf,
  describeSpec,
  elementCount,
  gatherItems,
  itemOf,
  sameDims,
  tensorOf,
  valuesOf,
} from './tensor.ts';

const f32 = (dims: readonly number[], ...values: number[]) =>
  tensorOf('F32', dims, Float32Array.from(values));

describe('specs', () => {
  it('a scalar has one element, an axis of zero none', () => {
    expect([elementCount([]), elementCount([3, 0, 2]), elementCount([2, 3])]).toEqual([1, 0, 6]);
    expect(byteLengthOf({ dtype: 'I64', dims: [2, 3] })).toBe(48);
    expect(describeSpec({ dtype: 'F16', dims: [2, 3] })).toBe('F16[2,3]');
    expect(describeSpec({ dtype: 'U8', dims: [] })).toBe('U8[]');
  });

  it('shapes are equal by rank and by every size', () => {
    expect(sameDims([2, 3], [2, 3])).toBe(true);
    expect(sameDims([2, 3], [3, 2])).toBe(false);
    expect(sameDims([2, 3], [2, 3, 1])).toBe(false);
    expect(sameDims([], [])).toBe(true);
  });
});

describe('tensorOf', () => {
  it('is a view of the typed array', () => {
    const data = Float32Array.from([1, 2]);
    const tensor = tensorOf('F32', [2], data);
    data[1] = 7;
    expect([...valuesOf(tensor)]).toEqual([1, 7]);
  });

  it('a wrong count or a wrong width is a bug', () => {
    expect(() => tensorOf('F32', [3], new Float32Array(2))).toThrow(BugError);
    expect(() => tensorOf('F64', [2], new Float32Array(2))).toThrow('cannot hold F64');
  });
});

describe('valuesOf', () => {
  it.each(DTYPES)('reads %s at every offset of a buffer, little-endian', (dtype) => {
    const size = BYTES_PER_ELEMENT[dtype];
    for (let offset = 0; offset < 8; offset++) {
      const bytes = new Uint8Array(offset + 2 * size).subarray(offset);
      bytes[0] = 1;
      bytes[size] = 2;
      const values = valuesOf({ dtype, dims: [2], bytes });
      const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      expect([...raw]).toEqual([...bytes]);
      expect(values.buffer === bytes.buffer).toBe(offset % size === 0);
    }
  });

  it('copies misaligned bytes of a class whose slice() is a view, as Node’s Buffer is', () => {
    class BufferLike extends Uint8Array {
      override slice(start?: number, end?: number) {
        return this.subarray(start, end);
      }
    }
    const bytes = new BufferLike(new ArrayBuffer(9), 1, 8);
    const values = valuesOf({ dtype: 'F64', dims: [1], bytes });
    expect([...values]).toEqual([0]);
    expect(values.buffer).not.toBe(bytes.buffer);
  });

  it('f16 is raw bits', () => {
    const tensor = tensorOf('F16', [1], Uint16Array.of(0x3c00));
    expect([...valuesOf(tensor)]).toEqual([0x3c00]);
  });
});

describe('items of a stacked tensor', () => {
  const stacked = f32([3, 2], 1, 2, 3, 4, 5, 6);

  it('itemOf is a view', () => {
    const item = itemOf(stacked, 1);
    expect(item.dims).toEqual([2]);
    expect([...valuesOf(item)]).toEqual([3, 4]);
    expect(item.bytes.buffer).toBe(stacked.bytes.buffer);
  });

  it('gatherItems takes items in any order, also twice', () => {
    const gathered = gatherItems(stacked, [2, 0, 2]);
    expect(gathered.dims).toEqual([3, 2]);
    expect([...valuesOf(gathered)]).toEqual([5, 6, 1, 2, 5, 6]);
    expect(gatherItems(stacked, []).dims).toEqual([0, 2]);
  });

  it('an item that is not there is a bug', () => {
    for (const index of [-1, 3]) {
      expect(() => itemOf(stacked, index)).toThrow(BugError);
      expect(() => gatherItems(stacked, [index])).toThrow(BugError);
    }
    expect(() => itemOf(f32([], 1), 0)).toThrow(BugError);
    expect(() => gatherItems(f32([0, 2]), [0])).toThrow(BugError);
  });

  it('items of no bytes are items', () => {
    expect(itemOf(f32([3, 0]), 2)).toMatchObject({ dims: [0] });
    expect(gatherItems(f32([3, 0]), [0, 1]).dims).toEqual([2, 0]);
  });
});
