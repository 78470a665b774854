import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfValues, flattened, jsonNumbers, type JsonNumber } from './jsonTensor.ts';
import { DTYPES, byteLengthOf, type Dtype, type Tensor } from './tensor.ts';

const read = (dtype: Dtype, values: readonly unknown[]) =>
  bytesOfValues(values, { name: 'x', dtype, dims: [values.length] });

describe('numbers of JSON', () => {
  it('give the same tensor again, of every dtype, where they are finite', () => {
    const aTensor = fc.constantFrom(...DTYPES).chain((dtype) =>
      fc.nat({ max: 6 }).chain((count) => {
        const dims = [count];
        const length = byteLengthOf({ dtype, dims });
        const bytes = fc.uint8Array({ minLength: length, maxLength: length });
        return bytes.map((it): Tensor => {
          const held = dtype === 'BOOL' ? it.map((one) => one & 1) : it;
          return { dtype, dims, bytes: new Uint8Array(held) };
        });
      }),
    );
    let finite = 0;
    fc.assert(
      fc.property(aTensor, (tensor) => {
        const numbers = JSON.parse(JSON.stringify(jsonNumbers(tensor))) as JsonNumber[];
        const isFinite = numbers.every((it) => it !== null && !String(it).endsWith('Infinity'));
        if (!isFinite) return;
        finite += 1;
        const again = read(tensor.dtype, numbers);
        if (!again.ok) throw new Error(JSON.stringify(again.error));
        // JSON has no negative zero.
        const compared = jsonNumbers({ ...tensor, bytes: again.value });
        expect(compared.map((it) => (it === 0 ? 0 : it))).toEqual(
          numbers.map((it) => (it === 0 ? 0 : it)),
        );
      }),
      { numRuns: 2_000, seed: 7 },
    );
    expect(finite).toBeGreaterThan(1_000);
  });

  it.each([
    ['F32', 3.5e38, /nearer to 0/],
    ['F16', 65_520, /nearer to 0/],
    ['F32', '1', /numbers/],
    ['F64', null, /numbers/],
    ['U8', 256, /0 to 255/],
    ['I8', -129, /-128 to 127/],
    ['U32', -1, /whole numbers from 0/],
    ['I32', 0.5, /whole/],
    ['I64', 2 ** 53, /whole/],
    ['I64', '9223372036854775808', /64 bits/],
    ['BOOL', 2, /0 to 1/],
  ] as const)('are refused as %s where they are %j', (dtype, value, expected) => {
    const result = read(dtype, [value]);
    expect(result.ok ? '' : result.error.expected).toMatch(expected);
  });

  it('keep the largest f32 and f16, and round what is just beyond them to it', () => {
    expect(read('F32', [3.4028234663852886e38]).ok).toBe(true);
    expect(read('F16', [65_519]).ok).toBe(true);
  });

  it('are counted', () => {
    expect(read('F32', []).ok).toBe(true);
    const two = bytesOfValues([1], { name: 'x', dtype: 'F32', dims: [1, 2] });
    expect(two).toMatchObject({ error: { expected: '2 numbers for "x" [1, 2]', came: '1' } });
  });
});

it('arrays within arrays become one list, which ends soon where it is too long', () => {
  expect(flattened([[1, [2]], 3], 3)).toEqual([1, 2, 3]);
  expect(flattened([[1, 2], 3, 4, 5], 2)).toEqual([1, 2, 3]);
});
