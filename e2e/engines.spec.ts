/**
 * Different engines compute the same real programs: they agree under the production rule and under the threshold
 * that is learned from them, and the same programs in half precision or in eight bits do not.
 */
import { ONNX_ACCEPTANCE } from '../coordinator/jobs/jobDesk.ts';
import { referenceRunner } from '../kernels/referenceRunner.ts';
import { runBatch } from '../shared/program.ts';
import { withHalfWeights, withInt8Weights } from '../shared/testing/reducedModel.ts';
import { directRun } from '../sdk/acceptance/testing/directRun.ts';
import { learnedRule, refusedBy } from './engines/disagreement.ts';
import { inHalves, inInt8, KERNEL_CASES, openKernelCase } from './engines/kernelCases.ts';
import { openKernelPage, runKernelInPage } from './engines/kernelPage.ts';
import { absence, MODEL_CASES } from './engines/modelCases.ts';
import { OrtPage } from './engines/ortPage.ts';
import { expect, test } from './fixtures/test.ts';

/** A large picture takes WebGPU in software some 4 s. */
const ITEMS = 6;

for (const model of MODEL_CASES) {
  test(`engines: ${model.name} on WASM and on WebGPU, and in fewer bits`, async ({ page }) => {
    const why = absence(model);
    test.skip(why !== null, why ?? '');
    const { input, dims } = model;
    const items = await model.items(page, ITEMS);
    const bytes = await model.model();
    const onWasm = (of: Uint8Array) => directRun(of, { [input]: items }, { [input]: dims });
    const ort = await OrtPage.open(page);
    const onGpu = await ort.run(bytes, input, items, dims, 'webgpu');
    const honest = await onWasm(bytes);
    // Not one computation told twice: the engines round differently.
    expect(honest).not.toEqual(onGpu);
    const learned = learnedRule(ONNX_ACCEPTANCE, honest, onGpu);
    expect(refusedBy(ONNX_ACCEPTANCE, honest, onGpu)).toBe(0);
    expect(refusedBy(learned, honest, onGpu)).toBe(0);
    const inHalf = await onWasm(withHalfWeights(bytes));
    const inEight = await onWasm(withInt8Weights(bytes));
    expect(refusedBy(ONNX_ACCEPTANCE, inEight, onGpu)).toBe(ITEMS);
    expect(refusedBy(learned, inEight, onGpu)).toBe(ITEMS);
    expect(refusedBy(learned, inHalf, onGpu)).toBe(ITEMS);
  });
}

test('engines: kernels on the CPU and on WebGPU, and with inputs of fewer bits', async ({
  page,
}) => {
  await openKernelPage(page);
  for (const kernel of KERNEL_CASES) {
    const { entry, params, batch } = openKernelCase(kernel);
    const { acceptance } = entry.manifest;
    const onCpu = (of: typeof batch) =>
      runBatch(referenceRunner(entry, params), of, entry.manifest.outputs(params));
    const onGpu = await runKernelInPage(page, kernel.kernel, kernel.params, batch);
    const honest = await onCpu(batch);
    const learned = learnedRule(acceptance, honest, onGpu);
    expect(refusedBy(acceptance, honest, onGpu)).toBe(0);
    expect(refusedBy(learned, honest, onGpu)).toBe(0);
    if (Object.keys(batch.stacked).length === 0) continue;
    for (const reduced of [inHalves(batch), inInt8(batch)]) {
      const cheat = await onCpu(reduced);
      expect(refusedBy(acceptance, cheat, onGpu)).toBe(kernel.items);
      expect(refusedBy(learned, cheat, onGpu)).toBe(kernel.items);
    }
  }
});
