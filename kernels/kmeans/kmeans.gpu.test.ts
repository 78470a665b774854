/** kmeans@1 on the GPU at any shape, bit for bit; and that one label that is not the nearest is refused. */
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { compareOutputs } from '../../shared/acceptance.ts';
import { valuesOf } from '../../shared/tensor.ts';
import { catalogueEntry } from '../manifest.ts';
import { noise } from '../noise.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { caseBatch, compareOnGpu } from '../testing/kernelCase.ts';
import { kmeansManifest, kmeansParams } from './manifest.ts';
import { kmeansReference } from './reference.ts';

const entry = catalogueEntry(kmeansManifest, kmeansReference);
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

describe.skipIf(found.kind === 'none')(`kmeans@1 on the GPU${skipped}`, async () => {
  const device =
    found.kind === 'found' ? await (await found.gpu.requestAdapter())!.requestDevice() : null!;
  afterAll(() => device.destroy());

  it('gives the same clusters at any shape', async () => {
    const given = fc.record({
      points: fc.integer({ min: 1, max: 700 }),
      dimensions: fc.integer({ min: 1, max: 20 }),
      clusters: fc.integer({ min: 1, max: 30 }),
      // Small ones make many ties.
      maxMagnitude: fc.constantFrom(1, 3, 100, 7000),
    });
    const constant = fc.constantFrom([], ['centroids'], ['points'], ['points', 'centroids']);
    await fc.assert(
      fc.asyncProperty(given, constant, async (those, shared) => {
        const params = kmeansParams.parse(those);
        const random = noise(those.points);
        const values = () => Math.round(random() * those.maxMagnitude);
        const batch = caseBatch(entry, params, 2, { values, constant: shared });
        const { comparison } = await compareOnGpu(device, entry, params, batch);
        expect(comparison).toMatchObject({ kind: 'agree' });
      }),
      { numRuns: 20 },
    );
  });

  it('is refused where one label is another', async () => {
    const params = kmeansParams.parse({ points: 9, dimensions: 2, clusters: 3, maxMagnitude: 50 });
    const random = noise(1);
    const values = () => Math.round(random() * 50);
    const batch = caseBatch(entry, params, 2, { values });
    const { gpu, cpu } = await compareOnGpu(device, entry, params, batch);
    const labels = valuesOf(gpu['labels']!) as Uint32Array;
    labels[11] = (labels[11]! + 1) % 3;
    const verdict = compareOutputs(gpu, cpu, 2, kmeansManifest.acceptance);
    expect(verdict).toMatchObject({ kind: 'disagree', items: [1] });
  });
});
