/** matmul@1 on the GPU, against its reference, by the rule that accepts reports. */
import { afterAll, describe, expect, it } from 'vitest';
import { checkProducts } from '../../coordinator/check/checkProducts.ts';
import { compareOutputs } from '../../shared/acceptance.ts';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { catalogueEntry } from '../manifest.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { caseBatch, compareOnGpu } from '../testing/kernelCase.ts';
import { MAX_MATMUL_SIDE, matmulManifest, matmulParams } from './manifest.ts';
import { matmulReference } from './reference.ts';

const randomWords = (count: number) => crypto.getRandomValues(new Uint32Array(count));
const entry = catalogueEntry(matmulManifest, matmulReference);
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

describe.skipIf(found.kind === 'none')(`matmul@1 on the GPU${skipped}`, async () => {
  const device =
    found.kind === 'found' ? await (await found.gpu.requestAdapter())!.requestDevice() : null!;
  afterAll(() => device.destroy());

  it.each([
    { m: 33, k: 65, n: 17, items: 3, values: undefined },
    { m: 16, k: MAX_MATMUL_SIDE, n: 16, items: 1, values: (i: number) => 1 + (i % 89) / 89 },
    // Equal terms: f32 sums drift.
    { m: 8, k: MAX_MATMUL_SIDE, n: 8, items: 1, values: () => 0.1 },
  ])('passes the algebraic check at k=$k, and fails it one element off', async (given) => {
    const { items, values, ...sides } = given;
    const params = matmulParams.parse(sides);
    const batch = caseBatch(entry, params, items, values === undefined ? {} : { values });
    const { gpu } = await compareOnGpu(device, entry, params, batch);
    const program = { kind: 'kernel', kernel: 'matmul@1', params } as const;
    const check = () => checkProducts({ program, batch, outputs: gpu }, randomWords);
    expect(check()).toEqual({ ok: true, value: null });
    (valuesOf(gpu['c']!) as Float32Array)[5]! *= 1.01;
    expect(check()).toMatchObject({
      ok: true,
      value: expect.stringContaining('column 5') as string,
    });
  });

  it('refuses the product of inputs rounded to half precision', async () => {
    const params = matmulParams.parse({ m: 33, k: 64, n: 33 });
    const batch = caseBatch(entry, params, 1);
    const { gpu } = await compareOnGpu(device, entry, params, batch);
    const rounded = Object.fromEntries(
      Object.entries(batch.stacked).map(([name, tensor]) => {
        const data = (valuesOf(tensor) as Float32Array).map(toHalf);
        return [name, tensorOf('F32', tensor.dims.slice(1), data)];
      }),
    );
    const { c } = matmulReference(params, 0, rounded);
    const cheat = { c: { ...c!, dims: [1, ...c!.dims] } };
    expect(compareOutputs(gpu, cheat, 1, matmulManifest.acceptance).kind).toBe('disagree');
  });
});

/** Rounds to 11 significant bits, which is f16 inside its range. */
function toHalf(value: number): number {
  if (value === 0) return 0;
  const ulp = 2 ** (Math.floor(Math.log2(Math.abs(value))) - 10);
  return Math.round(value / ulp) * ulp;
}
