/** fft@1 on the GPU: shapes by chance, long lengths, and what its tolerance refuses. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { compareOutputs } from '../../shared/acceptance.ts';
import { fromHalfBits, toHalfBits } from '../../shared/float16.ts';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { catalogueEntry } from '../manifest.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { caseBatch, compareOnGpu } from '../testing/kernelCase.ts';
import { fftManifest, fftParams } from './manifest.ts';
import { fftReference } from './reference.ts';

const entry = catalogueEntry(fftManifest, fftReference);
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

describe.skipIf(found.kind === 'none')(`fft@1 on the GPU${skipped}`, async () => {
  const device =
    found.kind === 'found' ? await (await found.gpu.requestAdapter())!.requestDevice() : null!;
  afterAll(() => device.destroy());

  it('agrees for any small shape', async () => {
    const extent = fc.integer({ min: 1, max: 48 });
    const shape = fc.record({
      width: extent,
      height: fc.option(extent, { nil: undefined }),
      direction: fc.constantFrom('forward', 'inverse'),
    });
    await fc.assert(
      fc.asyncProperty(shape, fc.integer({ min: 1, max: 4 }), async (given, rows) => {
        const { height, ...others } = given;
        const params = fftParams.parse(height === undefined ? others : given);
        const { comparison } = await compareOnGpu(
          device,
          entry,
          params,
          caseBatch(entry, params, rows),
        );
        expect(comparison).toMatchObject({ kind: 'agree' });
      }),
      { numRuns: 12 },
    );
  });

  // The most points; the longest chirp but for limits; a prime whose squares exceed 32 bits.
  it.each([{ width: 2 ** 20 }, { width: 65_537 }])(
    'agrees with room to spare for %j',
    async (shape) => {
      const params = fftParams.parse(shape);
      const { comparison } = await compareOnGpu(device, entry, params, caseBatch(entry, params, 1));
      expect(comparison.kind).toBe('agree');
      const rule = fftManifest.acceptance as { maxRelativeL2: number };
      expect(comparison.worst.relativeL2).toBeLessThan(rule.maxRelativeL2 / 5);
    },
  );

  it('refuses the transform of a signal rounded to half precision', async () => {
    const params = fftParams.parse({ width: 1000 });
    const batch = caseBatch(entry, params, 1);
    const { gpu } = await compareOnGpu(device, entry, params, batch);
    const values = valuesOf(batch.stacked['signal']!) as Float32Array;
    const signal = tensorOf('F32', [1000, 2], fromHalfBits(toHalfBits(values)));
    const { spectrum } = fftReference(params, 0, { signal });
    const forged = { spectrum: { ...spectrum!, dims: [1, ...spectrum!.dims] } };
    const verdict = compareOutputs(gpu, forged, 1, fftManifest.acceptance);
    expect(verdict.kind).toBe('disagree');
    expect(verdict.worst.relativeL2).toBeGreaterThan(1e-4);
  });
});
