/** matvec@1 on the GPU: the algebraic check, rows beside others, and random shapes by every variant. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { checkProducts } from '../../coordinator/check/checkProducts.ts';
import { compareOutputs } from '../../shared/acceptance.ts';
import { toHalfBits, fromHalfBits } from '../../shared/float16.ts';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { catalogueEntry } from '../manifest.ts';
import { nodeGpu, wholeDevice } from '../testing/gpu.ts';
import { caseBatch, compareOnGpu } from '../testing/kernelCase.ts';
import { compareVariant } from '../testing/randomCase.ts';
import { matvecManifest } from './manifest.ts';
import { matvecReference } from './reference.ts';

const randomWords = (count: number) => crypto.getRandomValues(new Uint32Array(count));
const entry = catalogueEntry(matvecManifest, matvecReference);
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

describe.skipIf(found.kind === 'none')(`matvec@1 on the GPU${skipped}`, async () => {
  const device = found.kind === 'found' ? await wholeDevice(found.gpu) : null!;
  afterAll(() => device.destroy());

  it.each([
    { m: 33, k: 65, items: 3, constant: ['a'] },
    { m: 9, k: 4096, items: 2, constant: [] },
  ])('passes the algebraic check at k=$k, and fails it one element off', async (given) => {
    const { items, constant, ...params } = given;
    const batch = caseBatch(entry, params, items, { constant });
    const { gpu } = await compareOnGpu(device, entry, params, batch);
    const program = { kind: 'kernel', kernel: 'matvec@1', params } as const;
    const check = () => checkProducts({ program, batch, outputs: gpu }, randomWords);
    expect(check()).toEqual({ ok: true, value: null });
    (valuesOf(gpu['y']!) as Float32Array)[5]! += 0.1;
    expect(check()).toMatchObject({ ok: true, value: expect.stringContaining('row 5') as string });
  });

  it('gives an item the same bits alone and among others', async () => {
    const params = { m: 21, k: 40 };
    const all = caseBatch(entry, params, 7, { constant: ['a'] });
    const { gpu } = await compareOnGpu(device, entry, params, all);
    const { dims, bytes } = gpu['y']!;
    expect(dims).toEqual([7, 21]);
    for (const item of [1, 3, 6]) {
      const x = all.stacked['x']!.bytes.slice(item * 160, (item + 1) * 160);
      const stacked = { x: { dtype: 'F32', dims: [1, 40], bytes: x } } as const;
      const alone = await compareOnGpu(device, entry, params, { ...all, items: [item], stacked });
      expect(alone.gpu['y']!.bytes).toEqual(bytes.slice(item * 84, (item + 1) * 84));
    }
  });

  it('refuses the product of inputs rounded to half precision', async () => {
    const params = { m: 33, k: 64 };
    const batch = caseBatch(entry, params, 1);
    const { gpu } = await compareOnGpu(device, entry, params, batch);
    const rounded = Object.fromEntries(
      Object.entries(batch.stacked).map(([name, tensor]) => {
        const halves = fromHalfBits(toHalfBits(valuesOf(tensor) as Float32Array));
        return [name, tensorOf('F32', tensor.dims.slice(1), halves)];
      }),
    );
    const { y } = matvecReference(params, 0, rounded);
    const cheat = { y: { ...y!, dims: [1, ...y!.dims] } };
    expect(compareOutputs(gpu, cheat, 1, matvecManifest.acceptance).kind).toBe('disagree');
  });

  it('agrees with its reference at random shapes', async () => {
    const shape = fc.record({
      m: fc.integer({ min: 1, max: 40 }),
      k: fc.integer({ min: 1, max: 280 }),
    });
    const constant = fc.subarray(['a', 'x']);
    const items = fc.integer({ min: 1, max: 9 });
    await fc.assert(
      fc.asyncProperty(shape, constant, items, fc.nat(), async (params, shared, count, pick) => {
        const kernelCase = { params, items: count, constant: shared };
        const comparison = await compareVariant(device, entry, kernelCase, pick);
        expect(comparison, comparison.variant).toMatchObject({ kind: 'agree' });
      }),
      { numRuns: 30 },
    );
  });
});
