/** smithWaterman@1 on the GPU over random shapes and scores, bit for bit against its reference. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { catalogueEntry } from '../manifest.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { caseBatch, compareOnGpu } from '../testing/kernelCase.ts';
import { noise } from '../noise.ts';
import { smithWatermanManifest, smithWatermanParams } from './manifest.ts';
import { smithWatermanReference } from './reference.ts';

const entry = catalogueEntry(smithWatermanManifest, smithWatermanReference);
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

const length = fc.integer({ min: 1, max: 14 }).map((steps) => 16 * steps);
const shapes = fc.record({
  queryLength: length,
  subjectLength: length,
  symbols: fc.constantFrom(3, 24),
  gapOpen: fc.constantFrom(0, 4, 11),
  gapExtend: fc.constantFrom(0, 1),
});

describe.skipIf(found.kind === 'none')(`smithWaterman@1 on the GPU${skipped}`, async () => {
  const device =
    found.kind === 'found' ? await (await found.gpu.requestAdapter())!.requestDevice() : null!;
  afterAll(() => device.destroy());

  it('gives the same bits for any shape', async () => {
    const items = fc.integer({ min: 1, max: 5 });
    await fc.assert(
      fc.asyncProperty(shapes, items, fc.nat(), async (given, rows, seed) => {
        const params = smithWatermanParams.parse(given);
        const random = noise(seed);
        const values = (index: number, input: string) =>
          input === 'substitution'
            ? Math.floor(random() * 8) + (index % (given.symbols + 1) === 0 ? 5 : 0)
            : Math.floor((random() + 1) * (given.symbols / 2));
        const batch = caseBatch(entry, params, rows, { values, constant: ['query'] });
        const { comparison } = await compareOnGpu(device, entry, params, batch);
        expect(comparison.kind).toBe('agree');
      }),
      { numRuns: 10 },
    );
  });
});
