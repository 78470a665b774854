/** What the algebraic check catches, what it accepts, and where its floor is. */
import { describe, expect, it } from 'vitest';
import { transposedProduct } from '../../kernels/products.ts';
import {
  VECTORS,
  faultOfProduct,
  vectorsOf,
  project,
  rowThreshold,
  type Product,
  type Projection,
} from './freivalds.ts';
import {
  BADLY_SCALED,
  EQUAL,
  POSITIVE,
  STAGNANT,
  SUMMATIONS,
  ZERO_MEAN,
  cancelling,
  factorsOf,
  multiply,
  probesFor,
  productOf,
  roundedTo11Bits,
  spreadOf,
  wordsOf,
  type Factors,
} from './testing/products.ts';

const SIDES = { m: 24, k: 1024, n: 40 };
const faultOf = (factors: Factors, c: Float32Array, seed = 7) =>
  faultOfProduct(productOf(factors, c), probesFor(factors.n, seed));
/** `c` with some elements changed. */
const spoiled = (c: Float32Array, changes: Readonly<Record<number, number>>): Float32Array => {
  const copy = c.slice();
  for (const [at, change] of Object.entries(changes)) copy[Number(at)]! += change;
  return copy;
};

/** The largest residual of a product in units of its row's threshold. */
function worstResidual(product: Product, vectors: Projection): number {
  const made = project(product.left, project(product.right, vectors));
  const came = project(product.output, vectors);
  const [inner, columns] = [product.left.columns.length, product.output.columns.length];
  return Math.max(
    ...made.sums.map((sum, at) => {
      const row = Math.floor(at / VECTORS);
      const threshold = rowThreshold(inner, columns, made.squares[row]!, came.squares[row]!);
      return Math.abs(sum - came.sums[at]!) / threshold;
    }),
  );
}

const CHARACTERS: readonly (readonly [string, Factors])[] = [
  ['zero mean', factorsOf(SIDES, ZERO_MEAN)],
  ['all positive', factorsOf(SIDES, POSITIVE)],
  ['positive by zero mean', factorsOf(SIDES, POSITIVE, ZERO_MEAN)],
  ['twelve decades', factorsOf(SIDES, BADLY_SCALED)],
  ['nearly cancelling', cancelling(SIDES)],
  ['many terms', factorsOf({ m: 3, k: 4096, n: 9 }, POSITIVE)],
  ['one term', factorsOf({ m: 30, k: 1, n: 30 }, ZERO_MEAN)],
  ['one element', factorsOf({ m: 1, k: 1, n: 1 }, ZERO_MEAN)],
];

describe('honest products', () => {
  it.each(CHARACTERS)('of inputs that are %s pass, in any order of summation', (_name, factors) => {
    for (const sum of Object.values(SUMMATIONS)) {
      const c = multiply(factors, sum);
      for (let seed = 1; seed <= 5; seed++) expect(faultOf(factors, c, seed)).toBeNull();
    }
  });

  it('stay below the threshold where inputs are ordinary: no row is computed again', () => {
    for (const [name, factors] of CHARACTERS.slice(0, 4)) {
      for (const [order, sum] of Object.entries(SUMMATIONS)) {
        const product = productOf(factors, multiply(factors, sum));
        expect(worstResidual(product, probesFor(factors.n)), `${name}, ${order}`).toBeLessThan(
          0.75,
        );
      }
    }
  });

  it.each([
    ['equal terms', EQUAL],
    ['small terms beside a large one', STAGNANT],
  ])('whose f32 sums drift (%s) stand out, and are not convicted', (_name, fill) => {
    const factors = factorsOf({ m: 4, k: 4096, n: 8 }, fill, () => 1);
    const product = productOf(factors, multiply(factors));
    expect(worstResidual(product, probesFor(8))).toBeGreaterThan(1);
    expect(faultOfProduct(product, probesFor(8))).toBeNull();
  });

  it('pass column by column as they do row by row, from factors shared or not', () => {
    const factors = factorsOf(SIDES, ZERO_MEAN);
    const product = transposedView(productOf(factors, multiply(factors)));
    const vectors = probesFor(SIDES.m);
    expect(faultOfProduct(product, vectors, project(product.right, vectors))).toBeNull();
    product.output.values[5 * SIDES.n + 3]! += 1;
    expect(faultOfProduct(product, vectors)).toMatchObject({ row: 3, column: 5 });
  });

  it('may be integers: their sums are exact', () => {
    const factors = factorsOf(SIDES, (_i, _j, next) => Math.floor(next() * 3));
    expect(faultOf(factors, multiply(factors))).toBeNull();
    expect(faultOf(factors, spoiled(multiply(factors), { 77: 1 }))).toMatchObject({ column: 37 });
  });

  it('of zeros are zeros, and nothing else', () => {
    const factors = factorsOf({ m: 2, k: 3, n: 2 }, () => 0);
    expect(faultOf(factors, new Float32Array(4))).toBeNull();
    expect(faultOf(factors, Float32Array.of(0, 0, 1e-30, 0))).toMatchObject({ row: 1, column: 0 });
  });
});

function transposedView({ left, right, output }: Product): Product {
  const named = transposedProduct({
    left: { tensor: '', ...left },
    right: { tensor: '', ...right },
    output: { tensor: '', ...output },
  });
  return {
    left: { ...named.left, values: right.values },
    right: { ...named.right, values: left.values },
    output: { ...named.output, values: output.values },
  };
}

describe('wrong products', () => {
  it.each(CHARACTERS.slice(0, 3))(
    'of inputs that are %s: one element off by a hundredth of the spread is always caught',
    (_name, factors) => {
      const c = multiply(factors);
      const change = 0.01 * spreadOf(c);
      for (let trial = 0; trial < 200; trial++) {
        const at = (trial * 37) % c.length;
        const fault = faultOf(factors, spoiled(c, { [at]: trial % 2 ? change : -change }), trial);
        expect(fault).toMatchObject({ row: Math.floor(at / factors.n), column: at % factors.n });
      }
    },
  );

  it('the floor: 1e-5 of the spread, in one element, is accepted', () => {
    const factors = factorsOf(SIDES, ZERO_MEAN);
    const c = multiply(factors);
    for (let at = 0; at < 50; at++) {
      expect(faultOf(factors, spoiled(c, { [at]: 1e-5 * spreadOf(c) }), at)).toBeNull();
    }
  });

  it.each(CHARACTERS.slice(0, 3))(
    'of inputs that are %s: those of f16 or tf32 are caught',
    (_name, factors) => {
      const [a, b] = [roundedTo11Bits(factors.a), roundedTo11Bits(factors.b)];
      for (const cheap of [{ a, b }, { a }, { b }]) {
        expect(faultOf(factors, multiply({ ...factors, ...cheap }))).not.toBeNull();
      }
    },
  );

  it('f16 inputs are caught at the longest sums, in a single row', () => {
    const factors = factorsOf({ m: 1, k: 4096, n: 128 }, ZERO_MEAN);
    const a = roundedTo11Bits(factors.a);
    const b = roundedTo11Bits(factors.b);
    expect(faultOf(factors, multiply({ ...factors, a, b }))).not.toBeNull();
  });

  it('a shifted, scaled, transposed, negated or absent output is caught', () => {
    const factors = factorsOf({ m: 16, k: 16, n: 16 }, ZERO_MEAN);
    const c = multiply(factors);
    const lies = [
      c.map((_, i) => c[(i + 1) % c.length]!),
      c.map((value) => value * 1.0001),
      c.map((_, i) => c[(i % 16) * 16 + Math.floor(i / 16)]!),
      c.map((value) => -value),
      new Float32Array(c.length),
    ];
    for (const lie of lies) expect(faultOf(factors, lie)).not.toBeNull();
  });

  it.each([NaN, Infinity, -Infinity, 3e38])('%d passes nowhere', (value) => {
    const factors = factorsOf({ m: 5, k: 8, n: 6 }, ZERO_MEAN);
    const c = multiply(factors);
    for (let at = 0; at < c.length; at++) {
      const lie = c.slice();
      lie[at] = value;
      expect(faultOf(factors, lie)).toMatchObject({ row: Math.floor(at / 6), column: at % 6 });
    }
    expect(faultOf(factors, new Float32Array(c.length).fill(value))).not.toBeNull();
  });

  it('terms that cancel do not hide an error: the rest is checked against its terms', () => {
    const factors = cancelling(SIDES);
    const c = multiply(factors, SUMMATIONS['pairwise']);
    expect(spreadOf(c)).toBeLessThan(1e-2);
    expect(faultOf(factors, spoiled(c, { 3: 0.1 }))).toMatchObject({ row: 0, column: 3 });
  });

  it('says which element, what came, what is right and by how much', () => {
    const factors = factorsOf({ m: 2, k: 2, n: 2 }, (i, j) => i + 2 * j + 1);
    // [[1, 3], [2, 4]]² = [[7, 15], [10, 22]]
    const fault = faultOf(factors, Float32Array.of(7, 15, 11, 22));
    expect(fault).toMatchObject({ row: 1, column: 0, came: 11, right: 10 });
    expect(fault!.deviations).toBeCloseTo(1 / (2 ** -24 * Math.sqrt(2 / 3) * 10), -3);
  });
});

describe('pairs of errors (x, -x) in one row, x = 20 thresholds', () => {
  const TRIALS = 2_000;
  const factors = factorsOf({ m: 1, k: 32, n: 32 }, ZERO_MEAN);
  const c = multiply(factors);
  /** Trials in which the pair passes. */
  function escapes(drawn: (words: Uint32Array) => Projection): number {
    let count = 0;
    for (let trial = 0; trial < TRIALS; trial++) {
      const vectors = drawn(wordsOf(factors.n * VECTORS, trial + 1));
      const product = productOf(factors, c);
      const made = project(product.left, project(product.right, vectors));
      const came = project(product.output, vectors);
      const error = 20 * rowThreshold(factors.k, factors.n, made.squares[0]!, came.squares[0]!);
      const [one, other] = [trial % 32, (trial + 1 + (trial % 31)) % 32];
      const lie = spoiled(c, { [one]: error, [other]: -error });
      if (faultOfProduct(productOf(factors, lie), vectors) === null) count += 1;
    }
    return count;
  }

  it('are caught in every trial', () => {
    expect(escapes(vectorsOf)).toBe(0);
  });

  it('would escape vectors of ±1 about once in sixteen: why those are not used', () => {
    const signs = (words: Uint32Array): Projection => {
      const { sums, squares } = vectorsOf(words);
      return { sums: sums.map(Math.sign), squares };
    };
    const share = escapes(signs) / TRIALS;
    expect(share).toBeGreaterThan(0.04);
    expect(share).toBeLessThan(0.085);
  });
});

describe('vectors', () => {
  it('are ±U[1,2], from all bits of their words', () => {
    const { sums, squares } = vectorsOf(wordsOf(4_000, 3));
    const sizes = sums.map(Math.abs);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...sizes)).toBeLessThan(2);
    expect(sizes.reduce((sum, it) => sum + it, 0) / sizes.length).toBeCloseTo(1.5, 1);
    expect(sums.filter((it) => it > 0).length / sums.length).toBeCloseTo(0.5, 1);
    expect(squares).toEqual(new Float64Array(1_000).fill(1));
    expect(vectorsOf(Uint32Array.of(0, 1, 2, 0xffffffff)).sums).toEqual(
      Float64Array.of(-1, 1, -(1 + 2 ** -31), 2 - 2 ** -31),
    );
  });
});
