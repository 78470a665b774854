/** conv2d@1 on the GPU at random shapes, by every variant. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { catalogueEntry } from '../manifest.ts';
import { nodeGpu, wholeDevice } from '../testing/gpu.ts';
import { compareVariant } from '../testing/randomCase.ts';
import { conv2dManifest, conv2dParams } from './manifest.ts';
import { conv2dReference } from './reference.ts';

const entry = catalogueEntry(conv2dManifest, conv2dReference);
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';
const upTo = (max: number) => fc.integer({ min: 1, max });

describe.skipIf(found.kind === 'none')(`conv2d@1 on the GPU${skipped}`, async () => {
  const device = found.kind === 'found' ? await wholeDevice(found.gpu) : null!;
  afterAll(() => device.destroy());

  it('agrees with its reference at random shapes', async () => {
    const params = fc
      .record({
        height: upTo(12),
        width: upTo(12),
        groups: fc.constantFrom(1, 1, 1, 2, 4, 8),
        groupIn: upTo(9),
        groupOut: upTo(9),
        kernelHeight: upTo(5),
        kernelWidth: upTo(5),
        stride: upTo(3),
        padding: fc.integer({ min: 0, max: 3 }),
        dilation: upTo(2),
        activation: fc.constantFrom('none', 'relu', 'relu6', 'silu'),
      })
      .map(({ groupIn, groupOut, ...rest }) => ({
        ...rest,
        inChannels: groupIn * rest.groups,
        outChannels: groupOut * rest.groups,
      }))
      .filter((given) => conv2dParams.safeParse(given).success);
    const constant = fc.subarray(['x', 'weights', 'bias']);
    await fc.assert(
      fc.asyncProperty(params, constant, upTo(3), fc.nat(), async (given, shared, items, pick) => {
        const kernelCase = { params: given, items, constant: shared };
        const comparison = await compareVariant(device, entry, kernelCase, pick);
        expect(comparison, comparison.variant).toMatchObject({ kind: 'agree' });
      }),
      { numRuns: 40 },
    );
  });
});
