/**
 * transpose@1: what it is, what it costs, its variants and its dispatches. No arithmetic at all: words are moved, by
 * `reference.ts` on the CPU and `shader.ts` on the GPU.
 */
import * as z from 'zod/mini';
import { MAX_ITEM_BYTES } from '../../shared/limits.ts';
import type { KernelManifest } from '../manifest.ts';
import { prefersRegisters, type DeviceTraits, type KernelVariant } from '../variants.ts';

export const MAX_TRANSPOSE_SIDE = 65_536;
/** f32 values of one matrix: 8 MiB, so that it fits one assignment. */
export const MAX_TRANSPOSE_ELEMENTS = MAX_ITEM_BYTES / 4;

/** Values along each side of what one thread moves. */
export const BLOCK_SIDE = 4;
/** Threads of a workgroup along each axis, where each moves a block. */
export const WORKGROUP_SIDE = 8;
/** Values along each side of a tile in workgroup memory: 128 bytes are one transaction of a GPU. */
export const TILE_SIDE = 32;
/** Threads down a tile, each of which moves every eighth row. */
export const TILE_ROWS_AT_ONCE = 8;
/** One column more than the tile has, so that the values of a column lie in different banks. */
export const TILE_STRIDE = TILE_SIDE + 1;

const side = z.int().check(z.minimum(1), z.maximum(MAX_TRANSPOSE_SIDE));

export const transposeParams = z
  .strictObject({ rows: side, columns: side })
  .check(
    z.refine(
      ({ rows, columns }) => rows * columns <= MAX_TRANSPOSE_ELEMENTS,
      `expected at most ${MAX_TRANSPOSE_ELEMENTS} values in x [rows,columns]`,
    ),
  );

export type TransposeParams = z.infer<typeof transposeParams>;

const REGISTERS: KernelVariant = { name: 'registers', family: 'registers', options: {} };
const TILED: KernelVariant = { name: 'tiled', family: 'tiled', options: {} };

function variants(
  { rows, columns }: TransposeParams,
  traits: DeviceTraits,
): readonly KernelVariant[] {
  // Of a narrow matrix, most of a tile would stay empty.
  const fits =
    Math.min(rows, columns) >= TILE_SIDE &&
    TILE_SIDE * TILE_ROWS_AT_ONCE <= traits.maxWorkgroupThreads &&
    TILE_SIDE * TILE_STRIDE * 4 <= traits.maxWorkgroupBytes;
  if (!fits) return [REGISTERS];
  return prefersRegisters(traits) ? [REGISTERS, TILED] : [TILED, REGISTERS];
}

export const transposeManifest: KernelManifest<TransposeParams> = {
  name: 'transpose',
  version: 1,
  explanation:
    'The transpose of a matrix of 32-bit values, y[j,i] = x[i,j], bit for bit: NaN, infinities and subnormal ' +
    'numbers are moved as they are. To change the layout of data between other kernels.',
  source:
    'G. Ruetsch, P. Micikevicius, "Optimizing matrix transpose in CUDA" (2009), for tiles with a spare column',
  params: transposeParams,
  inputs: ({ rows, columns }) => ({ x: { dtype: 'F32', dims: [rows, columns] } }),
  outputs: ({ rows, columns }) => ({ y: { dtype: 'F32', dims: [columns, rows] } }),
  /** One operation a value, of which nothing is computed: the price is in the bytes. */
  flopsPerItem: ({ rows, columns }) => rows * columns,
  bytesPerItem: ({ rows, columns }) => 8 * rows * columns,
  verification: 'exact',
  acceptance: { kind: 'exact', nonFinite: 'data' },
  variants,
  plan: ({ rows, columns }, shape, { family }) => {
    const across = family === 'tiled' ? TILE_SIDE : WORKGROUP_SIDE * BLOCK_SIDE;
    return {
      bindings: [
        { name: 'x', access: 'read' },
        { name: 'y', access: 'read-write' },
      ],
      scratchBytes: {},
      passes: [
        {
          entryPoint: 'exchange',
          workgroups: [Math.ceil(columns / across), Math.ceil(rows / across), shape.rows],
          constants: { X_STRIDE: shape.strides['x']! },
          flopsPerWorkgroup: Math.min(rows, across) * Math.min(columns, across),
        },
      ],
    };
  },
};
