/**
 * Which ways of computing a matrix product a device is offered, and the dispatches of each. Data and text, no GPU.
 */
import type { BatchShape, KernelBinding, DispatchPlan } from '../plan.ts';
import { prefersRegisters, type DeviceTraits, type KernelVariant } from '../variants.ts';
import { PRODUCT_NAMES, type ProductModule, type ProductNames } from './elements.ts';
import { scalarProduct, vectorProduct } from './registers.ts';
import { sharedBytes, tiledProduct } from './tiled.ts';

/** c [m,n] is a [m,k] times b [k,n], each of which may lie transposed. */
export interface ProductSides {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const registers = (
  kind: 'vectors' | 'scalars',
  rows: number,
  columns: number,
  threads = 8,
): KernelVariant => ({
  name: `${kind}-${rows}x${columns}`,
  family: 'registers',
  options: {
    threads,
    rows,
    columns,
    depth: 0,
    vectors: kind === 'vectors' ? 1 : 0,
  },
});

const tiled = (threads: number, rows: number, columns: number, depth: number): KernelVariant => ({
  name: `tiled-${rows}x${columns}-by-${threads}`,
  family: 'tiled',
  options: { threads, rows, columns, depth, vectors: 0 },
});

const VECTORS = [registers('vectors', 8, 8), registers('vectors', 4, 8)];
/** Of few loads and assignments for the products between them, which is what counts where registers are memory. */
const LARGE_VECTORS = [registers('vectors', 16, 16, 4), ...VECTORS];
/** From here on what a large tile saves is more than what it takes to compile it. */
const LARGE_TILE_SIDE = 256;
const SCALARS = [registers('scalars', 8, 8)];
const TILED = [tiled(16, 4, 4, 16), tiled(16, 8, 4, 8), tiled(8, 8, 8, 16)];

/** Whether every operand can be read four values at a time. */
export const allowsVectors = ({ m, k, n, transposeA }: ProductSides): boolean =>
  k % 4 === 0 && n % 4 === 0 && (!transposeA || m % 4 === 0);

/** Of f32. What is packed is read in vectors only: `VECTORS` are its variants. */
export function productVariants(
  sides: ProductSides,
  traits: DeviceTraits,
): readonly KernelVariant[] {
  const inRegisters = allowsVectors(sides) ? VECTORS : SCALARS;
  if (traits.isSoftware) return allowsVectors(sides) ? softwareVectors(sides) : SCALARS;
  const shared = TILED.filter(
    ({ options }) =>
      options['threads']! ** 2 <= traits.maxWorkgroupThreads &&
      sharedBytes(tileOf(options)) <= traits.maxWorkgroupBytes,
  );
  return prefersRegisters(traits) ? [...inRegisters, ...shared] : [...shared, ...inRegisters];
}

const softwareVectors = ({ m, n }: ProductSides): readonly KernelVariant[] =>
  Math.min(m, n) >= LARGE_TILE_SIDE ? LARGE_VECTORS : VECTORS;

export const packedVariants: readonly KernelVariant[] = VECTORS;

export function productText(module: ProductModule, { family, options }: KernelVariant): string {
  const tile = tileOf(options);
  if (family === 'tiled') return tiledProduct(module, tile);
  return options['vectors'] === 1 ? vectorProduct(module, tile) : scalarProduct(module, tile);
}

const tileOf = (options: KernelVariant['options']) => ({
  threads: options['threads']!,
  rows: options['rows']!,
  columns: options['columns']!,
  depth: options['depth']!,
});

/** Of a kernel that is a product and something more, as its module has it. */
export interface ProductExtras {
  readonly names?: ProductNames;
  readonly more?: readonly KernelBinding[];
  readonly constants?: Readonly<Record<string, number>>;
}

export function productPlan(
  { m, k, n }: ProductSides,
  { rows, strides }: BatchShape,
  { options }: KernelVariant,
  { names = PRODUCT_NAMES, more = [], constants = {} }: ProductExtras = {},
): DispatchPlan {
  const tile = tileOf(options);
  const height = tile.threads * tile.rows;
  const width = tile.threads * tile.columns;
  return {
    bindings: [
      { name: names.a, access: 'read' },
      { name: names.b, access: 'read' },
      { name: names.c, access: 'read-write' },
      ...more,
    ],
    scratchBytes: {},
    passes: [
      {
        entryPoint: 'main',
        workgroups: [Math.ceil(n / width), Math.ceil(m / height), rows],
        constants: {
          M: m,
          K: k,
          N: n,
          A_STRIDE: strides[names.a]!,
          B_STRIDE: strides[names.b]!,
          ...constants,
        },
        flopsPerWorkgroup: 2 * k * Math.min(m, height) * Math.min(n, width),
      },
    ],
  };
}
