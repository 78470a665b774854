/** reduceExact@1 on the GPU: any bits of f32, in any number, bit for bit. */
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { ItemBatch } from '../../shared/program.ts';
import { catalogueEntry } from '../manifest.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { caseBatch, compareOnGpu } from '../testing/kernelCase.ts';
import {
  MAX_FRACTION_BITS,
  MAX_REDUCE_EXACT_LENGTH,
  REDUCE_EXACT_OPERATIONS,
  reduceExactManifest,
  reduceExactParams,
} from './manifest.ts';
import { reduceExactReference } from './reference.ts';

const entry = catalogueEntry(reduceExactManifest, reduceExactReference);
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

describe.skipIf(found.kind === 'none')(`reduceExact@1 on the GPU${skipped}`, async () => {
  const device =
    found.kind === 'found' ? await (await found.gpu.requestAdapter())!.requestDevice() : null!;
  afterAll(() => device.destroy());

  it('gives the same bits for any bits', async () => {
    const words = fc.array(
      fc.oneof(
        fc.integer({ min: 0, max: 0xffffffff }),
        // Around 1, where roundings are.
        fc.integer({ min: 0x3f000000, max: 0x40000000 }),
        fc.constantFrom(0, 0x80000000, 0x7fc00000, 0xffc00000, 0x7f800000, 0xff800000, 1),
      ),
      { minLength: 1, maxLength: 400 },
    );
    const given = fc.record({
      operation: fc.constantFrom(...REDUCE_EXACT_OPERATIONS),
      fractionBits: fc.integer({ min: -MAX_FRACTION_BITS, max: MAX_FRACTION_BITS }),
    });
    await fc.assert(
      fc.asyncProperty(given, words, async (those, bits) => {
        const params = reduceExactParams.parse({ ...those, length: bits.length });
        const bytes = new Uint8Array(Uint32Array.from(bits).buffer);
        const x = { dtype: 'F32', dims: [1, bits.length], bytes } as const;
        const batch: ItemBatch = { items: [0], stacked: { x }, constants: {} };
        const { comparison } = await compareOnGpu(device, entry, params, batch);
        expect(comparison).toMatchObject({ kind: 'agree' });
      }),
      { numRuns: 60 },
    );
  });

  it.each(REDUCE_EXACT_OPERATIONS)(
    'gives the same bits at the greatest length: %s',
    async (operation) => {
      const params = reduceExactParams.parse({ length: MAX_REDUCE_EXACT_LENGTH, operation });
      const batch = caseBatch(entry, params, 1, { values: (i) => (i % 3 === 0 ? -1e9 : 0.1 * i) });
      const { comparison } = await compareOnGpu(device, entry, params, batch);
      expect(comparison).toMatchObject({ kind: 'agree' });
    },
  );
});
