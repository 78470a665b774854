/** mandelbrot@1 on the GPU over random views, bit for bit against its reference. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { catalogueEntry } from '../manifest.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { caseBatch, compareOnGpu } from '../testing/kernelCase.ts';
import { mandelbrotManifest, mandelbrotParams } from './manifest.ts';
import { mandelbrotReference } from './reference.ts';

const entry = catalogueEntry(mandelbrotManifest, mandelbrotReference);
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

const decimal = fc.stringMatching(/^-?[01]\.[0-9]{1,50}$/);
const views = fc
  .record({
    centreReal: decimal,
    centreImaginary: decimal,
    // Few lengths of numbers: each is a module to compile.
    viewWidth: fc.constantFrom(2.5, 0.001, 3e-13, 7e-25),
    widthPixels: fc.integer({ min: 1, max: 60 }),
    heightPixels: fc.integer({ min: 1, max: 60 }),
    tilePixels: fc.integer({ min: 1, max: 12 }),
    maxIterations: fc.integer({ min: 1, max: 200 }),
  })
  .filter((params) => mandelbrotParams.safeParse(params).success);

describe.skipIf(found.kind === 'none')(`mandelbrot@1 on the GPU${skipped}`, async () => {
  const device =
    found.kind === 'found' ? await (await found.gpu.requestAdapter())!.requestDevice() : null!;
  afterAll(() => device.destroy());

  it('gives the same bits for any view', async () => {
    await fc.assert(
      fc.asyncProperty(views, fc.nat(0xffffffff), async (params, item) => {
        const batch = caseBatch(entry, params, 2, { items: [item, 0] });
        const { comparison } = await compareOnGpu(device, entry, params, batch);
        expect(comparison.kind).toBe('agree');
      }),
      { numRuns: 30 },
    );
  });
});
