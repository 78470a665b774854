/** matmul@1 by hand, its limits, its price and its dispatches. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { variantsOf } from '../manifest.ts';
import { LEAST_TRAITS } from '../variants.ts';
import { MAX_MATMUL_SIDE, matmulManifest, matmulParams } from './manifest.ts';
import { matmulReference } from './reference.ts';

describe('matmulReference', () => {
  it('multiplies by hand', () => {
    const a = tensorOf('F32', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
    const b = tensorOf('F32', [3, 2], Float32Array.of(7, 8, 9, 10, 11, 12));
    const { c } = matmulReference(matmulParams.parse({ m: 2, k: 3, n: 2 }), 0, { a, b });
    expect(c!.dims).toEqual([2, 2]);
    expect([...(valuesOf(c!) as Float32Array)]).toEqual([58, 64, 139, 154]);
  });

  it('sums in more than f32: a large term and its opposite leave the small one', () => {
    const a = tensorOf('F32', [1, 3], Float32Array.of(2 ** 30, 1, -(2 ** 30)));
    const b = tensorOf('F32', [3, 1], Float32Array.of(1, 1, 1));
    const { c } = matmulReference(matmulParams.parse({ m: 1, k: 3, n: 1 }), 0, { a, b });
    expect((valuesOf(c!) as Float32Array)[0]).toBe(1);
  });
});

describe('matmulManifest', () => {
  it('takes sizes up to each limit and refuses them beyond', () => {
    const accepts = (m: number, k: number, n: number) =>
      matmulParams.safeParse({ m, k, n }).success;
    expect(accepts(1, 1, 1)).toBe(true);
    expect(accepts(0, 1, 1)).toBe(false);
    expect(accepts(1.5, 1, 1)).toBe(false);
    expect(accepts(1, MAX_MATMUL_SIDE, 1)).toBe(true);
    expect(accepts(1, MAX_MATMUL_SIDE + 1, 1)).toBe(false);
    expect(accepts(MAX_MATMUL_SIDE, MAX_MATMUL_SIDE, MAX_MATMUL_SIDE)).toBe(true);
  });

  it('prices two operations per product and every matrix once', () => {
    const params = matmulParams.parse({ m: 2, k: 3, n: 5 });
    expect(matmulManifest.flopsPerItem(params)).toBe(60);
    expect(matmulManifest.bytesPerItem(params)).toBe(4 * (6 + 15 + 10));
  });

  it('covers the output with the tiles of each variant, one layer per row', () => {
    const params = matmulParams.parse({ m: 65, k: 3, n: 64 });
    const [variant] = variantsOf(matmulManifest, params, { ...LEAST_TRAITS, isSoftware: true });
    const shape = { rows: 7, strides: { a: 195, b: 0 } };
    const [pass] = matmulManifest.plan(params, shape, variant).passes;
    expect(variant.name).toBe('scalars-8x8');
    expect(pass!.workgroups).toEqual([1, 2, 7]);
    expect(pass!.constants).toEqual({ M: 65, K: 3, N: 64, A_STRIDE: 195, B_STRIDE: 0 });
  });

  it('asks f16 for sides that can be read four at a time', () => {
    const accepts = (sides: object) => matmulParams.safeParse({ ...sides, dtype: 'f16' }).success;
    expect(accepts({ m: 3, k: 4, n: 8 })).toBe(true);
    expect(accepts({ m: 3, k: 4, n: 8, transposeA: true })).toBe(false);
    expect(accepts({ m: 4, k: 4, n: 8, transposeA: true })).toBe(true);
    expect(accepts({ m: 3, k: 5, n: 8 })).toBe(false);
    expect(accepts({ m: 3, k: 4, n: 7 })).toBe(false);
  });
});
