/** scan@1 on the GPU at any length, bit for bit; and that one sum off by one is refused. */
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { compareOutputs } from '../../shared/acceptance.ts';
import { valuesOf } from '../../shared/tensor.ts';
import { catalogueEntry } from '../manifest.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { caseBatch, compareOnGpu } from '../testing/kernelCase.ts';
import { SCAN_DTYPES, scanManifest, scanParams } from './manifest.ts';
import { scanReference } from './reference.ts';

const entry = catalogueEntry(scanManifest, scanReference);
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

describe.skipIf(found.kind === 'none')(`scan@1 on the GPU${skipped}`, async () => {
  const device =
    found.kind === 'found' ? await (await found.gpu.requestAdapter())!.requestDevice() : null!;
  afterAll(() => device.destroy());

  it('gives the same bits at any length', async () => {
    const given = fc.record({
      length: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 100_000 })),
      dtype: fc.constantFrom(...SCAN_DTYPES),
      inclusive: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(given, fc.integer({ min: 1, max: 4 }), async (those, rows) => {
        const params = scanParams.parse(those);
        const batch = caseBatch(entry, params, rows);
        const { comparison } = await compareOnGpu(device, entry, params, batch);
        expect(comparison).toMatchObject({ kind: 'agree' });
      }),
      { numRuns: 40 },
    );
  });

  it('is refused where one sum is off by one', async () => {
    const params = scanParams.parse({ length: 500 });
    const { gpu, cpu } = await compareOnGpu(device, entry, params, caseBatch(entry, params, 2));
    (valuesOf(gpu['sums']!) as Uint32Array)[777]! += 1;
    const verdict = compareOutputs(gpu, cpu, 2, scanManifest.acceptance);
    expect(verdict).toMatchObject({ kind: 'disagree', items: [1] });
  });
});
