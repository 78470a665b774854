/** transpose@1 by hand, its limits, its variants, its dispatches and the text that it is composed of. */
import { describe, expect, it } from 'vitest';
import { tensorOf } from '../../shared/tensor.ts';
import { variantsOf } from '../manifest.ts';
import { LEAST_TRAITS } from '../variants.ts';
import {
  MAX_TRANSPOSE_ELEMENTS,
  MAX_TRANSPOSE_SIDE,
  transposeManifest,
  transposeParams,
} from './manifest.ts';
import { transposeReference } from './reference.ts';
import { transposeShader } from './shader.ts';

const square = { rows: 32, columns: 32 };
const namesOf = (traits = LEAST_TRAITS, params = square) =>
  variantsOf(transposeManifest, params, traits).map(({ name }) => name);

describe('transposeReference', () => {
  it('moves words, whatever they mean', () => {
    const words = Uint32Array.of(0x7fc01234, 1, 0x80000000, 4, 0xff800001, 6);
    const x = {
      ...tensorOf('F32', [2, 3], new Float32Array(6)),
      bytes: new Uint8Array(words.buffer),
    };
    const { y } = transposeReference({ rows: 2, columns: 3 }, 0, { x });
    expect(y!.dims).toEqual([3, 2]);
    expect([...new Uint32Array(y!.bytes.slice().buffer)]).toEqual([
      0x7fc01234, 4, 1, 0xff800001, 0x80000000, 6,
    ]);
  });
});

describe('transposeManifest', () => {
  it('takes sizes up to each limit and refuses them beyond', () => {
    const accepts = (rows: number, columns: number) =>
      transposeParams.safeParse({ rows, columns }).success;
    const other = MAX_TRANSPOSE_ELEMENTS / MAX_TRANSPOSE_SIDE;
    expect(accepts(1, 1)).toBe(true);
    expect(accepts(0, 1)).toBe(false);
    expect(accepts(MAX_TRANSPOSE_SIDE, other)).toBe(true);
    expect(accepts(MAX_TRANSPOSE_SIDE, other + 1)).toBe(false);
    expect(accepts(1, MAX_TRANSPOSE_SIDE + 1)).toBe(false);
  });

  it('prices every value read and written', () => {
    expect(transposeManifest.bytesPerItem({ rows: 3, columns: 5 })).toBe(120);
  });

  it('offers registers first on software and on Apple, tiles first on other GPUs', () => {
    expect(namesOf({ ...LEAST_TRAITS, isSoftware: true })).toEqual(['registers', 'tiled']);
    expect(namesOf({ ...LEAST_TRAITS, vendor: 'apple' })).toEqual(['registers', 'tiled']);
    expect(namesOf({ ...LEAST_TRAITS, features: ['subgroups'] })).toEqual(['tiled', 'registers']);
    expect(namesOf({ ...LEAST_TRAITS, maxWorkgroupThreads: 128 })).toEqual(['registers']);
    expect(namesOf({ ...LEAST_TRAITS, maxWorkgroupBytes: 4096 })).toEqual(['registers']);
    expect(namesOf(LEAST_TRAITS, { rows: 31, columns: 99 })).toEqual(['registers']);
  });

  it('covers the matrix with workgroups of 32 x 32 values, one layer per row', () => {
    for (const variant of variantsOf(transposeManifest, square, LEAST_TRAITS)) {
      const [pass] = transposeManifest.plan(
        { rows: 33, columns: 64 },
        { rows: 5, strides: { x: 0 } },
        variant,
      ).passes;
      expect(pass!.workgroups).toEqual([2, 2, 5]);
      expect(pass!.constants).toEqual({ X_STRIDE: 0 });
    }
  });
});

describe('transposeShader', () => {
  it('moves four by four where both sides are multiples of four', () => {
    const variant = { name: 'registers', family: 'registers', options: {} } as const;
    const text = transposeShader({ rows: 8, columns: 4 }, variant);
    expect(text.slice(text.indexOf('  let x0'))).toMatchInlineSnapshot(`
      "  let x0 = x[(xAt + 0u * COLUMNS) / 4u];
        let x1 = x[(xAt + 1u * COLUMNS) / 4u];
        let x2 = x[(xAt + 2u * COLUMNS) / 4u];
        let x3 = x[(xAt + 3u * COLUMNS) / 4u];
        y[(yAt + 0u * ROWS) / 4u] = vec4u(x0.x, x1.x, x2.x, x3.x);
        y[(yAt + 1u * ROWS) / 4u] = vec4u(x0.y, x1.y, x2.y, x3.y);
        y[(yAt + 2u * ROWS) / 4u] = vec4u(x0.z, x1.z, x2.z, x3.z);
        y[(yAt + 3u * ROWS) / 4u] = vec4u(x0.w, x1.w, x2.w, x3.w);
      }
      "
    `);
    expect(transposeShader({ rows: 8, columns: 6 }, variant)).not.toContain('vec4u(');
  });
});
