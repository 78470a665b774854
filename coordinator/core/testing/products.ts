/**
 * Matrix products for tests of the algebraic check: repeatable factors of every character, f32 sums in every
 * order that an honest device may take, and inputs rounded as a cheating one would.
 */
import { denseView, type MatrixView } from '../../../kernels/products.ts';
import { noise } from '../../../kernels/noise.ts';
import { VECTORS, vectorsOf, type Matrix, type Product, type Projection } from '../freivalds.ts';

export interface Sides {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

export interface Factors extends Sides {
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** Values of a matrix by place: `at(i, j, next)`, `next()` in [-1, 1). */
export type Fill = (i: number, j: number, next: () => number) => number;

export const ZERO_MEAN: Fill = (_i, _j, next) => next();
export const POSITIVE: Fill = (_i, _j, next) => (next() + 1) / 2;
/** Twelve decades, by rows and by columns. */
export const BADLY_SCALED: Fill = (i, j, next) => next() * 10 ** (((i * 7 + j * 5) % 13) - 6);
/** Sums drift in f32: every addition of a binade errs the same way. */
export const EQUAL: Fill = () => 0.1;
/** Small terms beside a large one: plain f32 sums lose them all. */
export const STAGNANT: Fill = (_i, j) => (j === 0 ? 2 ** 24 : 0.5);

export function factorsOf(sides: Sides, left: Fill, right: Fill = left, seed = 1): Factors {
  const next = noise(seed);
  const filled = (rows: number, columns: number, fill: Fill) =>
    Float32Array.from({ length: rows * columns }, (_, at) =>
      fill(Math.floor(at / columns), at % columns, next),
    );
  const { m, k, n } = sides;
  return { ...sides, a: filled(m, k, left), b: filled(k, n, right) };
}

/** b's second half is minus its first, nearly: every sum is a small rest of large terms. */
export function cancelling(sides: Sides): Factors {
  const factors = factorsOf(sides, ZERO_MEAN);
  const { m, k, n, a, b } = factors;
  const half = k / 2;
  for (let l = half; l < k; l++) {
    for (let i = 0; i < m; i++) a[i * k + l] = a[i * k + l - half]!;
    for (let j = 0; j < n; j++) b[l * n + j] = -b[(l - half) * n + j]! * (1 + 2 ** -20);
  }
  return factors;
}

/** How f32 sums are built from their rounded terms. */
export type Summation = (terms: Float32Array) => number;

const sequential: Summation = (terms) => {
  let sum = 0;
  for (const term of terms) sum = Math.fround(sum + term);
  return sum;
};
const pairwise: Summation = (terms) =>
  terms.length === 1
    ? terms[0]!
    : Math.fround(
        pairwise(terms.subarray(0, terms.length >> 1)) +
          pairwise(terms.subarray(terms.length >> 1)),
      );
/** In lanes of four and in blocks of 32, as SIMD and tiles do. */
const lanes: Summation = (terms) =>
  sequential(
    Float32Array.from([0, 1, 2, 3], (lane) => sequential(terms.filter((_, l) => l % 4 === lane))),
  );
const blocks: Summation = (terms) =>
  sequential(
    Float32Array.from({ length: Math.ceil(terms.length / 32) }, (_, block) =>
      sequential(terms.subarray(32 * block, 32 * block + 32)),
    ),
  );

export const SUMMATIONS: Readonly<Record<string, Summation>> = {
  sequential,
  backwards: (terms) => sequential(terms.slice().reverse()),
  pairwise,
  lanes,
  blocks,
};

/** c in f32, each of its sums built in one way. */
export function multiply({ m, k, n, a, b }: Factors, sum: Summation = sequential): Float32Array {
  const c = new Float32Array(m * n);
  const terms = new Float32Array(k);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      for (let l = 0; l < k; l++) terms[l] = a[i * k + l]! * b[l * n + j]!;
      c[i * n + j] = sum(terms);
    }
  }
  return c;
}

const matrix = (values: Float32Array, { rows, columns }: MatrixView): Matrix => ({
  values,
  rows,
  columns,
});

export const productOf = ({ m, k, n, a, b }: Factors, c: Float32Array): Product => ({
  left: matrix(a, denseView('a', m, k)),
  right: matrix(b, denseView('b', k, n)),
  output: matrix(c, denseView('c', m, n)),
});

/** Random words, the same for the same seed. */
export function wordsOf(count: number, seed: number): Uint32Array {
  const next = noise(seed);
  return Uint32Array.from({ length: count }, () => (next() + 1) * 2 ** 31);
}

export const probesFor = (columns: number, seed = 7): Projection =>
  vectorsOf(wordsOf(columns * VECTORS, seed));

/** Rounded to 11 significant bits, as f16 and tf32 have; of the range of f32. */
export const roundedTo11Bits = (values: Float32Array): Float32Array =>
  values.map((value) => {
    const scaled = value * (2 ** 13 + 1);
    return Math.fround(scaled) - Math.fround(Math.fround(scaled) - value);
  });

/** Standard deviation: the spread against which an error is large or small. */
export function spreadOf(values: Float32Array): number {
  const mean = values.reduce((sum, it) => sum + it, 0) / values.length;
  return Math.sqrt(values.reduce((sum, it) => sum + (it - mean) ** 2, 0) / values.length);
}
