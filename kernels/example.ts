/**
 * Examples of a kernel: parameters, and a batch of inputs made from nothing. For pages that show a kernel, and for tests.
 *
 * Invariant: the same example gives the same batch, whoever makes it.
 */
import { toHalfBits } from '../shared/float16.ts';
import type { ItemBatch } from '../shared/program.ts';
import {
  elementCount,
  tensorOf,
  type Dtype,
  type NamedTensors,
  type TypedArray,
} from '../shared/tensor.ts';
import type { CatalogueEntry } from './manifest.ts';
import { noise } from './noise.ts';

export interface KernelExample {
  readonly params: Readonly<Record<string, unknown>>;
  readonly items: number;
  /** Inputs that all items share; the others are stacked. */
  readonly constant?: readonly string[];
  /** Value number `index` of an input, over all items where it is stacked; noise where absent (`noiseFor`). */
  readonly value?: (input: string, index: number, params: unknown) => number;
}

export const PRESET_SIZES = ['small', 'medium', 'large'] as const;
export type PresetSize = (typeof PRESET_SIZES)[number];

/**
 * What the gallery proposes to run, as a kernel's `presets.ts` has it. The large one should take a software adapter (5 to
 * 20 GFLOP/s) half a second at most, and one item of it plain JavaScript (0.2 to 1 GFLOP/s) a second.
 */
export type KernelPresets = Readonly<Record<PresetSize, KernelExample>>;

export interface ExampleOptions {
  readonly constant?: readonly string[] | undefined;
  /** Item indices; 0, 1, 2 ... where absent. */
  readonly items?: readonly number[] | undefined;
  /** Noise where absent (`noiseFor`). */
  readonly values?: ((index: number, input: string) => number) | undefined;
}

/** A batch of `count` items with varied, repeatable inputs. */
export function exampleBatch(
  { manifest }: CatalogueEntry,
  params: unknown,
  count: number,
  { constant = [], items, values }: ExampleOptions = {},
): ItemBatch {
  const random = noise(7);
  const stacked: Record<string, NamedTensors[string]> = {};
  const constants: Record<string, NamedTensors[string]> = {};
  for (const [name, { dtype, dims: itemDims }] of Object.entries(manifest.inputs(params))) {
    const isConstant = constant.includes(name);
    const dims = isConstant ? itemDims : [count, ...itemDims];
    const value = values === undefined ? noiseFor(dtype, random) : (i: number) => values(i, name);
    const data = filled(dtype, elementCount(dims), value);
    (isConstant ? constants : stacked)[name] = tensorOf(dtype, dims, data);
  }
  return { items: items ?? Array.from({ length: count }, (_, i) => i), stacked, constants };
}

/** Floats in [-1, 1); integers over all that their type holds. */
function noiseFor(dtype: Dtype, random: () => number): () => number {
  switch (dtype) {
    case 'F32':
    case 'F16':
    case 'F64':
      return random;
    case 'I8':
      return () => Math.floor(random() * 128);
    case 'U8':
      return () => Math.floor((random() + 1) * 128);
    case 'BOOL':
      return () => (random() < 0 ? 0 : 1);
    case 'I32':
      return () => Math.floor(random() * 2 ** 31);
    case 'U32':
      return () => Math.floor((random() + 1) * 2 ** 31);
    case 'I64':
      throw new Error('no kernel takes I64');
    default:
      return dtype satisfies never;
  }
}

function filled(dtype: Dtype, length: number, value: (index: number) => number): TypedArray {
  const from = { length };
  switch (dtype) {
    case 'F32':
      return Float32Array.from(from, (_, i) => value(i));
    case 'F64':
      return Float64Array.from(from, (_, i) => value(i));
    case 'F16':
      return toHalfBits(Float32Array.from(from, (_, i) => value(i)));
    case 'I8':
      return Int8Array.from(from, (_, i) => value(i));
    case 'U8':
    case 'BOOL':
      return Uint8Array.from(from, (_, i) => value(i));
    case 'I32':
      return Int32Array.from(from, (_, i) => value(i));
    case 'U32':
      return Uint32Array.from(from, (_, i) => value(i));
    case 'I64':
      return BigInt64Array.from(from, (_, i) => BigInt(value(i)));
    default:
      return dtype satisfies never;
  }
}
