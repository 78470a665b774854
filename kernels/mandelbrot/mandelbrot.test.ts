/** Published counts, deep views beside longer numbers, the fixed-point numbers themselves, limits and pictures. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { ONLY_VARIANT } from '../variants.ts';
import { DIGIT_BITS, MAX_DIGITS, digitsOf, fixedOf, fixedOfDigits } from './arithmetic.ts';
import {
  MAX_ITERATIONS,
  MAX_PICTURE_PIXELS,
  MAX_TILE_PIXELS,
  mandelbrotManifest,
  mandelbrotParams,
} from './manifest.ts';
import { pictureOf } from './picture.ts';
import { mandelbrotReference } from './reference.ts';
import { mandelbrotShader } from './shader.ts';

const point = {
  centreReal: '-0.75',
  centreImaginary: '0',
  viewWidth: 1e-3,
  widthPixels: 1,
  heightPixels: 1,
  tilePixels: 1,
  maxIterations: 5000,
};

const countsOf = (change: object, item = 0): number[] => {
  const { iterations } = mandelbrotReference(
    mandelbrotParams.parse({ ...point, ...change }),
    item,
    {},
  );
  return [...(valuesOf(iterations!) as Uint32Array)];
};

describe('mandelbrotReference', () => {
  // D. Boll, 1991: the iterations of -3/4 + i e, times e, tend to pi.
  it.each([
    ['0.1', 33],
    ['0.01', 315],
    ['0.001', 3143],
  ])('finds pi in the seahorse valley at %s', (centreImaginary, count) => {
    expect(countsOf({ centreImaginary })).toEqual([count]);
  });

  it('keeps the points of the set, and counts those that leave at once', () => {
    for (const centreReal of ['-2', '-1.75', '-1', '0', '0.25']) {
      expect(countsOf({ centreReal })).toEqual([5000]);
    }
    expect(countsOf({ centreReal: '2.5' })).toEqual([1]);
    expect(countsOf({ centreReal: '-2.001' })).toEqual([1]);
    expect(countsOf({ centreReal: '1' })).toEqual([3]);
  });

  // One of each length of numbers, around a point where every depth has detail.
  it.each([1e-1, 1e-4, 1e-8, 1e-12, 1e-16, 1e-21, 1e-25, 1e-29, 1e-33, 5e-37])(
    'sees what numbers of 300 bits see, in a view %s wide',
    (viewWidth) => {
      const view = { centreReal: '0', centreImaginary: '1', viewWidth };
      const shape = { widthPixels: 16, heightPixels: 16, tilePixels: 16, maxIterations: 300 };
      const counts = countsOf({ ...view, ...shape });
      const bits = 300;
      const step = fixedOf(String(viewWidth), bits) / 16n;
      const expected = counts.map((_, i) => {
        const right = BigInt(2 * (i % 16) - 15);
        const below = BigInt(2 * Math.floor(i / 16) - 15);
        const c = [(right * step) / 2n, (1n << BigInt(bits)) - (below * step) / 2n] as const;
        return escapeTimeInLongNumbers(c, bits, 300);
      });
      expect(new Set(expected).size).toBeGreaterThan(8);
      // A pixel may lie so near to an edge that the test of |z| in 11 binary places decides it.
      const others = counts.filter((count, i) => count !== expected[i]);
      expect(others.length).toBeLessThanOrEqual(1);
    },
  );

  it('cuts a picture into tiles: rows from the upper left, the first again after the last', () => {
    const whole = { centreReal: '-0.6', viewWidth: 3, maxIterations: 50 };
    const shape = { widthPixels: 12, heightPixels: 8 };
    const wide = countsOf({ ...whole, ...shape, tilePixels: 12 });
    const tiles = [0, 1, 2, 3, 4, 5].map((tile) =>
      countsOf({ ...whole, ...shape, tilePixels: 4 }, tile),
    );
    for (let row = 0; row < 8; row++) {
      for (let column = 0; column < 12; column++) {
        const tile = tiles[3 * Math.floor(row / 4) + Math.floor(column / 4)]!;
        expect(tile[4 * (row % 4) + (column % 4)]).toBe(wide[12 * row + column]);
      }
    }
    expect(countsOf({ ...whole, ...shape, tilePixels: 4 }, 7)).toEqual(tiles[1]);
  });
});

function escapeTimeInLongNumbers(
  [real, imaginary]: readonly [bigint, bigint],
  bits: number,
  most: number,
): number {
  const shift = BigInt(bits);
  let x = 0n;
  let y = 0n;
  for (let taken = 0; taken < most; taken++) {
    if (x * x + y * y > 4n << (2n * shift)) return taken;
    [x, y] = [((x * x - y * y) >> shift) + real, ((2n * x * y) >> shift) + imaginary];
  }
  return most;
}

describe('fixed-point numbers', () => {
  it('reads decimals exactly', () => {
    expect(fixedOf('1.25', 2)).toBe(5n);
    expect(fixedOf('-0.3', 4)).toBe(-4n);
    expect(fixedOf('1e-2', 10)).toBe(10n);
    expect(fixedOf('2.5e+1', 1)).toBe(50n);
    expect(() => fixedOf('one', 4)).toThrow('expected a decimal number, came "one"');
  });

  it('splits numbers into digits of both signs, and back', () => {
    for (const value of [0n, 1n, -1n, 8191n, 8192n, -8192n, -8193n, 123456789012345678n]) {
      const digits = digitsOf(value, 6);
      expect(fixedOfDigits(digits)).toBe(value);
      for (const digit of digits) expect(Math.abs(digit)).toBeLessThanOrEqual(8192);
    }
    expect(digitsOf(8192n, 2)).toEqual([1, -8192]);
  });
});

describe('mandelbrotManifest', () => {
  const accepts = (change: object) => mandelbrotParams.safeParse({ ...point, ...change }).success;

  it('takes parameters up to each limit and refuses them beyond', () => {
    expect(accepts({})).toBe(true);
    for (const text of ['-0', '2.9', `-1.${'4'.repeat(60)}`])
      expect(accepts({ centreReal: text })).toBe(true);
    for (const text of ['3', '.5', '1.', '1e0', '+1', '', ' 1', `1.${'4'.repeat(61)}`, 1])
      expect(accepts({ centreImaginary: text })).toBe(false);
    for (const widthPixels of [0, 1.5, MAX_PICTURE_PIXELS + 1])
      expect(accepts({ widthPixels })).toBe(false);
    expect(accepts({ widthPixels: MAX_PICTURE_PIXELS, heightPixels: MAX_PICTURE_PIXELS })).toBe(
      true,
    );
    expect(accepts({ tilePixels: MAX_TILE_PIXELS, maxIterations: 10 })).toBe(true);
    expect(accepts({ tilePixels: MAX_TILE_PIXELS + 1, maxIterations: 10 })).toBe(false);
    expect(accepts({ maxIterations: MAX_ITERATIONS })).toBe(true);
    expect(accepts({ maxIterations: MAX_ITERATIONS + 1 })).toBe(false);
  });

  it('refuses what is too deep, too far out or too long', () => {
    expect(accepts({ viewWidth: 1e-38, widthPixels: 1000 })).toBe(true);
    expect(accepts({ viewWidth: 1e-40, widthPixels: 1000 })).toBe(false);
    expect(accepts({ viewWidth: 4, heightPixels: 2 })).toBe(false);
    expect(accepts({ viewWidth: 4, widthPixels: 64, heightPixels: 64, tilePixels: 32 })).toBe(true);
    expect(accepts({ viewWidth: 4, widthPixels: 64, heightPixels: 256 })).toBe(false);
    expect(accepts({ tilePixels: 64, maxIterations: 2000, widthPixels: 64 })).toBe(false);
  });

  it('plans passes whose iterations add up, and as many digits as the view is deep', () => {
    for (const [viewWidth, digits] of [
      [1, 3],
      [1e-20, 7],
      [1e-39, MAX_DIGITS],
    ] as const) {
      const params = mandelbrotParams.parse({ ...point, viewWidth, maxIterations: 9000 });
      const { passes, scratchBytes } = mandelbrotManifest.plan(
        params,
        { rows: 2, strides: {} },
        ONLY_VARIANT,
      );
      expect(scratchBytes).toEqual({ orbits: 2 * 2 * digits * 4 });
      const perPass = passes[1]!.constants['ITERATIONS_PER_PASS']!;
      expect((passes.length - 1) * perPass).toBeGreaterThanOrEqual(9000);
      expect((passes.length - 2) * perPass).toBeLessThan(9000);
      expect(passes[1]!.constants[`LEFT_${digits - 1}`]).toBeTypeOf('number');
      expect(passes[1]!.constants[`LEFT_${digits}`]).toBeUndefined();
      expect(Math.max(...passes.map((pass) => pass.flopsPerWorkgroup))).toBeLessThanOrEqual(4e6);
    }
    expect(DIGIT_BITS * (MAX_DIGITS - 1)).toBe(154);
  });

  it('composes one module per length of numbers', () => {
    const shader = (viewWidth: number) =>
      mandelbrotShader(mandelbrotParams.parse({ ...point, viewWidth }));
    expect(shader(1)).toBe(shader(0.5));
    expect(shader(1)).not.toBe(shader(1e-9));
    const body = shader(1).slice(shader(1).indexOf('ESCAPE) { break; }'));
    expect(body.slice(0, body.indexOf('x0 = '))).toMatchInlineSnapshot(`
      "ESCAPE) { break; }
          let sumX3 = 2 * (x1 * x2 - (y1 * y2));
          let sumY3 = 2 * (x1 * y2 + x2 * y1);
          let carryX3 = (sumX3 + 8192) >> 14u;
          let carryY3 = (sumY3 + 8192) >> 14u;
          let sumX2 = 2 * (x0 * x2 - (y0 * y2)) + x1 * x1 - y1 * y1 + real2 + carryX3;
          let sumY2 = 2 * (x0 * y2 + x1 * y1 + x2 * y0) + imaginary2 + carryY3;
          let carryX2 = (sumX2 + 8192) >> 14u;
          let carryY2 = (sumY2 + 8192) >> 14u;
          let nextX2 = sumX2 - (carryX2 << 14u);
          let nextY2 = sumY2 - (carryY2 << 14u);
          let sumX1 = 2 * (x0 * x1 - (y0 * y1)) + real1 + carryX2;
          let sumY1 = 2 * (x0 * y1 + x1 * y0) + imaginary1 + carryY2;
          let carryX1 = (sumX1 + 8192) >> 14u;
          let carryY1 = (sumY1 + 8192) >> 14u;
          let nextX1 = sumX1 - (carryX1 << 14u);
          let nextY1 = sumY1 - (carryY1 << 14u);
          let nextX0 = x0 * x0 - y0 * y0 + real0 + carryX1;
          let nextY0 = 2 * (x0 * y0) + imaginary0 + carryY1;
          "
    `);
  });
});

describe('pictureOf', () => {
  it('draws the set dark and every other count in a colour of its own', () => {
    const params = mandelbrotParams.parse({ ...point, tilePixels: 2, maxIterations: 40 });
    const iterations = tensorOf('U32', [2, 2], Uint32Array.of(40, 1, 2, 30));
    const { width, height, rgba } = pictureOf(params, { iterations }, 0);
    expect([width, height, rgba.length]).toEqual([2, 2, 16]);
    expect([...rgba.subarray(0, 4)]).toEqual([4, 5, 14, 255]);
    const colours = [4, 8, 12].map((at) => rgba.subarray(at, at + 4).join());
    expect(new Set(colours).size).toBe(3);
  });
});
