/** linear@1 by hand, its limits and its price. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { ONLY_VARIANT } from '../variants.ts';
import { linearManifest, linearParams } from './manifest.ts';
import { linearReference } from './reference.ts';
import { linearShader } from './shader.ts';

const LAYER = { rows: 1, inFeatures: 2, outFeatures: 3 };
const run = (changes: object = {}) => {
  const params = linearParams.parse({ ...LAYER, ...changes });
  const { weights: spec } = linearManifest.inputs(params);
  const inputs = {
    x: tensorOf('F32', [1, 2], Float32Array.of(1, -2)),
    weights: tensorOf('F32', spec!.dims, Float32Array.of(1, 2, 3, 4, 5, 6)),
    bias: tensorOf('F32', [3], Float32Array.of(0.5, 8, 10)),
  };
  return [...(valuesOf(linearReference(params, 0, inputs)['y']!) as Float32Array)];
};

describe('linearReference', () => {
  it('is a product with a bias', () => {
    expect(run()).toEqual([-6.5, 0, 1]);
    expect(run({ transposeWeights: true })).toEqual([-2.5, 3, 3]);
  });

  it('activates', () => {
    expect(run({ activation: 'relu' })).toEqual([0, 0, 1]);
    // By the tanh form: 0.841192 at 1; by x sigmoid(x): 0.731059.
    expect(run({ activation: 'gelu' })[2]).toBeCloseTo(0.841192, 6);
    expect(run({ activation: 'silu' })[2]).toBeCloseTo(0.731059, 6);
  });
});

describe('linearManifest', () => {
  it('takes sides up to the limit and refuses what is beyond', () => {
    const accepts = (changes: object) => linearParams.safeParse({ ...LAYER, ...changes }).success;
    for (const name of Object.keys(LAYER)) {
      expect(accepts({ [name]: 4096 })).toBe(true);
      for (const wrong of [0, 1.5, 4097]) expect(accepts({ [name]: wrong })).toBe(false);
    }
    expect(accepts({ activation: 'tanh' })).toBe(false);
  });

  it('prices the product, the bias and the activation', () => {
    const flops = (changes: object) =>
      linearManifest.flopsPerItem(linearParams.parse({ ...LAYER, ...changes }));
    expect(flops({})).toBe(3 * 5);
    expect(flops({ activation: 'gelu' })).toBe(3 * 13);
  });
});

describe('linearShader', () => {
  it('reads the bias as it reads the weights', () => {
    const params = linearParams.parse({ ...LAYER, activation: 'silu' });
    const options = { threads: 8, rows: 4, columns: 4, depth: 0, vectors: 1 };
    const vectors = linearShader(params, { ...ONLY_VARIANT, options });
    expect(vectors).toContain('alias Value = vec4f;');
    expect(vectors).toContain('bias[item * (BIAS_STRIDE / 4u) + quad + 0u]');
    const scalars = linearShader(params, { ...ONLY_VARIANT, options: { ...options, vectors: 0 } });
    expect(scalars).toContain('alias Value = f32;');
    expect(scalars).toContain('bias[item * (BIAS_STRIDE) + column + 3u]');
  });
});
