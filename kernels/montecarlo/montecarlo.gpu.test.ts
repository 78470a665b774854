/** montecarlo@1 on the GPU, bit for bit against its reference. */
import { afterAll, describe, expect, it } from 'vitest';
import { compareOutputs } from '../../shared/acceptance.ts';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { catalogueEntry } from '../manifest.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { caseBatch, compareOnGpu } from '../testing/kernelCase.ts';
import { MAX_DIMENSIONS, montecarloManifest, montecarloParams } from './manifest.ts';
import { montecarloReference } from './reference.ts';

const entry = catalogueEntry(montecarloManifest, montecarloReference);
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

describe.skipIf(found.kind === 'none')(`montecarlo@1 on the GPU${skipped}`, async () => {
  const device =
    found.kind === 'found' ? await (await found.gpu.requestAdapter())!.requestDevice() : null!;
  afterAll(() => device.destroy());

  const dimensions = Array.from({ length: MAX_DIMENSIONS - 1 }, (_, i) => i + 2);
  // 1 and 2: less than a block; 4095 to 4097: around whole lanes and workgroups.
  it.each(dimensions.flatMap((d) => [1, 2, 4095, 4097].map((samples) => [d, samples] as const)))(
    'gives the same bits in %i dimensions for %i samples',
    async (d, samplesPerItem) => {
      const params = montecarloParams.parse({ dimensions: d, samplesPerItem, seed: 0xfffffffe });
      const items = [0, 3, 2 ** 31 + 1, 65, 7];
      const batch = caseBatch(entry, params, items.length, { items });
      const { comparison } = await compareOnGpu(device, entry, params, batch);
      expect(comparison.kind).toBe('agree');
    },
  );

  it('gives the same bits when a lane has more than its least blocks', async () => {
    const params = montecarloParams.parse({ dimensions: 5, samplesPerItem: 200_001, seed: 1 });
    const batch = caseBatch(entry, params, 2);
    const { comparison } = await compareOnGpu(device, entry, params, batch);
    expect(comparison.kind).toBe('agree');
  });

  it('totals more rows than one workgroup holds', async () => {
    const params = montecarloParams.parse({ dimensions: 2, samplesPerItem: 40, seed: 5 });
    const batch = caseBatch(entry, params, 131);
    const { comparison } = await compareOnGpu(device, entry, params, batch);
    expect(comparison.kind).toBe('agree');
  });

  it('depends on the seed, the stream and the item, and a tally off by one is refused', async () => {
    const base = { dimensions: 3, samplesPerItem: 5000, seed: 9, stream: 0 };
    const run = async (change: object) => {
      const params = montecarloParams.parse({ ...base, ...change });
      const batch = caseBatch(entry, params, 2);
      const { gpu } = await compareOnGpu(device, entry, params, batch);
      return gpu['hits']!;
    };
    const hits = await run({});
    expect(valuesOf(hits)).not.toEqual(valuesOf(await run({ seed: 10 })));
    expect(valuesOf(hits)).not.toEqual(valuesOf(await run({ stream: 1 })));
    const [first, second] = valuesOf(hits) as Uint32Array;
    expect(first).not.toBe(second);
    const forged = { hits: tensorOf('U32', [2], Uint32Array.of(first!, second! + 1)) };
    const verdict = compareOutputs({ hits }, forged, 2, montecarloManifest.acceptance);
    expect(verdict).toMatchObject({ kind: 'disagree', items: [1] });
  });
});
