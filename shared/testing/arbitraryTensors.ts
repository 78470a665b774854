/** Arbitrary tensors for property tests: every dtype, rank 0 to 4, empty ones, hard names. */
import fc from 'fast-check';
import {
  BYTES_PER_ELEMENT,
  DTYPES,
  elementCount,
  type NamedTensors,
  type Tensor,
} from '../tensor.ts';

const anyDims = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

export const anyTensor: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom(...DTYPES), anyDims)
  .chain(([dtype, dims]) => {
    const length = elementCount(dims) * BYTES_PER_ELEMENT[dtype];
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((bytes) => ({ dtype, dims, bytes }));
  });

/** `__metadata__` is the layout's own word, never a tensor's name. */
const anyName = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
    fc.constantFrom('0', '10', 'x'),
  )
  .filter((name) => name !== '__metadata__');

export const anyTensors: fc.Arbitrary<NamedTensors> = fc
  .uniqueArray(fc.tuple(anyName, anyTensor), { selector: ([name]) => name, maxLength: 5 })
  .map((entries) => Object.fromEntries(entries));
