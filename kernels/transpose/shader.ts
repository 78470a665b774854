/**
 * transpose@1 on the GPU, composed for a variant. All of it in u32, so that no bit is lost.
 */
import type { KernelVariant } from '../variants.ts';
import {
  BLOCK_SIDE,
  TILE_ROWS_AT_ONCE,
  TILE_SIDE,
  TILE_STRIDE,
  WORKGROUP_SIDE,
  type TransposeParams,
} from './manifest.ts';

const AXES = ['x', 'y', 'z', 'w'] as const;
const block = AXES.map((axis, i) => [axis, i] as const);
const lines = (texts: readonly string[]): string => texts.join('\n');

export function transposeShader(
  { rows, columns }: TransposeParams,
  { name, family }: KernelVariant,
): string {
  const inFours = family === 'registers' && rows % BLOCK_SIDE === 0 && columns % BLOCK_SIDE === 0;
  const type = inFours ? 'vec4u' : 'u32';
  return `// transpose@1, ${name}
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> x: array<${type}>;
@group(0) @binding(2) var<storage, read_write> y: array<${type}>;

// In values from one item to the next; 0 where all items share x.
override X_STRIDE: u32;

const ROWS = ${rows}u;
const COLUMNS = ${columns}u;
${family === 'tiled' ? TILED : registers(inFours)}`;
}

/** A thread moves a block of 4 x 4 values: by fours in both matrices where the sides allow it. */
const registers = (inFours: boolean): string => `
@compute @workgroup_size(${WORKGROUP_SIDE}, ${WORKGROUP_SIDE})
fn exchange(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let column = ((group.x + base.x) * ${WORKGROUP_SIDE}u + thread.x) * ${BLOCK_SIDE}u;
  let row = ((group.y + base.y) * ${WORKGROUP_SIDE}u + thread.y) * ${BLOCK_SIDE}u;
  if (row >= ROWS || column >= COLUMNS) { return; }
  let item = group.z + base.z;
  let xAt = item * X_STRIDE + row * COLUMNS + column;
  let yAt = item * (ROWS * COLUMNS) + column * ROWS + row;
${
  inFours
    ? lines([
        ...block.map(([, i]) => `  let x${i} = x[(xAt + ${i}u * COLUMNS) / 4u];`),
        ...block.map(
          ([axis, j]) =>
            `  y[(yAt + ${j}u * ROWS) / 4u] = vec4u(x0.${axis}, x1.${axis}, x2.${axis}, x3.${axis});`,
        ),
      ])
    : `  for (var j = 0u; j < min(${BLOCK_SIDE}u, COLUMNS - column); j++) {
    for (var i = 0u; i < min(${BLOCK_SIDE}u, ROWS - row); i++) {
      y[yAt + j * ROWS + i] = x[xAt + i * COLUMNS + j];
    }
  }`
}
}
`;

/** A workgroup reads a tile along the rows of x, and writes it along the rows of y. */
const TILED = `
var<workgroup> tile: array<u32, ${TILE_SIDE * TILE_STRIDE}>;

@compute @workgroup_size(${TILE_SIDE}, ${TILE_ROWS_AT_ONCE})
fn exchange(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let column = (group.x + base.x) * ${TILE_SIDE}u;
  let row = (group.y + base.y) * ${TILE_SIDE}u;
  let item = group.z + base.z;
  for (var i = thread.y; i < ${TILE_SIDE}u; i += ${TILE_ROWS_AT_ONCE}u) {
    if (row + i < ROWS && column + thread.x < COLUMNS) {
      tile[i * ${TILE_STRIDE}u + thread.x] = x[item * X_STRIDE + (row + i) * COLUMNS + column + thread.x];
    }
  }
  workgroupBarrier();
  for (var j = thread.y; j < ${TILE_SIDE}u; j += ${TILE_ROWS_AT_ONCE}u) {
    if (column + j < COLUMNS && row + thread.x < ROWS) {
      y[item * (ROWS * COLUMNS) + (column + j) * ROWS + row + thread.x] = tile[thread.x * ${TILE_STRIDE}u + j];
    }
  }
}
`;
