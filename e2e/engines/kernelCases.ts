/**
 * Catalogue kernels with inputs of a size that two engines round differently, and inputs in fewer bits.
 */
import { findKernel } from '../../kernels/catalog.ts';
import type { CatalogueEntry } from '../../kernels/manifest.ts';
import { noise } from '../../kernels/noise.ts';
import type { ItemBatch } from '../../shared/program.ts';
import { assert } from '../../shared/result.ts';
import { roundedToHalf, roundedToInt8 } from '../../shared/testing/reducedModel.ts';
import { elementCount, tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';

export interface KernelCase {
  readonly kernel: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly items: number;
}

export const KERNEL_CASES: readonly KernelCase[] = [
  { kernel: 'matmul@1', params: { m: 64, k: 512, n: 64 }, items: 8 },
  {
    kernel: 'nbody@1',
    params: { bodies: 64, steps: 20, dtSeconds: 0.01, softeningMetres: 0.1 },
    items: 8,
  },
  { kernel: 'montecarlo@1', params: { dimensions: 3, samplesPerItem: 5_000, seed: 11 }, items: 8 },
];

export interface OpenKernelCase {
  readonly entry: CatalogueEntry;
  /** Parsed by the kernel's own schema. */
  readonly params: unknown;
  readonly batch: ItemBatch;
}

export function openKernelCase({ kernel, params, items }: KernelCase): OpenKernelCase {
  const entry = findKernel(kernel);
  assert(entry !== undefined, `the catalogue has no ${kernel}`);
  const parsed: unknown = entry.manifest.params.parse(params);
  const random = noise(7);
  const stacked = Object.fromEntries(
    Object.entries(entry.manifest.inputs(parsed)).map(([name, spec]) => {
      const dims = [items, ...spec.dims];
      return [
        name,
        tensorOf('F32', dims, Float32Array.from({ length: elementCount(dims) }, random)),
      ];
    }),
  );
  const batch = { items: Array.from({ length: items }, (_, i) => i), stacked, constants: {} };
  return { entry, params: parsed, batch };
}

/** The same batch with its inputs in half precision, and in eight bits with a scale for every item. */
export const inHalves = (batch: ItemBatch): ItemBatch => withInputs(batch, roundedToHalf);
export const inInt8 = (batch: ItemBatch): ItemBatch => withInputs(batch, roundedToInt8);

function withInputs(
  batch: ItemBatch,
  change: (values: Float32Array, dims: readonly number[]) => Float32Array,
): ItemBatch {
  const stacked: NamedTensors = Object.fromEntries(
    Object.entries(batch.stacked).map(([name, tensor]) => {
      const values = change(valuesOf(tensor) as Float32Array, tensor.dims);
      return [name, tensorOf('F32', tensor.dims, values)];
    }),
  );
  return { ...batch, stacked };
}
