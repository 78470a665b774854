/** Any finite factors, in any shape: honest sums pass in any order, a wrong element is found where it is. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { VECTORS, faultOfProduct, vectorsOf } from './freivalds.ts';
import { SUMMATIONS, multiply, productOf, wordsOf, type Factors } from './testing/products.ts';

const MAX_SIDE = 24;
const side = fc.integer({ min: 1, max: MAX_SIDE });
/** Zeros, subnormals and everything whose products stay within f32. */
const anyMatrix = (rows: number, columns: number) => {
  const max = Math.fround(1e18);
  const length = rows * columns;
  return fc.float32Array({ minLength: length, maxLength: length, min: -max, max, noNaN: true });
};
const anyFactors: fc.Arbitrary<Factors> = fc
  .tuple(side, side, side)
  .chain(([m, k, n]) =>
    fc
      .tuple(anyMatrix(m, k), anyMatrix(k, n))
      .map(([a, b]) => ({ m, k, n, a: Float32Array.from(a), b: Float32Array.from(b) })),
  );

it('of any factors', () => {
  fc.assert(
    fc.property(
      anyFactors,
      fc.constantFrom(...Object.values(SUMMATIONS)),
      fc.integer(),
      fc.nat(),
      fc.boolean(),
      (factors, sum, seed, pick, isNegative) => {
        const vectors = vectorsOf(wordsOf(factors.n * VECTORS, seed));
        const c = multiply(factors, sum);
        expect(faultOfProduct(productOf(factors, c), vectors)).toBeNull();
        const at = pick % c.length;
        const [row, column] = [Math.floor(at / factors.n), at % factors.n];
        const change = Math.max(sizeOfRow(factors, row) / 1_000, 1e-30);
        c[at]! += isNegative ? -change : change;
        const fault = faultOfProduct(productOf(factors, c), vectors);
        expect(fault).toMatchObject({ row, column });
      },
    ),
    { numRuns: 300 },
  );
});

/** The norm of a row of |a| |b|: what rounding is in proportion to. */
function sizeOfRow({ k, n, a, b }: Factors, row: number): number {
  let squares = 0;
  for (let j = 0; j < n; j++) {
    let size = 0;
    for (let l = 0; l < k; l++) size += Math.abs(a[row * k + l]! * b[l * n + j]!);
    squares += size ** 2;
  }
  return Math.sqrt(squares);
}
