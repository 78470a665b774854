/** layernorm@1 by hand, its limits, and the text that it is composed of; its variants and plan are those of `rows.ts`. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { MAX_NORM_COLUMNS, MAX_NORM_ELEMENTS, layernormManifest, normParams } from './manifest.ts';
import { layernormReference } from './reference.ts';
import { layernormShader } from './shader.ts';

const vector = (...values: number[]) => tensorOf('F32', [values.length], Float32Array.from(values));

describe('layernormReference', () => {
  it('takes off the mean, divides by the deviation, scales and adds', () => {
    const params = normParams.parse({ rows: 2, columns: 2, epsilon: 1e-12 });
    const x = tensorOf('F32', [2, 2], Float32Array.of(1, 3, 10, 4));
    const inputs = { x, scale: vector(1, 2), bias: vector(0, 5) };
    const { y } = layernormReference(params, 0, inputs);
    expect([...(valuesOf(y!) as Float32Array)]).toEqual([-1, 7, 1, 3]);
  });

  it('leaves the bias of a row of equal values', () => {
    const params = normParams.parse({ rows: 1, columns: 3 });
    const x = tensorOf('F32', [1, 3], Float32Array.of(7, 7, 7));
    const inputs = { x, scale: vector(1, 1, 1), bias: vector(1, 2, 3) };
    expect([...(valuesOf(layernormReference(params, 0, inputs)['y']!) as Float32Array)]).toEqual([
      1, 2, 3,
    ]);
  });
});

describe('layernormManifest', () => {
  it('takes sizes up to each limit and refuses them beyond', () => {
    const accepts = (rows: number, columns: number, epsilon = 1e-5) =>
      normParams.safeParse({ rows, columns, epsilon }).success;
    const rows = MAX_NORM_ELEMENTS / MAX_NORM_COLUMNS;
    expect(accepts(1, 1)).toBe(true);
    expect(accepts(0, 1)).toBe(false);
    expect(accepts(rows, MAX_NORM_COLUMNS)).toBe(true);
    expect(accepts(rows + 1, MAX_NORM_COLUMNS)).toBe(false);
    expect(accepts(1, MAX_NORM_COLUMNS + 1)).toBe(false);
    expect(accepts(1, 1, 0)).toBe(false);
    expect(accepts(1, 1, 1)).toBe(true);
    expect(accepts(1, 1, 1.1)).toBe(false);
  });

  it('prices every value, and the scale and bias once', () => {
    const params = normParams.parse({ rows: 3, columns: 5 });
    expect(layernormManifest.flopsPerItem(params)).toBe(9 * 15);
    expect(layernormManifest.bytesPerItem(params)).toBe(4 * (2 * 15 + 2 * 5));
  });
});

describe('layernormShader', () => {
  const params = normParams.parse({ rows: 2, columns: 8 });

  it('writes what is centred, scaled and moved', () => {
    const variant = { name: 'registers-2', family: 'registers', options: { lanes: 2 } } as const;
    const text = layernormShader(params, variant);
    expect(text.slice(text.lastIndexOf('  let measure'))).toMatchInlineSnapshot(`
      "  let measure = measures[row * LANES];
        let mean = measure.x;
        let factor = measure.y;
        for (var i = lane; i < LENGTH; i += LANES) {
          y[yAt + i] = ((x[xAt + i] - shift) - Value(mean)) * factor * scale[scaleAt + i] + bias[biasAt + i];
        }
      }
      "
    `);
  });

  it('sums twice over one workgroup, and looks for no largest value', () => {
    const variant = { name: 'tiled-64', family: 'tiled', options: { lanes: 64 } } as const;
    const text = layernormShader(params, variant);
    expect(text.match(/workgroupSum\(sumOf/g)).toHaveLength(2);
    expect(text).not.toContain('workgroupMax');
  });
});
