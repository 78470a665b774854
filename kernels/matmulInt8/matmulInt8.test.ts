/** matmulInt8@1 by hand, its limits and its price. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { matmulInt8Manifest, matmulInt8Params } from './manifest.ts';
import { matmulInt8Reference } from './reference.ts';

const parse = (changes: object = {}) => matmulInt8Params.parse({ m: 1, k: 4, n: 4, ...changes });

describe('matmulInt8Reference', () => {
  const a = tensorOf('I8', [1, 4], Int8Array.of(1, -2, 3, -128));
  const identity = Int8Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? -128 : 0));
  const step = Int8Array.from({ length: 16 }, (_, i) => i);

  it('sums signed bytes in 32 bits', () => {
    const b = tensorOf('I8', [4, 4], identity);
    const { c } = matmulInt8Reference(parse(), 0, { a, b });
    expect([...(valuesOf(c!) as Int32Array)]).toEqual([-128, 256, -384, 16_384]);
  });

  it('reads b as it lies', () => {
    const b = tensorOf('I8', [4, 4], step);
    const { c } = matmulInt8Reference(parse({ transposeB: true }), 0, { a, b });
    const dot = (column: number) =>
      [1, -2, 3, -128].reduce((so, v, i) => so + v * (4 * column + i), 0);
    expect([...(valuesOf(c!) as Int32Array)]).toEqual([0, 1, 2, 3].map(dot));
  });
});

describe('matmulInt8Manifest', () => {
  it('takes sides of whole words up to the limit', () => {
    const accepts = (changes: object) =>
      matmulInt8Params.safeParse({ m: 1, k: 4, n: 4, ...changes }).success;
    expect(accepts({ m: 4096, k: 4096, n: 4096 })).toBe(true);
    expect(accepts({ m: 7 })).toBe(true);
    for (const wrong of [{ k: 6 }, { n: 2 }, { m: 4097 }, { m: 7, transposeA: true }, { k: 0 }]) {
      expect(accepts(wrong)).toBe(false);
    }
  });

  it('prices two operations per product, and bytes as bytes', () => {
    const params = parse({ m: 3, k: 8 });
    expect(matmulInt8Manifest.flopsPerItem(params)).toBe(2 * 3 * 8 * 4);
    expect(matmulInt8Manifest.bytesPerItem(params)).toBe(24 + 32 + 48);
  });
});
