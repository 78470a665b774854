/**
 * The WGSL of a kernel whose `shader.ts` composes it, to be read before anything has run: for the small example, on a
 * device that is assumed to have nothing but what all have.
 */
import { loadKernel } from '../../kernels/loadKernel.ts';
import { shaderText, variantsOf } from '../../kernels/manifest.ts';
import { LEAST_TRAITS } from '../../kernels/variants.ts';
import { presetsOf } from './examples.ts';
import { GALLERY_KERNELS } from './galleryKernels.ts';

/** Undefined where there is no such kernel. Rejects where it cannot be fetched. */
export async function composedText(name: string): Promise<string | undefined> {
  const listed = GALLERY_KERNELS.find((it) => it.name === name);
  const kernel = listed === undefined ? undefined : await loadKernel(listed.id);
  if (kernel === undefined) return undefined;
  const { small } = await presetsOf(name);
  const params = kernel.manifest.params.parse(small.params);
  const [variant] = variantsOf(kernel.manifest, params, LEAST_TRAITS);
  return shaderText(kernel, params, variant);
}
