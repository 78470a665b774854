/** Kernels of rows on the GPU: random shapes by every variant, and what their rules refuse. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { compareOutputs } from '../shared/acceptance.ts';
import { fromHalfBits, toHalfBits } from '../shared/float16.ts';
import { tensorOf, valuesOf } from '../shared/tensor.ts';
import { findKernel } from './catalog.ts';
import { referenceRunner } from './referenceRunner.ts';
import { nodeGpu, wholeDevice } from './testing/gpu.ts';
import { caseBatch, runWhole } from './testing/kernelCase.ts';
import { compareVariant } from './testing/randomCase.ts';

const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';
const shape = fc.record({
  rows: fc.integer({ min: 1, max: 20 }),
  columns: fc.integer({ min: 2, max: 600 }),
});
const KERNELS = [
  ['layernorm@1', fc.record({ epsilon: fc.constantFrom(1e-12, 1e-5, 1) })],
  ['rmsnorm@1', fc.record({ epsilon: fc.constantFrom(1e-12, 1e-5, 1) })],
  ['softmax@1', fc.record({ output: fc.constantFrom('probabilities', 'logarithms') })],
] as const;

describe.skipIf(found.kind === 'none')(`kernels of rows on the GPU${skipped}`, async () => {
  const device = found.kind === 'found' ? await wholeDevice(found.gpu) : null!;
  afterAll(() => device.destroy());

  it.each(KERNELS)('%s agrees with its reference at random shapes', async (id, more) => {
    const entry = findKernel(id)!;
    const constant = fc.subarray(id === 'layernorm@1' ? ['scale', 'bias'] : ['x']);
    const items = fc.integer({ min: 1, max: 4 });
    const run = fc.tuple(shape, more, constant, items, fc.nat());
    await fc.assert(
      fc.asyncProperty(run, async ([sizes, rest, shared, count, pick]) => {
        const params = { ...sizes, ...rest };
        const kernelCase = { params, items: count, constant: shared };
        const comparison = await compareVariant(device, entry, kernelCase, pick);
        expect(comparison, comparison.variant).toMatchObject({ kind: 'agree' });
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['layernorm@1', {}],
    ['rmsnorm@1', {}],
    ['softmax@1', { output: 'probabilities' }],
    ['softmax@1', { output: 'logarithms' }],
  ])('%s refuses what comes of inputs rounded to half precision: %j', async (id, more) => {
    const { manifest, reference } = findKernel(id)!;
    const params = manifest.params.parse({ rows: 4, columns: 96, ...more });
    const batch = caseBatch({ manifest, reference }, params, 1);
    const halves = Object.entries(batch.stacked).map(([name, tensor]) => {
      const values = fromHalfBits(toHalfBits(valuesOf(tensor) as Float32Array));
      return [name, tensorOf('F32', tensor.dims, values)];
    });
    const rounded = { ...batch, stacked: Object.fromEntries(halves) as typeof batch.stacked };
    const runner = referenceRunner({ manifest, reference }, params);
    const outputs = manifest.outputs(params);
    const honest = await runWhole(runner, batch, outputs);
    const cheat = await runWhole(runner, rounded, outputs);
    expect(compareOutputs(honest, cheat, 1, manifest.acceptance).kind).toBe('disagree');
  });
});
