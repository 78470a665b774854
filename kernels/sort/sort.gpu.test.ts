/** sort@1 on the GPU with any keys, bit for bit; and that equal keys out of order are refused. */
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { compareOutputs } from '../../shared/acceptance.ts';
import { valuesOf } from '../../shared/tensor.ts';
import { catalogueEntry } from '../manifest.ts';
import { noise } from '../noise.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { caseBatch, compareOnGpu } from '../testing/kernelCase.ts';
import { SORT_KEY_BITS, SORT_VALUES, sortManifest, sortParams } from './manifest.ts';
import { sortReference } from './reference.ts';

const entry = catalogueEntry(sortManifest, sortReference);
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

describe.skipIf(found.kind === 'none')(`sort@1 on the GPU${skipped}`, async () => {
  const device =
    found.kind === 'found' ? await (await found.gpu.requestAdapter())!.requestDevice() : null!;
  afterAll(() => device.destroy());

  it('gives the same order for any keys', async () => {
    const given = fc.record({
      length: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 20_000 })),
      descending: fc.boolean(),
      keyBits: fc.constantFrom(...SORT_KEY_BITS),
      values: fc.constantFrom(...SORT_VALUES),
    });
    // Few kinds of keys: most are equal.
    const kinds = fc.constantFrom(1, 3, 1000, 2 ** 32);
    await fc.assert(
      fc.asyncProperty(given, fc.integer({ min: 1, max: 3 }), kinds, async (those, rows, most) => {
        const params = sortParams.parse(those);
        const random = noise(those.length);
        const values = () => Math.floor(((random() + 1) / 2) * most) * Math.floor(2 ** 32 / most);
        const batch = caseBatch(entry, params, rows, { values });
        const { comparison } = await compareOnGpu(device, entry, params, batch);
        expect(comparison).toMatchObject({ kind: 'agree' });
      }),
      { numRuns: 20 },
    );
  });

  it('is refused where two equal keys have changed places', async () => {
    const params = sortParams.parse({ length: 50, values: 'places' });
    const batch = caseBatch(entry, params, 1, { values: () => 9 });
    const { gpu, cpu } = await compareOnGpu(device, entry, params, batch);
    (valuesOf(gpu['sortedValues']!) as Uint32Array).set([1, 0]);
    const verdict = compareOutputs(gpu, cpu, 1, sortManifest.acceptance);
    expect(verdict).toMatchObject({ kind: 'disagree', items: [0] });
  });
});
