/** rmsnorm@1 by hand, its price, and the text that it is composed of; its variants and plan are those of `rows.ts`. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { normParams } from '../layernorm/manifest.ts';
import { rmsnormManifest } from './manifest.ts';
import { rmsnormReference } from './reference.ts';
import { rmsnormShader } from './shader.ts';

describe('rmsnormReference', () => {
  it('divides by the root of the mean square, and scales', () => {
    const params = normParams.parse({ rows: 1, columns: 2, epsilon: 1e-12 });
    const x = tensorOf('F32', [1, 2], Float32Array.of(1, 7));
    const scale = tensorOf('F32', [2], Float32Array.of(5, 10));
    const { y } = rmsnormReference(params, 0, { x, scale });
    expect([...(valuesOf(y!) as Float32Array)]).toEqual([1, 14]);
  });
});

describe('rmsnormManifest', () => {
  it('prices every value, and the scale once', () => {
    const params = normParams.parse({ rows: 3, columns: 5 });
    expect(rmsnormManifest.flopsPerItem(params)).toBe(4 * 15);
    expect(rmsnormManifest.bytesPerItem(params)).toBe(4 * (2 * 15 + 5));
  });
});

describe('rmsnormShader', () => {
  it('has neither mean nor bias', () => {
    const variant = { name: 'registers-2', family: 'registers', options: { lanes: 2 } } as const;
    const text = rmsnormShader(normParams.parse({ rows: 2, columns: 8 }), variant);
    expect(text).not.toMatch(/mean|bias|shift/);
    expect(text.slice(text.lastIndexOf('  let measure'))).toMatchInlineSnapshot(`
      "  let measure = measures[row * LANES];
        let factor = measure.y;
        for (var i = lane; i < LENGTH; i += LANES) {
          y[yAt + i] = x[xAt + i] * factor * scale[scaleAt + i];
        }
      }
      "
    `);
  });
});
