/** The reference by hand, what the manifest says of itself, and its modules. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { LEAST_TRAITS } from '../variants.ts';
import { variantsOf } from '../manifest.ts';
import {
  MAX_FRACTION_BITS,
  MAX_REDUCE_EXACT_LENGTH,
  reduceExactManifest,
  reduceExactParams,
} from './manifest.ts';
import { reduceExactReference } from './reference.ts';
import { reduceExactShader } from './shader.ts';

const reduced = (given: object, values: readonly number[]): unknown[] => {
  const params = reduceExactParams.parse({ length: values.length, ...given });
  const x = tensorOf('F32', [values.length], Float32Array.from(values));
  return Object.values(reduceExactReference(params, 0, { x })).map((it) => valuesOf(it)[0]);
};

describe('reduceExactReference', () => {
  it.each([
    [0, [0.5, 1.5, 2.5, -0.5, -1.5, -2.5], 0n, 0],
    [0, [0.5, 1.5, 2.5], 4n, 0],
    [1, [0.5, 0.75, -0.1], 3n, 0],
    [-1, [1, 3, 5.1], 5n, 0],
    [16, [1, -3], -131072n, 0],
    [0, [2 ** 31, 2 ** 40, 1], 2n ** 32n - 1n, 2],
    [0, [-Infinity, Infinity, NaN, 7], 7n, 3],
    [0, [2 ** 31 - 128, 2 ** 31 - 128], 2n ** 32n - 256n, 0],
  ])(
    'rounds to 2^-%i, ties to even, and says what was too large: %j',
    (fractionBits, values, total, saturated) => {
      expect(reduced({ operation: 'sum', fractionBits }, values)).toEqual([total, saturated]);
    },
  );

  it('sums as many of the largest values as an item holds', () => {
    const length = MAX_REDUCE_EXACT_LENGTH;
    const x = tensorOf('F32', [length], new Float32Array(length).fill(-1e30));
    const params = reduceExactParams.parse({ length, operation: 'sum' });
    const { total, saturated } = reduceExactReference(params, 0, { x });
    expect(valuesOf(total!)[0]).toBe(-BigInt(length) * (2n ** 31n - 1n));
    expect(valuesOf(saturated!)[0]).toBe(length);
  });

  it.each([
    ['max', [1, 5, 5, -7], 5, 1],
    ['min', [1, -7, 5, -7], -7, 1],
    ['max', [-0, 0], -0, 0],
    ['min', [0, -0], 0, 0],
    ['max', [-Infinity, -1e-45], -1.401298464324817e-45, 1],
    ['max', [1, Infinity, NaN], NaN, 2],
    ['min', [1, -Infinity, NaN], NaN, 2],
  ])('finds the %s of %j with its first place', (operation, values, value, place) => {
    expect(reduced({ operation }, values)).toEqual([value, place]);
  });
});

describe('reduceExactManifest', () => {
  it('takes parameters up to each limit and refuses them beyond', () => {
    const accepts = (change: object) =>
      reduceExactParams.safeParse({ length: 5, operation: 'sum', ...change }).success;
    expect(accepts({ length: MAX_REDUCE_EXACT_LENGTH, fractionBits: MAX_FRACTION_BITS })).toBe(
      true,
    );
    expect(accepts({ length: 1, fractionBits: -MAX_FRACTION_BITS })).toBe(true);
    expect(accepts({ length: 0 })).toBe(false);
    expect(accepts({ length: MAX_REDUCE_EXACT_LENGTH + 1 })).toBe(false);
    expect(accepts({ fractionBits: MAX_FRACTION_BITS + 1 })).toBe(false);
    expect(accepts({ fractionBits: 0.5 })).toBe(false);
    expect(accepts({ operation: 'norm' })).toBe(false);
  });

  it('plans lanes that cover an item, and a module with the outputs of the operation', () => {
    for (const operation of ['sum', 'max', 'min'] as const) {
      for (const length of [1, 64, 65, MAX_REDUCE_EXACT_LENGTH]) {
        const params = reduceExactParams.parse({ length, operation });
        const shape = { rows: 2, strides: { x: 0 } };
        const [variant] = variantsOf(reduceExactManifest, params, LEAST_TRAITS);
        const { bindings, passes } = reduceExactManifest.plan(params, shape, variant);
        const { LANES } = passes[0]!.constants;
        expect(LANES).toBeLessThanOrEqual(1024);
        expect(length / LANES!).toBeLessThanOrEqual(2 ** 11);
        expect(passes[0]!.workgroups[0] * 64).toBeGreaterThanOrEqual(LANES!);
        const wgsl = reduceExactShader(params);
        for (const { name } of bindings) expect(wgsl).toContain(`${name}: array<`);
      }
    }
  });
});
