/**
 * Freivalds' check of a matrix product that came from outside: is c = a b, within what f32 sums explain?
 *
 * Secret random columns r screen every row in O(mk + kn + mn) instead of O(mkn): d = a (b r) - c r. A row that
 * stands out is computed again, and only that convicts. Pure: the randomness is an argument, sums are f64.
 *
 * The vectors are ±U[1,2] (R. Freivalds 1977, for floats): with ±1 a pair of errors (x, -x) cancels in every
 * second vector; with normal ones a single error hides behind a small |r|. An error vector whose largest element
 * is x thresholds escapes one vector with probability at most 1/x (the density of r is at most 1/2), whatever
 * the others are, and all four with x⁻⁴; a single wrong element of more than 2 thresholds never does.
 *
 * What f32 explains: every addition of a sum of k terms errs by at most u times the partial sum, u = 2⁻²⁴, and
 * as if at random (N. J. Higham and T. Mary, "A new approach to probabilistic rounding error analysis", SIAM J.
 * Sci. Comput. 2019): variance at most u²/3 of its square. Two scales follow from the inputs alone:
 * - Screening a row i: partial sums drift to c and wander by their terms, so after t of k terms their square is
 *   about (t/k)² |c_i|² + (t/k) w_i², w_i² = sum_l a_il² |b_l|². Summed over t, the row's errors have the norm
 *   s_i = u sqrt(k/3 (|c_i|²/3 + w_i²/2)), and d, with E[r²] = 7/3, the deviation sqrt(7/3) s_i. T is 4 of them:
 *   honest rows of ordinary inputs came to 0.6 T at most, and one that stood out by chance would only cost the row's sums.
 * - Convicting an element: in any order at all, no partial sum exceeds (|a||b|)_ij, so its deviation is at most
 *   u sqrt(k/3) (|a||b|)_ij. Terms that nearly cancel leave it as it is. Where f32 sums drift (equal terms, small
 *   ones beside a large one), the plain f32 sum does too, and twice its own error is allowed besides.
 */

/** Each costs (mk + kn + mn) multiplications; four make x⁻⁴. */
export const VECTORS = 4;

const SCREENING_DEVIATIONS = 4;
/** What an honest element never reaches: P(|N(0,1)| > 8) is 1.2e-15. */
const CONVICTING_DEVIATIONS = 8;
/** E[r²] of ±U[1,2]. */
const PROBE_SQUARE = 7 / 3;
const UNIT_ROUNDOFF = 2 ** -24;
/** GPUs may flush what is smaller than this to zero: once for each term. */
const SMALLEST_NORMAL = 2 ** -126;

/** Element (i, j) is `values[rows[i] + columns[j]]`. */
export interface Matrix {
  readonly values: Float32Array;
  readonly rows: Uint32Array;
  readonly columns: Uint32Array;
}

export interface Product {
  readonly left: Matrix;
  readonly right: Matrix;
  readonly output: Matrix;
}

/** A matrix seen through the vectors. Secret where they are. */
export interface Projection {
  /** [rows, VECTORS] */
  readonly sums: Float64Array;
  /** [rows]: squared Euclidean norms, to which the rounding is in proportion. */
  readonly squares: Float64Array;
}

export interface ProductFault {
  readonly row: number;
  readonly column: number;
  readonly came: number;
  readonly right: number;
  /** How many deviations of f32 rounding lie between them. */
  readonly deviations: number;
}

/** Vectors for an output of `words.length / VECTORS` columns, from random 32-bit words. */
export const vectorsOf = (words: Uint32Array): Projection => ({
  sums: Float64Array.from(words, (word) => (word & 1 ? 1 : -1) * (1 + (word >>> 1) / 2 ** 31)),
  squares: new Float64Array(words.length / VECTORS).fill(1),
});

/**
 * `matrix` times what the vectors made of the matrix to its right (or the vectors themselves), and its rows'
 * squares weighted by that matrix's. b through the vectors is `project(b, vectors)`, a b is
 * `project(a, project(b, vectors))`.
 */
export function project(matrix: Matrix, through: Projection): Projection {
  const rows = matrix.rows.length;
  const made = { sums: new Float64Array(rows * VECTORS), squares: new Float64Array(rows) };
  // Along the memory, whichever way the matrix lies in it.
  if (step(matrix.columns) <= step(matrix.rows)) alongRows(matrix, through, made);
  else alongColumns(matrix, through, made);
  return made;
}

const step = (offsets: Uint32Array): number => (offsets[1] ?? offsets[0]!) - offsets[0]!;

function alongRows({ values, rows, columns }: Matrix, through: Projection, made: Projection) {
  const { sums, squares } = through;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    let square = 0;
    for (let j = 0; j < columns.length; j++) {
      const value = values[row + columns[j]!]!;
      const at = j * VECTORS;
      sum0 += value * sums[at]!;
      sum1 += value * sums[at + 1]!;
      sum2 += value * sums[at + 2]!;
      sum3 += value * sums[at + 3]!;
      square += value * value * squares[j]!;
    }
    made.sums.set([sum0, sum1, sum2, sum3], i * VECTORS);
    made.squares[i] = square;
  }
}

function alongColumns({ values, rows, columns }: Matrix, through: Projection, made: Projection) {
  for (let j = 0; j < columns.length; j++) {
    const column = columns[j]!;
    const [r0, r1, r2, r3] = through.sums.subarray(j * VECTORS, (j + 1) * VECTORS);
    const weight = through.squares[j]!;
    for (let i = 0; i < rows.length; i++) {
      const value = values[column + rows[i]!]!;
      const at = i * VECTORS;
      made.sums[at]! += value * r0!;
      made.sums[at + 1]! += value * r1!;
      made.sums[at + 2]! += value * r2!;
      made.sums[at + 3]! += value * r3!;
      made.squares[i]! += value * value * weight;
    }
  }
}

/** T of a row: `factors` and `output` are its squares in a (through b) and in c. */
export function rowThreshold(
  inner: number,
  columns: number,
  factors: number,
  output: number,
): number {
  const squares = (inner / 3) * (output / 3 + factors / 2);
  const flushed = 2 * columns * inner * SMALLEST_NORMAL;
  return SCREENING_DEVIATIONS * Math.sqrt(PROBE_SQUARE * squares) * UNIT_ROUNDOFF + flushed;
}

/**
 * The first element that f32 does not explain; null where all are right. `right` is the right factor through the
 * vectors: it may be shared by all products with that factor.
 */
export function faultOfProduct(
  product: Product,
  vectors: Projection,
  right = project(product.right, vectors),
): ProductFault | null {
  const inner = product.left.columns.length;
  const columns = product.output.columns.length;
  const made = project(product.left, right);
  const came = project(product.output, vectors);
  for (let row = 0; row < product.output.rows.length; row++) {
    const threshold = rowThreshold(inner, columns, made.squares[row]!, came.squares[row]!);
    let isWithin = true;
    for (let at = row * VECTORS; at < (row + 1) * VECTORS; at++) {
      // `<`: neither NaN nor an infinity is within anything.
      isWithin &&= Math.abs(made.sums[at]! - came.sums[at]!) < threshold;
    }
    const fault = isWithin ? null : faultOfRow(product, row);
    if (fault !== null) return fault;
  }
  return null;
}

/** The row computed again: its worst element, where that or the whole row is beyond rounding. */
function faultOfRow({ left, right, output }: Product, row: number): ProductFault | null {
  const inner = left.columns.length;
  const columns = output.columns.length;
  const { sums, sizes, plain } = exactRow(left, right, row);
  const deviation = UNIT_ROUNDOFF * Math.sqrt(inner / 3);
  let worst: ProductFault = { row, column: 0, came: 0, right: 0, deviations: 0 };
  let squares = 0;
  for (let column = 0; column < columns; column++) {
    const came = output.values[output.rows[row]! + output.columns[column]!]!;
    const exact = sums[column]!;
    const drift = Math.abs(plain[column]! - exact);
    const allowed = (drift < Infinity ? 2 * drift : 0) + inner * SMALLEST_NORMAL;
    const off = Number.isNaN(came) ? Infinity : Math.abs(came - exact);
    const deviations = off <= allowed ? 0 : (off - allowed) / (deviation * sizes[column]!);
    squares += deviations ** 2;
    if (deviations >= worst.deviations) worst = { row, column, came, right: exact, deviations };
  }
  // One deviation is an upper bound: a whole row at one and a half (one element: eight) is no rounding.
  const wholeRow = 1.5 + (CONVICTING_DEVIATIONS - 1.5) / Math.sqrt(columns);
  const isRounding =
    worst.deviations <= CONVICTING_DEVIATIONS && Math.sqrt(squares / columns) <= wholeRow;
  return isRounding ? null : worst;
}

/** One row of the product: in f64, the sums of its terms' sizes, and as plain f32 sums give it. */
function exactRow(left: Matrix, right: Matrix, row: number) {
  const columns = right.columns.length;
  const sums = new Float64Array(columns);
  const sizes = new Float64Array(columns);
  const plain = new Float32Array(columns);
  for (let l = 0; l < right.rows.length; l++) {
    const factor = left.values[left.rows[row]! + left.columns[l]!]!;
    const start = right.rows[l]!;
    for (let j = 0; j < columns; j++) {
      const term = factor * right.values[start + right.columns[j]!]!;
      sums[j]! += term;
      sizes[j]! += Math.abs(term);
      plain[j]! += Math.fround(term);
    }
  }
  return { sums, sizes, plain };
}
