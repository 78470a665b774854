/** matvec@1 by hand, its limits, its variants, its dispatches and the text that it is composed of. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { LEAST_TRAITS } from '../variants.ts';
import { MAX_MATVEC_ELEMENTS, MAX_MATVEC_SIDE, matvecManifest, matvecParams } from './manifest.ts';
import { matvecReference } from './reference.ts';
import { matvecShader } from './shader.ts';
import { matvecVariants } from './variants.ts';

const SOFTWARE = { ...LEAST_TRAITS, isSoftware: true };
const APPLE = { ...LEAST_TRAITS, vendor: 'apple', features: ['subgroups'] };
const DISCRETE = { ...LEAST_TRAITS, vendor: 'nvidia', features: ['subgroups'] };
const namesOf = (m: number, k: number, traits = LEAST_TRAITS) =>
  matvecVariants({ m, k }, traits).map(({ name }) => name);

describe('matvecReference', () => {
  it('multiplies by hand', () => {
    const a = tensorOf('F32', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
    const x = tensorOf('F32', [3], Float32Array.of(7, 8, 9));
    const { y } = matvecReference({ m: 2, k: 3 }, 0, { a, x });
    expect(y!.dims).toEqual([2]);
    expect([...(valuesOf(y!) as Float32Array)]).toEqual([50, 122]);
  });

  it('sums in more than f32: a large term and its opposite leave the small one', () => {
    const a = tensorOf('F32', [1, 3], Float32Array.of(2 ** 30, 1, -(2 ** 30)));
    const x = tensorOf('F32', [3], Float32Array.of(1, 1, 1));
    expect((valuesOf(matvecReference({ m: 1, k: 3 }, 0, { a, x })['y']!) as Float32Array)[0]).toBe(
      1,
    );
  });
});

describe('matvecManifest', () => {
  it('takes sizes up to each limit and refuses them beyond', () => {
    const accepts = (m: number, k: number) => matvecParams.safeParse({ m, k }).success;
    const other = MAX_MATVEC_ELEMENTS / MAX_MATVEC_SIDE;
    expect(accepts(1, 1)).toBe(true);
    expect(accepts(0, 1)).toBe(false);
    expect(accepts(1, 1.5)).toBe(false);
    expect(accepts(MAX_MATVEC_SIDE, other)).toBe(true);
    expect(accepts(MAX_MATVEC_SIDE, other + 1)).toBe(false);
    expect(accepts(other, MAX_MATVEC_SIDE)).toBe(true);
    expect(accepts(other + 1, MAX_MATVEC_SIDE)).toBe(false);
    expect(accepts(1, MAX_MATVEC_SIDE + 1)).toBe(false);
    expect(accepts(MAX_MATVEC_SIDE + 1, 1)).toBe(false);
  });

  it('prices two operations per product and every value once', () => {
    expect(matvecManifest.flopsPerItem({ m: 2, k: 3 })).toBe(12);
    expect(matvecManifest.bytesPerItem({ m: 2, k: 3 })).toBe(4 * (6 + 3 + 2));
  });

  it('offers registers first on software and on Apple, lanes first on other GPUs', () => {
    expect(namesOf(1024, 1024, SOFTWARE)).toEqual(['registers-2x1', 'registers-2x8', 'tiled']);
    expect(namesOf(1024, 1024, APPLE)).toEqual([
      'registers-4x8',
      'registers-4x1',
      'subgroups',
      'tiled',
    ]);
    expect(namesOf(1024, 1024, DISCRETE)[0]).toBe('subgroups');
    expect(namesOf(1024, 1024)[0]).toBe('tiled');
  });

  it('shares memory within the limits, and where there is something to share', () => {
    const narrow = { ...LEAST_TRAITS, maxWorkgroupThreads: 63 };
    expect(namesOf(8, 4096, narrow)[0]).toMatch(/^registers/);
    expect(namesOf(8, 4096, { ...LEAST_TRAITS, maxWorkgroupBytes: 1023 })[0]).toMatch(/^registers/);
    expect(namesOf(8, 255, DISCRETE)).toEqual(['registers-4x1']);
  });

  it('takes two items at once on software where they share the matrix', () => {
    const [variant] = matvecVariants({ m: 10, k: 6 }, SOFTWARE);
    const passOf = (strides: Record<string, number>) =>
      matvecManifest.plan({ m: 10, k: 6 }, { rows: 9, strides }, variant!).passes;
    expect(passOf({ a: 60, x: 6 })).toMatchObject([
      { entryPoint: 'ownMatrix', workgroups: [1, 1, 9], constants: { A_STRIDE: 60, X_STRIDE: 6 } },
    ]);
    expect(passOf({ a: 0, x: 6 })).toMatchObject([
      { entryPoint: 'oneMatrix', workgroups: [1, 1, 5] },
    ]);
  });

  it('splits a long inner axis, and adds the parts up', () => {
    const params = { m: 5, k: 4097 };
    const [variant] = matvecVariants(params, SOFTWARE);
    const strides = { a: 5 * 4097, x: 4097 };
    const { passes, scratchBytes } = matvecManifest.plan(params, { rows: 2, strides }, variant!);
    expect(passes.map(({ workgroups }) => workgroups)).toEqual([
      [1, 17, 2],
      [1, 1, 1],
    ]);
    expect(scratchBytes).toEqual({ parts: 4 * 17 * 2 * 5 });
  });
});

describe('matvecShader', () => {
  it('reads fours where every row is a multiple of four, and names every sum', () => {
    const [variant] = matvecVariants({ m: 8, k: 12 }, SOFTWARE);
    const text = matvecShader({ m: 8, k: 12 }, variant!);
    expect(text).toContain('alias Value = vec4f;');
    expect(text).toContain('const LENGTH = 3u;');
    const body = text.slice(text.indexOf('fn oneMatrix('));
    expect(body.match(/var s\d_\d = Value\(\);/g)).toHaveLength(8);
    expect(matvecShader({ m: 8, k: 13 }, variant!)).toContain('alias Value = f32;');
  });

  it('composes the text of one matrix per item', () => {
    const [variant] = matvecVariants({ m: 8, k: 12 }, SOFTWARE);
    const text = matvecShader({ m: 8, k: 12 }, variant!);
    const loop = text.slice(text.indexOf('  for (var i'), text.indexOf('fn oneMatrix'));
    expect(loop).toMatchInlineSnapshot(`
      "  for (var i = start; i < end; i += 1u) {
          let v0 = x[x0 + i];
          let m0 = a[a0 + i];
          s0_0 += m0 * v0;
          let m1 = a[a1 + i];
          s1_0 += m1 * v0;
          let m2 = a[a2 + i];
          s2_0 += m2 * v0;
          let m3 = a[a3 + i];
          s3_0 += m3 * v0;
        }
        let first = vector * M + row;
        y[first + 0u * M + 0u] = sumOf(s0_0);
        if (row + 1u < M) { y[first + 0u * M + 1u] = sumOf(s1_0); }
        if (row + 2u < M) { y[first + 0u * M + 2u] = sumOf(s2_0); }
        if (row + 3u < M) { y[first + 0u * M + 3u] = sumOf(s3_0); }
      }

      @compute @workgroup_size(64)
      "
    `);
  });
});
