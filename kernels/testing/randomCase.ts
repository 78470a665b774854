/**
 * One way of computing one case on the GPU, beside the kernel's reference: for property tests, which draw both.
 */
import type { Comparison } from '../../shared/acceptance.ts';
import { variantsOf, type CatalogueEntry } from '../manifest.ts';
import { traitsOf } from '../runtime/adapterDescription.ts';
import type { KernelCase } from './cases.ts';
import { compareOnGpu, openCase } from './kernelCase.ts';

/** `pick` is any natural number: it chooses among what this device would be offered, were it in hardware. */
export async function compareVariant(
  device: GPUDevice,
  entry: CatalogueEntry,
  kernelCase: KernelCase,
  pick: number,
): Promise<Comparison & { readonly variant: string }> {
  const { params, batch } = openCase(entry, kernelCase);
  const traits = { ...traitsOf(device), isSoftware: false, vendor: '' };
  const offered = variantsOf(entry.manifest, params, traits);
  const variant = offered[pick % offered.length]!;
  const { comparison } = await compareOnGpu(device, entry, params, batch, { variant });
  return { ...comparison, variant: variant.name };
}
