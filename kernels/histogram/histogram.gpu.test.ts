/** histogram@1 on the GPU with any bins, bit for bit; and that a value counted twice is refused. */
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { compareOutputs } from '../../shared/acceptance.ts';
import { valuesOf } from '../../shared/tensor.ts';
import { catalogueEntry } from '../manifest.ts';
import { noise } from '../noise.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { caseBatch, compareOnGpu } from '../testing/kernelCase.ts';
import { histogramManifest, histogramParams } from './manifest.ts';
import { histogramReference } from './reference.ts';

const entry = catalogueEntry(histogramManifest, histogramReference);
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

describe.skipIf(found.kind === 'none')(`histogram@1 on the GPU${skipped}`, async () => {
  const device =
    found.kind === 'found' ? await (await found.gpu.requestAdapter())!.requestDevice() : null!;
  afterAll(() => device.destroy());

  it('gives the same counts for any bins', async () => {
    const given = fc.record({
      length: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 30_000 })),
      bins: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 1000 })),
      low: fc.integer({ min: 0, max: 1000 }),
      binWidth: fc.integer({ min: 1, max: 100 }),
    });
    const most = fc.constantFrom(1, 1000, 2 ** 16, 2 ** 31);
    await fc.assert(
      fc.asyncProperty(given, fc.integer({ min: 1, max: 3 }), most, async (those, rows, scale) => {
        const params = histogramParams.parse(those);
        const random = noise(those.length);
        const values = () => Math.floor((random() + 1) * scale);
        const batch = caseBatch(entry, params, rows, { values });
        const { comparison } = await compareOnGpu(device, entry, params, batch);
        expect(comparison).toMatchObject({ kind: 'agree' });
      }),
      { numRuns: 30 },
    );
  });

  it('is refused where one value is counted twice', async () => {
    const params = histogramParams.parse({ length: 500, bins: 8, binWidth: 2 ** 29 });
    const { gpu, cpu } = await compareOnGpu(device, entry, params, caseBatch(entry, params, 2));
    (valuesOf(gpu['counts']!) as Uint32Array)[3]! += 1;
    const verdict = compareOutputs(gpu, cpu, 2, histogramManifest.acceptance);
    expect(verdict).toMatchObject({ kind: 'disagree', items: [0] });
  });
});
