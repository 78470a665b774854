/** attention@1 by hand, its limits, its variants, its dispatches and the text that it is composed of. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { LEAST_TRAITS } from '../variants.ts';
import { attentionManifest, attentionParams, scaleOf } from './manifest.ts';
import { attentionReference } from './reference.ts';
import { attentionShader } from './shader.ts';
import { attentionVariants } from './variants.ts';

const SOFTWARE = { ...LEAST_TRAITS, isSoftware: true };
const least = { heads: 1, queries: 2, keys: 2, dimension: 4 };
const namesOf = (change: object, traits = LEAST_TRAITS) =>
  attentionVariants({ ...least, ...change }, traits).map(({ name }) => name);

describe('attentionReference', () => {
  const attended = (change: object, q: readonly number[], k: readonly number[]) => {
    const params = attentionParams.parse({ ...least, ...change });
    const specs = attentionManifest.inputs(params);
    const v = [1, 2, 3, 4, 5, 6, 7, 8];
    const inputs = Object.fromEntries(
      Object.entries({ q, k, v }).map(([name, values]) => [
        name,
        tensorOf('F32', specs[name]!.dims, Float32Array.from(values)),
      ]),
    );
    return [...(valuesOf(attentionReference(params, 0, inputs)['y']!) as Float32Array)];
  };
  const zeros = Array<number>(8).fill(0);

  it('weighs values by softmax of the scaled products', () => {
    expect(attended({}, zeros, zeros)).toEqual([3, 4, 5, 6, 3, 4, 5, 6]);
    // The first query's products are 0 and ln 3: a quarter of the first value, three of the second.
    const q = [1, 0, 0, 0, 0, 0, 0, 0];
    const k = [0, 0, 0, 0, 2 * Math.log(3), 0, 0, 0];
    attended({}, q, k).forEach((value, i) =>
      expect(value).toBeCloseTo([4, 5, 6, 7, 3, 4, 5, 6][i]!, 5),
    );
    expect(attended({ scale: 1 }, q, k)[0]).toBeCloseTo(1 + 4 * 0.9, 5);
  });

  it('shows a causal query no later key, and the last query all of them', () => {
    expect(attended({ causal: true }, zeros, zeros)).toEqual([1, 2, 3, 4, 3, 4, 5, 6]);
    expect(attended({ causal: true, queries: 1 }, zeros.slice(4), zeros)).toEqual([3, 4, 5, 6]);
  });
});

describe('attentionManifest', () => {
  it('takes what fits and refuses what does not', () => {
    const accepts = (change: object) => attentionParams.safeParse({ ...least, ...change }).success;
    expect(accepts({})).toBe(true);
    expect(accepts({ dimension: 6 })).toBe(false);
    expect(accepts({ dimension: 128 })).toBe(true);
    expect(accepts({ dimension: 132 })).toBe(false);
    expect(accepts({ queries: 3 })).toBe(true);
    expect(accepts({ queries: 3, causal: true })).toBe(false);
    expect(accepts({ heads: 8, queries: 1024, keys: 1024, dimension: 64 })).toBe(true);
    expect(accepts({ heads: 8, queries: 1025, keys: 1024, dimension: 64 })).toBe(false);
    expect(accepts({ keys: 16_384, dimension: 128 })).toBe(true);
    expect(accepts({ keys: 16_384, dimension: 128, heads: 2 })).toBe(false);
  });

  it('prices the pairs that are seen', () => {
    const priced = (change: object) =>
      attentionManifest.flopsPerItem(attentionParams.parse({ ...least, ...change })) / (16 + 8);
    expect(priced({ heads: 2 })).toBe(2 * 4);
    expect(priced({ causal: true })).toBe(3);
    expect(priced({ causal: true, keys: 5 })).toBe(4 + 5);
  });

  it('scales by the root of the dimension, in f32, unless told', () => {
    expect(scaleOf(attentionParams.parse({ ...least, dimension: 16 }))).toBe(0.25);
    expect(scaleOf(attentionParams.parse({ ...least, scale: 0.1 }))).toBe(Math.fround(0.1));
  });

  it('offers registers first on software and on Apple, tiles first on other GPUs', () => {
    const shape = { heads: 8, queries: 512, keys: 512, dimension: 64 };
    expect(namesOf(shape, SOFTWARE)).toEqual(['registers-16x2x1']);
    expect(namesOf(shape, { ...LEAST_TRAITS, vendor: 'apple' })).toEqual([
      'registers-64x1x1',
      'tiled-32x1',
    ]);
    const discrete = { ...LEAST_TRAITS, vendor: 'nvidia', features: ['subgroups'] };
    expect(namesOf(shape, discrete)).toEqual(['tiled-32x1', 'registers-64x1x1']);
  });

  it('stages what fits 16 KiB, and only where a device has them and queries share it', () => {
    const wide = { heads: 8, queries: 512, keys: 512, dimension: 128 };
    expect(namesOf(wide)[0]).toBe('tiled-16x1');
    expect(namesOf(wide, { ...LEAST_TRAITS, maxWorkgroupBytes: 16_383 })).toHaveLength(1);
    expect(namesOf(wide, { ...LEAST_TRAITS, maxWorkgroupThreads: 63 })).toHaveLength(1);
    expect(namesOf({ ...wide, queries: 15 })).toHaveLength(1);
    for (let dimension = 4; dimension <= 128; dimension += 4) {
      const [tiled] = attentionVariants({ ...wide, dimension }, LEAST_TRAITS);
      const { tileKeys } = tiled!.options;
      expect(tileKeys! * dimension * 8).toBeLessThanOrEqual(16_384);
      // Keys are taken four at a time.
      expect(Math.floor(tileKeys!)).toBe(tileKeys);
      expect(tileKeys! % 4).toBe(0);
    }
  });

  it('splits many keys of few queries, and merges them', () => {
    const params = attentionParams.parse({ ...least, queries: 1, keys: 1000 });
    const [variant] = attentionVariants(params, LEAST_TRAITS);
    const shape = { rows: 3, strides: { q: 4, k: 0, v: 4000 } };
    const { passes, scratchBytes } = attentionManifest.plan(params, shape, variant!);
    expect(passes.map(({ entryPoint, workgroups }) => [entryPoint, ...workgroups])).toEqual([
      ['attend', 1, 7, 3],
      ['merge', 1, 1, 1],
    ]);
    expect(passes[0]!.constants).toEqual({ SCALE: 0.5, Q_STRIDE: 1, K_STRIDE: 0, V_STRIDE: 1000 });
    expect(scratchBytes).toEqual({ sums: 7 * 3 * 16, measures: 7 * 3 * 8 });
  });
});

describe('attentionShader', () => {
  const params = attentionParams.parse({ ...least, queries: 32 });

  it('names the sums of every query', () => {
    const options = { threads: 16, together: 2, chunks: 1 };
    const text = attentionShader(params, { name: 'any', family: 'registers', options });
    expect(text.match(/var s\d_\d = vec4f\(\);/g)).toHaveLength(2);
    expect(text).not.toContain('fn merge(');
  });

  it('loads a tile together, between two barriers', () => {
    const options = { threads: 64, together: 1, chunks: 2, tileKeys: 32 };
    const text = attentionShader(params, { name: 'any', family: 'tiled', options });
    expect(text.match(/workgroupBarrier/g)).toHaveLength(2);
    expect(text).toContain('fn merge(');
  });

  it('composes the text of one step', () => {
    const options = { threads: 16, together: 1, chunks: 1 };
    const wide = { ...params, dimension: 68 };
    const text = attentionShader(wide, { name: 'any', family: 'registers', options });
    const step = text.slice(text.indexOf('    var t0_0'), text.indexOf('    let v0_1 ='));
    expect(step).toMatchInlineSnapshot(`
      "    var t0_0 = vec4f();
          var t0_1 = vec4f();
          for (var i = 0u; i < FOURS; i++) {
            let part0 = q[q0 + i];
            let key0 = k[k0 + i];
            t0_0 += part0 * key0;
            let key1 = k[k1 + i];
            t0_1 += part0 * key1;
          }
          let score0_0 = select(LEAST, sumOf(t0_0) * SCALE, key + 0u < end0);
          let score0_1 = select(LEAST, sumOf(t0_1) * SCALE, key + 1u < end0);
          let most0 = max(largest0, max(score0_0, score0_1));
          let keep0 = exp(largest0 - most0);
          let p0_0 = select(0.0, exp(score0_0 - most0), key + 0u < end0);
          let p0_1 = select(0.0, exp(score0_1 - most0), key + 1u < end0);
          largest0 = most0;
          total0 = total0 * keep0 + (p0_0 + p0_1);
          let v0_0 = v[v0 + 0u];
          let v1_0 = v[v1 + 0u];
          s0_0 = s0_0 * keep0 + (p0_0 * v0_0 + p0_1 * v1_0);
      "
    `);
  });
});
