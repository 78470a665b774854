/**
 * Composes WGSL for c = a b in which every thread keeps a tile of c in registers: no shared memory, no barriers. Pure text.
 *
 * Accumulators are named, because an indexed array spills to memory (3 times slower). Indices past an edge are clamped to
 * it: what they compute is never stored.
 *
 * Source: V. Volkov and J. Demmel, "Benchmarking GPUs to tune dense linear algebra", SC 2008.
 */
import { ELEMENTS, header, PRODUCT_NAMES, range, type ProductModule } from './elements.ts';

export interface RegisterTile {
  /** Threads of a workgroup along each axis. */
  readonly threads: number;
  /** Rows of c of one thread; a multiple of 4 where vectors are read from a that lies transposed. */
  readonly rows: number;
  /** Columns of c of one thread: a multiple of 4. */
  readonly columns: number;
}

/**
 * Four values at a time, along whichever axis an operand is contiguous: for sides that are multiples of 4
 * (`allowsVectors`). The quads of a thread's columns lie `threads` apart, so that neighbours read neighbours.
 *
 * Four steps of k are one assignment: a software adapter keeps every `var` in memory, and tests every load.
 */
export function vectorProduct(product: ProductModule, tile: RegisterTile): string {
  const { element, transposeA, transposeB } = product;
  const result = (product.names ?? PRODUCT_NAMES).c;
  const { vector, addProduct } = ELEMENTS[element];
  const rows = range(tile.rows);
  const quads = range(tile.columns / 4);
  const steps = range(4);
  const xyzw = 'xyzw';
  const quadOf = (quad: number): string => `quad + ${quad * tile.threads}u`;

  const loadLeft = transposeA
    ? steps.flatMap((step) =>
        range(tile.rows / 4).map(
          (quad) =>
            `let a${step}_${quad} = loadA(aItem + (k + ${step}u) * (M / 4u) + rowQuad${quad});`,
        ),
      )
    : rows.map((row) => `let a${row} = loadA(aItem + row${row} * (K / 4u) + k / 4u);`);
  const left = (row: number, step: number): string =>
    transposeA ? `a${step}_${Math.floor(row / 4)}.${xyzw[row % 4]}` : `a${row}.${xyzw[step]}`;

  const columns = quads.flatMap((quad) => range(4).map((i) => [quad, i] as const));
  const loadRight = transposeB
    ? columns.map(
        ([quad, i]) => `let b${quad}_${i} = loadB(bItem + column${quad}_${i} * (K / 4u) + k / 4u);`,
      )
    : [];
  const right = (step: number, quad: number): string =>
    transposeB
      ? `${vector}(${range(4)
          .map((i) => `b${quad}_${i}.${xyzw[step]}`)
          .join(', ')})`
      : `loadB(bItem + (k + ${step}u) * (N / 4u) + quad${quad})`;

  const indices = [
    ...(transposeA
      ? range(tile.rows / 4).map(
          (quad) => `let rowQuad${quad} = min(row / 4u + ${quad}u, M / 4u - 1u);`,
        )
      : rows.map((row) => `let row${row} = min(row + ${row}u, M - 1u);`)),
    ...(transposeB
      ? columns.map(
          ([quad, i]) => `let column${quad}_${i} = min(4u * (${quadOf(quad)}) + ${i}u, N - 1u);`,
        )
      : quads.map((quad) => `let quad${quad} = min(${quadOf(quad)}, N / 4u - 1u);`)),
  ];
  const accumulators = rows.flatMap((row) =>
    quads.map((quad) => `var c${row}_${quad} = ${vector}();`),
  );
  const products = [
    ...steps.flatMap((step) =>
      quads.map((quad) => `let right${step}_${quad} = ${right(step, quad)};`),
    ),
    ...rows.flatMap((row) =>
      quads.map((quad) => {
        const sum = steps.reduce(
          (so, step) => addProduct(so, left(row, step), `right${step}_${quad}`),
          `c${row}_${quad}`,
        );
        return `c${row}_${quad} = ${sum};`;
      }),
    ),
  ];
  const stores = rows.flatMap((row) =>
    quads.map(
      (quad) =>
        `if (row + ${row}u < M && ${quadOf(quad)} < N / 4u) { ` +
        `${result}[cItem + (row + ${row}u) * (N / 4u) + ${quadOf(quad)}] = ${product.epilogue(`c${row}_${quad}`, quadOf(quad))}; }`,
    ),
  );
  return `${header(product, 'vectors')}
${entryPoint(tile)}
  let quad = (group.x + base.x) * ${(tile.threads * tile.columns) / 4}u + thread.x;
  let row = ((group.y + base.y) * ${tile.threads}u + thread.y) * ${tile.rows}u;
  if (row >= M || quad >= N / 4u) { return; }
  let item = group.z + base.z;
  let aItem = item * (A_STRIDE / 4u);
  let bItem = item * (B_STRIDE / 4u);
  let cItem = item * M * (N / 4u);
  ${indices.join('\n  ')}
  ${accumulators.join('\n  ')}
  for (var k = 0u; k < K; k += 4u) {
    ${[...loadLeft, ...loadRight, ...products].join('\n    ')}
  }
  ${stores.join('\n  ')}
}
`;
}

/** One value at a time: for any sides. */
export function scalarProduct(product: ProductModule, tile: RegisterTile): string {
  const { vector } = ELEMENTS[product.element];
  const result = (product.names ?? PRODUCT_NAMES).c;
  const rows = range(tile.rows);
  const columns = range(tile.columns);
  const quads = range(tile.columns / 4);
  const [rowStep, leftStep] = product.transposeA ? ['1u', 'M'] : ['K', '1u'];
  const [columnStep, rightStep] = product.transposeB ? ['K', '1u'] : ['1u', 'N'];
  const lines = [
    ...rows.map(
      (row) => `var a${row} = item * A_STRIDE + min(row + ${row}u, M - 1u) * ${rowStep};`,
    ),
    ...columns.map(
      (column) =>
        `var b${column} = item * B_STRIDE + min(column + ${column}u, N - 1u) * ${columnStep};`,
    ),
    ...rows.flatMap((row) => quads.map((quad) => `var c${row}_${quad} = ${vector}();`)),
  ];
  const body = [
    ...rows.map((row) => `let left${row} = loadA(a${row});`),
    ...quads.map((quad) => {
      const values = range(4).map((i) => `loadB(b${4 * quad + i})`);
      return `let right${quad} = ${vector}(${values.join(', ')});`;
    }),
    ...rows.flatMap((row) => quads.map((quad) => `c${row}_${quad} += left${row} * right${quad};`)),
    ...rows.map((row) => `a${row} += ${leftStep};`),
    ...columns.map((column) => `b${column} += ${rightStep};`),
  ];
  const stores = rows.flatMap((row) =>
    columns.map(
      (column) =>
        `if (row + ${row}u < M && column + ${column}u < N) { ` +
        `${result}[cItem + (row + ${row}u) * N + column + ${column}u] = ` +
        `${product.epilogue(`c${row}_${Math.floor(column / 4)}.${'xyzw'[column % 4]}`, `column + ${column}u`)}; }`,
    ),
  );
  return `${header(product, 'scalars')}
${entryPoint(tile)}
  let column = ((group.x + base.x) * ${tile.threads}u + thread.x) * ${tile.columns}u;
  let row = ((group.y + base.y) * ${tile.threads}u + thread.y) * ${tile.rows}u;
  if (row >= M || column >= N) { return; }
  let item = group.z + base.z;
  let cItem = item * M * N;
  ${lines.join('\n  ')}
  for (var k = 0u; k < K; k++) {
    ${body.join('\n    ')}
  }
  ${stores.join('\n  ')}
}
`;
}

const entryPoint = ({ threads }: RegisterTile): string => `
@compute @workgroup_size(${threads}, ${threads})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {`;
