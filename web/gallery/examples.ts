/**
 * What the gallery proposes to run of each kernel: the `presets.ts` of its folder, which has its name.
 *
 * Both the page and its worker read this: values of inputs are functions, and cross no edge.
 */
import type { KernelPresets } from '../../kernels/example.ts';
import { assert } from '../../shared/result.ts';

export { PRESET_SIZES, type KernelPresets, type PresetSize } from '../../kernels/example.ts';

const PRESETS = import.meta.glob<{ presets: KernelPresets }>('../../kernels/*/presets.ts');

/** Of a kernel of the catalogue (`galleryKernels.test.ts`). Rejects where they cannot be fetched. */
export async function presetsOf(kernel: string): Promise<KernelPresets> {
  const load = PRESETS[`../../kernels/${kernel}/presets.ts`];
  assert(load !== undefined, `${kernel} has no presets`);
  return (await load()).presets;
}
