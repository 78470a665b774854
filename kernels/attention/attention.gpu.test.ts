/** attention@1 on the GPU: random shapes by every variant, and what its rule refuses. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { compareOutputs } from '../../shared/acceptance.ts';
import { fromHalfBits, toHalfBits } from '../../shared/float16.ts';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { catalogueEntry } from '../manifest.ts';
import { nodeGpu, wholeDevice } from '../testing/gpu.ts';
import { caseBatch, compareOnGpu } from '../testing/kernelCase.ts';
import { compareVariant } from '../testing/randomCase.ts';
import { attentionManifest, attentionParams } from './manifest.ts';
import { attentionReference } from './reference.ts';

const entry = catalogueEntry(attentionManifest, attentionReference);
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';
const upTo = (max: number) => fc.integer({ min: 1, max });

describe.skipIf(found.kind === 'none')(`attention@1 on the GPU${skipped}`, async () => {
  const device = found.kind === 'found' ? await wholeDevice(found.gpu) : null!;
  afterAll(() => device.destroy());

  it('agrees with its reference at random shapes', async () => {
    const params = fc
      .record({
        heads: upTo(4),
        queries: upTo(70),
        more: fc.integer({ min: 0, max: 300 }),
        dimension: upTo(5).map((fours) => 4 * fours),
        causal: fc.boolean(),
      })
      .map(({ more, ...rest }) => ({
        ...rest,
        keys: rest.causal ? rest.queries + more : more + 1,
      }));
    const constant = fc.subarray(['q', 'k', 'v']);
    await fc.assert(
      fc.asyncProperty(params, constant, upTo(3), fc.nat(), async (given, shared, items, pick) => {
        const kernelCase = { params: given, items, constant: shared };
        const comparison = await compareVariant(device, entry, kernelCase, pick);
        expect(comparison, comparison.variant).toMatchObject({ kind: 'agree' });
      }),
      { numRuns: 30 },
    );
  });

  it('refuses what comes of inputs rounded to half precision', async () => {
    const params = attentionParams.parse({ heads: 2, queries: 9, keys: 40, dimension: 16 });
    const batch = caseBatch(entry, params, 1);
    const { gpu } = await compareOnGpu(device, entry, params, batch);
    const rounded = Object.fromEntries(
      Object.entries(batch.stacked).map(([name, tensor]) => {
        const halves = fromHalfBits(toHalfBits(valuesOf(tensor) as Float32Array));
        return [name, tensorOf('F32', tensor.dims.slice(1), halves)];
      }),
    );
    const { y } = attentionReference(params, 0, rounded);
    const cheat = { y: { ...y!, dims: [1, ...y!.dims] } };
    expect(compareOutputs(gpu, cheat, 1, attentionManifest.acceptance).kind).toBe('disagree');
  });
});
