/** gameOfLife@1 on the GPU over random tori and rules, bit for bit against its reference. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { catalogueEntry } from '../manifest.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { caseBatch, compareOnGpu } from '../testing/kernelCase.ts';
import { gameOfLifeManifest, gameOfLifeParams } from './manifest.ts';
import { gameOfLifeReference } from './reference.ts';

const entry = catalogueEntry(gameOfLifeManifest, gameOfLifeReference);
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

const tori = fc.record({
  width: fc.integer({ min: 1, max: 9 }).map((words) => 32 * words),
  height: fc.integer({ min: 1, max: 40 }),
  generations: fc.integer({ min: 1, max: 9 }),
  birthMask: fc.nat(0x1ff),
  survivalMask: fc.nat(0x1ff),
});

describe.skipIf(found.kind === 'none')(`gameOfLife@1 on the GPU${skipped}`, async () => {
  const device =
    found.kind === 'found' ? await (await found.gpu.requestAdapter())!.requestDevice() : null!;
  afterAll(() => device.destroy());

  it('gives the same bits for any torus and rule', async () => {
    await fc.assert(
      fc.asyncProperty(tori, fc.integer({ min: 1, max: 3 }), async (given, items) => {
        const params = gameOfLifeParams.parse(given);
        const batch = caseBatch(entry, params, items);
        const { comparison } = await compareOnGpu(device, entry, params, batch);
        expect(comparison.kind).toBe('agree');
      }),
      { numRuns: 30 },
    );
  });
});
