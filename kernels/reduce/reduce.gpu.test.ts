/** reduce@1 on the GPU: any length by threads alone, sums that drift, and what its rule refuses. */
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { compareOutputs } from '../../shared/acceptance.ts';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { catalogueEntry } from '../manifest.ts';
import { noise } from '../noise.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { caseBatch, compareOnGpu } from '../testing/kernelCase.ts';
import { MAX_REDUCE_LENGTH, REDUCE_OPERATIONS, reduceManifest, reduceParams } from './manifest.ts';
import { reduceReference } from './reference.ts';
import { reduceVariants } from './variants.ts';
import { LEAST_TRAITS } from '../variants.ts';

const entry = catalogueEntry(reduceManifest, reduceReference);
const [alone] = reduceVariants({ ...LEAST_TRAITS, isSoftware: true });
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

describe.skipIf(found.kind === 'none')(`reduce@1 on the GPU${skipped}`, async () => {
  const device =
    found.kind === 'found' ? await (await found.gpu.requestAdapter())!.requestDevice() : null!;
  afterAll(() => device.destroy());

  const compare = (given: object, items: number, values?: (i: number) => number) => {
    const params = reduceParams.parse(given);
    const batch = caseBatch(entry, params, items, values === undefined ? {} : { values });
    return compareOnGpu(device, entry, params, batch, { variant: alone! });
  };

  it('agrees at any length', async () => {
    const lengths = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 70_000 }));
    const given = fc.record({ length: lengths, operation: fc.constantFrom(...REDUCE_OPERATIONS) });
    await fc.assert(
      fc.asyncProperty(
        given,
        fc.integer({ min: 1, max: 5 }),
        fc.integer(),
        async (it, rows, seed) => {
          const random = noise(seed);
          const { comparison } = await compare(it, rows, () => random());
          expect(comparison).toMatchObject({ kind: 'agree' });
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([
    ['equal values, whose sums drift', () => 0.1],
    ['values of very different sizes', (i: number) => [1e30, -1e-30, 1][i % 3]!],
    ['values that count as zero beside others', (i: number) => (i % 2 === 0 ? 1e-40 : 1)],
    ['zeros', () => 0],
  ])('agrees on %s', async (_, value) => {
    const { comparison } = await compare({ length: 300_007, operation: 'sum' }, 1, value);
    expect(comparison).toMatchObject({ kind: 'agree' });
  });

  it.each([() => 0.1, (i: number) => (i % 2 === 0 ? 1e15 : 1e-16)])(
    'agrees at the greatest length',
    async (value) => {
      const length = MAX_REDUCE_LENGTH;
      const { comparison } = await compare({ length, operation: 'norm' }, 1, value);
      expect(comparison).toMatchObject({ kind: 'agree' });
      const rule = reduceManifest.acceptance as { maxRelativeL2: number };
      expect(comparison.worst.relativeL2).toBeLessThan(rule.maxRelativeL2);
    },
  );

  it('totals more rows than one workgroup holds', async () => {
    const { comparison } = await compare({ length: 4099, operation: 'sum' }, 131);
    expect(comparison).toMatchObject({ kind: 'agree' });
  });

  it('refuses a sum that leaves out one value of a thousand', async () => {
    const { gpu } = await compare({ length: 1000, operation: 'sum' }, 1);
    const [sum, magnitudes] = valuesOf(gpu['result']!) as Float32Array;
    const short = Float32Array.of(sum! - magnitudes! / 1000, magnitudes! - magnitudes! / 1000);
    const forged = { result: tensorOf('F32', [1, 2], short) };
    expect(compareOutputs(gpu, forged, 1, reduceManifest.acceptance).kind).toBe('disagree');
  });
});
