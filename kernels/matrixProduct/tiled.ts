/**
 * Composes WGSL for c = a b in which a workgroup shares tiles of a and b: for GPUs with fast workgroup memory. Pure text.
 *
 * Values past an edge are read as zeros and never stored; every thread of a workgroup meets every barrier.
 *
 * Source: NVIDIA, "CUDA C++ Best Practices Guide", section on shared memory in matrix multiplication; S. Boehm,
 * "How to optimize a CUDA matmul kernel for cuBLAS-like performance" (2022), kernels 3 to 6.
 */
import { header, PRODUCT_NAMES, range, type ProductModule } from './elements.ts';

export interface SharedTile {
  /** Threads of a workgroup along each axis. */
  readonly threads: number;
  /** Rows and columns of c of one thread; columns are a multiple of 4. */
  readonly rows: number;
  readonly columns: number;
  /** Inner length of what is shared at a time. */
  readonly depth: number;
}

/** Bytes of workgroup memory. */
export const sharedBytes = ({ threads, rows, columns, depth }: SharedTile): number =>
  4 * depth * threads * (rows + columns);

/** f32 only, any sides. */
export function tiledProduct(product: ProductModule, tile: SharedTile): string {
  const { threads, depth } = tile;
  const result = (product.names ?? PRODUCT_NAMES).c;
  const height = threads * tile.rows;
  const width = threads * tile.columns;
  const count = threads * threads;
  const rows = range(tile.rows);
  const quads = range(tile.columns / 4);
  const left = product.transposeA ? 'k * M + row' : 'row * K + k';
  const right = product.transposeB ? 'column * K + k' : 'k * N + column';
  // Neighbouring threads read neighbouring values of whichever axis is contiguous.
  const place = (contiguous: 'k' | 'side', side: number) =>
    contiguous === 'k' ? [`i % ${depth}u`, `i / ${depth}u`] : [`i / ${side}u`, `i % ${side}u`];
  const [kOfA, rowOfA] = place(product.transposeA ? 'side' : 'k', height);
  const [kOfB, columnOfB] = place(product.transposeB ? 'k' : 'side', width);
  return `${header(product, 'scalars')}

// By k, then by row or column.
var<workgroup> leftTile: array<f32, ${depth * height}>;
var<workgroup> rightTile: array<f32, ${depth * width}>;

@compute @workgroup_size(${threads}, ${threads})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = group.z + base.z;
  let row0 = (group.y + base.y) * ${height}u;
  let column0 = (group.x + base.x) * ${width}u;
  ${rows.flatMap((row) => quads.map((quad) => `var c${row}_${quad} = vec4f();`)).join('\n  ')}
  for (var k0 = 0u; k0 < K; k0 += ${depth}u) {
    for (var i = lane; i < ${depth * height}u; i += ${count}u) {
      let k = k0 + ${kOfA};
      let row = row0 + ${rowOfA};
      var value = 0.0;
      if (row < M && k < K) { value = loadA(item * A_STRIDE + ${left}); }
      leftTile[(${kOfA}) * ${height}u + ${rowOfA}] = value;
    }
    for (var i = lane; i < ${depth * width}u; i += ${count}u) {
      let k = k0 + ${kOfB};
      let column = column0 + ${columnOfB};
      var value = 0.0;
      if (column < N && k < K) { value = loadB(item * B_STRIDE + ${right}); }
      rightTile[(${kOfB}) * ${width}u + ${columnOfB}] = value;
    }
    workgroupBarrier();
    for (var k = 0u; k < ${depth}u; k++) {
      ${rows.map((row) => `let left${row} = leftTile[k * ${height}u + thread.y * ${tile.rows}u + ${row}u];`).join('\n      ')}
      ${quads
        .map((quad) => {
          const at = `k * ${width}u + thread.x * ${tile.columns}u + ${4 * quad}u`;
          const values = range(4).map((i) => `rightTile[${at} + ${i}u]`);
          return `let right${quad} = vec4f(${values.join(', ')});`;
        })
        .join('\n      ')}
      ${rows.flatMap((row) => quads.map((quad) => `c${row}_${quad} += left${row} * right${quad};`)).join('\n      ')}
    }
    workgroupBarrier();
  }
  let row = row0 + thread.y * ${tile.rows}u;
  let column = column0 + thread.x * ${tile.columns}u;
  let cItem = item * M * N;
  ${rows
    .flatMap((r) =>
      range(tile.columns).map(
        (q) =>
          `if (row + ${r}u < M && column + ${q}u < N) { ${result}[cItem + (row + ${r}u) * N + column + ${q}u] = ` +
          `${product.epilogue(`c${r}_${Math.floor(q / 4)}.${'xyzw'[q % 4]}`, `column + ${q}u`)}; }`,
      ),
    )
    .join('\n  ')}
}
`;
}
