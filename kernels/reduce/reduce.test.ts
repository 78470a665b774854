/** The reference by hand, what the manifest says of itself, and its modules. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { LEAST_TRAITS, type KernelFamily } from '../variants.ts';
import { MAX_REDUCE_LENGTH, reduceManifest, reduceParams } from './manifest.ts';
import { reduceReference } from './reference.ts';
import { reduceShader } from './shader.ts';
import { reduceVariants } from './variants.ts';

const reduced = (operation: 'sum' | 'norm', ...values: number[]): number[] => {
  const params = reduceParams.parse({ length: values.length, operation });
  const x = tensorOf('F32', [values.length], Float32Array.from(values));
  return [...(valuesOf(reduceReference(params, 0, { x })['result']!) as Float32Array)];
};

describe('reduceReference', () => {
  it('gives the sum with the sum of magnitudes, and the norm', () => {
    expect(reduced('sum', 1, -2, 4)).toEqual([3, 7]);
    expect(reduced('norm', 3, -4)).toEqual([5]);
    expect(reduced('sum', -0.5)).toEqual([-0.5, 0.5]);
    expect(reduced('norm', 0, 0)).toEqual([0]);
  });

  it('adds up in f64: what f32 would lose is there', () => {
    expect(reduced('sum', 2 ** 30, 1, -(2 ** 30))[0]).toBe(1);
  });
});

describe('reduceManifest', () => {
  it('takes lengths up to the limit and refuses them beyond', () => {
    const accepts = (length: number) =>
      reduceParams.safeParse({ length, operation: 'sum' }).success;
    expect([1, MAX_REDUCE_LENGTH].map(accepts)).toEqual([true, true]);
    expect([0, 1.5, MAX_REDUCE_LENGTH + 1].map(accepts)).toEqual([false, false, false]);
    expect(reduceParams.safeParse({ length: 4, operation: 'max' }).success).toBe(false);
  });

  it('plans lanes, or workgroups, that a second pass can take in at once', () => {
    const variants = reduceVariants({ ...LEAST_TRAITS, features: ['subgroups'] });
    expect(variants.map(({ family }) => family)).toEqual(['subgroups', 'tiled', 'registers']);
    for (const variant of variants) {
      for (const length of [1, 64, 65, 2049, MAX_REDUCE_LENGTH]) {
        const params = reduceParams.parse({ length, operation: 'norm' });
        const shape = { rows: 3, strides: { x: length } };
        const { passes, scratchBytes } = reduceManifest.plan(params, shape, variant);
        const { LANES, GROUPS } = passes[0]!.constants;
        expect(scratchBytes['partials']).toBe(3 * 8 * (LANES ?? GROUPS)!);
        if (GROUPS !== undefined) expect(GROUPS).toBeLessThanOrEqual(256);
        else expect(passes[0]!.workgroups[0] * 64).toBeGreaterThanOrEqual(LANES!);
      }
    }
  });

  it('computes alone on software, first so on GPUs whose caches serve, shared elsewhere', () => {
    const families = (change: object): KernelFamily[] =>
      reduceVariants({ ...LEAST_TRAITS, ...change }).map(({ family }) => family);
    expect(families({ isSoftware: true, features: ['subgroups'] })).toEqual(['registers']);
    expect(families({ vendor: 'apple' })).toEqual(['registers', 'tiled']);
    expect(families({})).toEqual(['tiled', 'registers']);
  });
});

it('composes a module of each family', () => {
  const params = reduceParams.parse({ length: 5, operation: 'sum' });
  const families = ['registers', 'tiled', 'subgroups'] as const;
  const parts = families.map((family) => {
    const wgsl = reduceShader(params, { name: family, family, options: {} });
    return [family, ...wgsl.match(/^(?:enable \w+|(?:@compute.*\n)?fn \w+|.*atomic<)/gm)!].join(
      '\n',
    );
  });
  expect(parts.join('\n\n')).toMatchInlineSnapshot(`
    "registers
    @compute @workgroup_size(64)
    fn total
    @compute @workgroup_size(64)
    fn partial

    tiled
    @compute @workgroup_size(THREADS)
    fn partial
    @compute @workgroup_size(THREADS)
    fn total
    fn totalOf

    subgroups
    enable subgroups
    @compute @workgroup_size(THREADS)
    fn partial
    @compute @workgroup_size(THREADS)
    fn total
    var<workgroup> writers: array<atomic<
    fn totalOf"
  `);
});
