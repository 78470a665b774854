/**
 * Which matrix products a kernel's outputs are, as data: what an algebraic check needs to know of it.
 *
 * No arithmetic and no GPU types. Invariant: the outputs of a kernel's products cover every element of
 * its outputs (`catalog.test.ts`), or an element would go unchecked.
 */

/**
 * A matrix inside one item of a tensor: element (i, j) is the tensor's value number `rows[i] + columns[j]`.
 * Row-major and transposed matrices, one of a batch, and the im2col of an unpadded convolution are all so.
 */
export interface MatrixView {
  readonly tensor: string;
  readonly rows: Uint32Array;
  readonly columns: Uint32Array;
}

/** `output` [m,n] is `left` [m,k] times `right` [k,n]; m, k and n are the views' own lengths. */
export interface MatrixProduct {
  readonly left: MatrixView;
  readonly right: MatrixView;
  readonly output: MatrixView;
}

/** A row-major matrix that begins at value `start` of the tensor. */
export const denseView = (
  tensor: string,
  rows: number,
  columns: number,
  start = 0,
): MatrixView => ({
  tensor,
  rows: Uint32Array.from({ length: rows }, (_, i) => start + i * columns),
  columns: Uint32Array.from({ length: columns }, (_, j) => j),
});

/** c = a b is also c' = b' a': what is checked row by row of c can be checked column by column. */
export const transposedProduct = ({ left, right, output }: MatrixProduct): MatrixProduct => ({
  left: transposedView(right),
  right: transposedView(left),
  output: transposedView(output),
});

export const transposedView = ({ tensor, rows, columns }: MatrixView): MatrixView => ({
  tensor,
  rows: columns,
  columns: rows,
});
