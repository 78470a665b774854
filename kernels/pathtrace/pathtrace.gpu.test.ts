/** pathtrace@1 on the GPU: scenes by chance bit for bit, and that nothing cheaper passes for it. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { compareOutputs } from '../../shared/acceptance.ts';
import { catalogueEntry } from '../manifest.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { referenceRunner } from '../referenceRunner.ts';
import { caseBatch, compareOnGpu, runWhole } from '../testing/kernelCase.ts';
import { roomValue } from './cases.ts';
import { pathtraceManifest, pathtraceParams } from './manifest.ts';
import { pathtraceReference } from './reference.ts';

const entry = catalogueEntry(pathtraceManifest, pathtraceReference);
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

const small = {
  ...{ width: 8, height: 8, tile: 8, samplesPerItem: 2, bounces: 5, objects: 7, seed: 1 },
  ...{ eye: [0.2, 0.4, 4], target: [0, -0.2, 0], sky: [1, 0.5, 0.25] },
};

describe.skipIf(found.kind === 'none')(`pathtrace@1 on the GPU${skipped}`, async () => {
  const device =
    found.kind === 'found' ? await (await found.gpu.requestAdapter())!.requestDevice() : null!;
  afterAll(() => device.destroy());

  it('gives the same bits for any scene', async () => {
    const params = pathtraceParams.parse(small);
    const coordinate = fc.float({ min: -8, max: 8, noNaN: true });
    const object = fc.tuple(
      fc.constantFrom(0, 1, 2),
      ...Array.from({ length: 7 }, () => coordinate),
      fc.constantFrom(0, 1, 2, 3),
      ...Array.from({ length: 5 }, () => fc.float({ min: 0, max: 2, noNaN: true })),
      // Any bits at all: they play no part.
      fc.float(),
      fc.float(),
    );
    const scenes = fc.array(fc.array(object, { minLength: 7, maxLength: 7 }), {
      minLength: 30,
      maxLength: 30,
    });
    // Thirty scenes at once: they share a pipeline.
    await fc.assert(
      fc.asyncProperty(scenes, async (given) => {
        const values = given.flat(2);
        const batch = caseBatch(entry, params, 30, { values: (i) => values[i]! });
        const { comparison } = await compareOnGpu(device, entry, params, batch);
        expect(comparison).toMatchObject({ kind: 'agree' });
      }),
      { numRuns: 2 },
    );
  });

  it('refuses another seed, half of the samples, and bounces left out', async () => {
    const params = pathtraceParams.parse(small);
    const batch = caseBatch(entry, params, 1, { values: roomValue });
    const { gpu, comparison } = await compareOnGpu(device, entry, params, batch);
    expect(comparison.kind).toBe('agree');
    for (const cheap of [{ seed: 2 }, { samplesPerItem: 1 }, { bounces: 4 }]) {
      const less = pathtraceParams.parse({ ...small, ...cheap });
      const outputs = entry.manifest.outputs(less);
      const made = await runWhole(referenceRunner(entry, less), batch, outputs);
      const values = new Uint32Array(made['radiance']!.bytes.slice().buffer);
      // Half of the samples counted twice.
      if ('samplesPerItem' in cheap) values.forEach((value, i) => (values[i] = 2 * value));
      const forged = {
        radiance: { ...made['radiance']!, bytes: new Uint8Array(values.buffer) },
      };
      expect(compareOutputs(gpu, forged, 1, pathtraceManifest.acceptance).kind).toBe('disagree');
    }
  });
});
