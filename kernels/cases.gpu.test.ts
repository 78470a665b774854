/**
 * Every kernel of the catalogue, by every variant that this device is offered, over all its cases: beside its reference by
 * the rule that accepts reports, in buffers that were full of a bad value.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { CATALOGUE } from './catalog.ts';
import { kernelId, variantsOf } from './manifest.ts';
import { traitsOf } from './runtime/adapterDescription.ts';
import { CASES } from './testing/cases.ts';
import { nodeGpu, wholeDevice } from './testing/gpu.ts';
import { compareOnGpu, openCase } from './testing/kernelCase.ts';
import type { DeviceTraits } from './variants.ts';

const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

describe.skipIf(found.kind === 'none')(`the catalogue on the GPU${skipped}`, async () => {
  const device = found.kind === 'found' ? await wholeDevice(found.gpu) : null!;
  afterAll(() => device.destroy());
  const traits = device === null ? null! : traitsOf(device);
  // What the planner offers this device, and what it would if its arithmetic were done in hardware.
  const kinds: readonly DeviceTraits[] = [traits, { ...traits, isSoftware: false, vendor: '' }];

  describe.each(CATALOGUE.map((entry) => [kernelId(entry.manifest), entry] as const))(
    '%s',
    (_id, entry) => {
      it.each(CASES[entry.manifest.name]!)('agrees at %j', async (kernelCase) => {
        const { params, batch } = openCase(entry, kernelCase);
        const offered = kinds.flatMap((kind) => variantsOf(entry.manifest, params, kind));
        const variants = new Map(offered.map((variant) => [variant.name, variant]));
        for (const variant of variants.values()) {
          const isSlow = traits.isSoftware && variant.family !== 'registers';
          if (isSlow && kernelCase.isForAll !== true) continue;
          const options = { variant };
          const { comparison } = await compareOnGpu(device, entry, params, batch, options);
          expect(comparison, variant.name).toMatchObject({ kind: 'agree' });
        }
      });
    },
  );
});
