/**
 * How far honest engines are apart on the same items, which acceptance follows, and whether it refuses the same
 * program in fewer bits: real models on onnxruntime-web's WASM and WebGPU builds, catalogue kernels on the CPU
 * reference and on WebGPU in Chromium and in Node.
 *
 * Times nothing. The threshold is learned from the first half of the items and held against all of them.
 */
import { chromium } from 'playwright-core';
import type { Page } from '@playwright/test';
import { ONNX_ACCEPTANCE } from '../../coordinator/jobs/jobDesk.ts';
import { loadKernel } from '../../kernels/loadKernel.ts';
import { referenceRunner } from '../../kernels/referenceRunner.ts';
import { describeAdapter } from '../../kernels/runtime/adapterDescription.ts';
import { gpuKernelRunner } from '../../kernels/runtime/gpuKernelRunner.ts';
import { KernelDevice } from '../../kernels/runtime/kernelDevice.ts';
import { dropNodeGpu, nodeGpu } from '../../kernels/testing/gpu.ts';
import type { Acceptance, Difference } from '../../shared/acceptance.ts';
import { runBatch } from '../../shared/program.ts';
import { assert } from '../../shared/result.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { withHalfWeights, withInt8Weights } from '../../shared/testing/reducedModel.ts';
import {
  medianOf,
  type BenchCell,
  type BenchReport,
  type BenchRow,
} from '../../shared/testing/bench.ts';
import { directRun } from '../../sdk/acceptance/testing/directRun.ts';
import { chromiumFlags, findOrInstallBrowser } from '../../sdk/cli/browser.ts';
import { differencesOf, learnedRule, refusedBy } from '../engines/disagreement.ts';
import { inHalves, inInt8, KERNEL_CASES, openKernelCase } from '../engines/kernelCases.ts';
import { openKernelPage, runKernelInPage } from '../engines/kernelPage.ts';
import { absence, MODEL_CASES, type ModelCase } from '../engines/modelCases.ts';
import { OrtPage } from '../engines/ortPage.ts';

/** A large picture takes SwiftShader some 4 s. */
const SMALL_ITEMS = 64;
const LARGE_ITEMS = 16;
const LARGE_VALUES = 10_000;

const NOTES = [
  'l2: relative L2 of an item, the worst of its outputs; element: its largest difference of one element, in RMS.',
  'threshold: 8 times the worst of the first half of the items, not below 2^-18 and 2^-15 (core/calibration.ts).',
  'refused by default / by threshold: items that the program’s own rule refuses, and the calibrated one.',
  'Honest rows must refuse nothing; the others are the mildest form of each reduction, and must be refused.',
];

export async function bench(): Promise<BenchReport> {
  const browser = await chromium.launch({
    executablePath: await findOrInstallBrowser((text) => console.error(text)),
    headless: false,
    args: chromiumFlags('software'),
  });
  try {
    const rows: BenchRow[] = [];
    const skipped: string[] = [];
    for (const model of MODEL_CASES) {
      const why = absence(model);
      if (why !== null) skipped.push(`${model.name}: ${why}`);
      else rows.push(...(await modelRows(await browser.newPage(), model)));
    }
    const page = await browser.newPage();
    await openKernelPage(page);
    const node = await nodeGpu();
    if (node.kind === 'none') skipped.push(`Dawn in Node: ${node.reason}`);
    const adapter = node.kind === 'found' ? await node.gpu.requestAdapter() : null;
    const device = await adapter?.requestDevice();
    for (const kernel of KERNEL_CASES) rows.push(...(await kernelRows(page, device, kernel)));
    device?.destroy();
    dropNodeGpu();
    const facts: Record<string, BenchCell> = { chromium: browser.version() };
    if (adapter !== null) {
      const { vendor, architecture } = describeAdapter(adapter);
      facts['nodeAdapter'] = `${vendor} ${architecture}`;
    }
    if (skipped.length > 0) facts['skipped'] = skipped.join('; ');
    return { name: 'engines', notes: NOTES, facts, rows };
  } finally {
    await browser.close();
  }
}

async function modelRows(page: Page, model: ModelCase): Promise<BenchRow[]> {
  const isLarge = model.dims.reduce((a, b) => a * b, 1) > LARGE_VALUES;
  const items = await model.items(page, isLarge ? LARGE_ITEMS : SMALL_ITEMS);
  const bytes = await model.model();
  const { input, dims, name } = model;
  const onWasm = (of: Uint8Array) => directRun(of, { [input]: items }, { [input]: dims });
  const ort = await OrtPage.open(page);
  const reference = await onWasm(bytes);
  const inChromium = await ort.run(bytes, input, items, dims, 'wasm');
  const onGpu = await ort.run(bytes, input, items, dims, 'webgpu');
  await page.close();
  const rule = learnedRule(ONNX_ACCEPTANCE, reference, onGpu);
  const row = rowFor(name, ONNX_ACCEPTANCE, rule);
  return [
    row('WASM in Node ~ WASM in Chromium', reference, inChromium),
    row('WASM ~ WebGPU in Chromium', reference, onGpu),
    row('f16 weights on WASM ~ WebGPU', await onWasm(withHalfWeights(bytes)), onGpu),
    row('int8 weights on WASM ~ WebGPU', await onWasm(withInt8Weights(bytes)), onGpu),
  ];
}

async function kernelRows(
  page: Page,
  device: GPUDevice | undefined,
  kernel: (typeof KERNEL_CASES)[number],
): Promise<BenchRow[]> {
  const { entry, params, batch } = openKernelCase(kernel);
  const outputs = entry.manifest.outputs(params);
  const onCpu = (of: typeof batch) => runBatch(referenceRunner(entry, params), of, outputs);
  const reference = await onCpu(batch);
  const inChromium = await runKernelInPage(page, kernel.kernel, kernel.params, batch);
  const { acceptance } = entry.manifest;
  const row = rowFor(kernel.kernel, acceptance, learnedRule(acceptance, reference, inChromium));
  const rows = [row('CPU reference ~ WebGPU in Chromium', reference, inChromium)];
  if (device !== undefined) {
    const kernels = new KernelDevice(device);
    const gpu = await loadKernel(kernel.kernel);
    assert(gpu !== undefined, `the catalogue has no ${kernel.kernel}`);
    const inNode = await runBatch(gpuKernelRunner(kernels, gpu, params), batch, outputs);
    kernels.dispose();
    rows.push(row('WebGPU in Chromium ~ Dawn in Node', inChromium, inNode));
  }
  if (Object.keys(batch.stacked).length === 0) return rows;
  return [
    ...rows,
    row('f16 inputs on the CPU ~ WebGPU', await onCpu(inHalves(batch)), inChromium),
    row('int8 inputs on the CPU ~ WebGPU', await onCpu(inInt8(batch)), inChromium),
  ];
}

const rowFor =
  (name: string, rule: Acceptance, threshold: Acceptance) =>
  (what: string, a: NamedTensors, b: NamedTensors): BenchRow => {
    const differences = differencesOf(a, b);
    const of = (figure: (difference: Difference) => number) => differences.map(figure);
    const l2 = of(({ relativeL2 }) => relativeL2);
    const element = of(({ elementError }) => elementError);
    const items = differences.length;
    return {
      program: name,
      compared: what,
      items,
      l2Least: scientific(Math.min(...l2)),
      l2Median: scientific(medianOf(l2)),
      l2Worst: scientific(Math.max(...l2)),
      elementMedian: scientific(medianOf(element)),
      elementWorst: scientific(Math.max(...element)),
      thresholdL2: threshold.kind === 'exact' ? 'exact' : scientific(threshold.maxRelativeL2),
      thresholdElement:
        threshold.kind === 'exact' ? 'exact' : scientific(threshold.maxElementError),
      refusedByDefault: `${refusedBy(rule, a, b)} of ${items}`,
      refusedByThreshold: `${refusedBy(threshold, a, b)} of ${items}`,
      l2,
      element,
    };
  };

const scientific = (value: number): string => (value === 0 ? '0' : value.toExponential(1));
