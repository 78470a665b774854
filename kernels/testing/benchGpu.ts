/**
 * Side-by-side benchmarks of kernels: contenders take turns (ABAB ...), every run ends with its outputs read
 * back on the CPU and compared with the reference, and only ratios within one report mean anything.
 */
import { compareOutputs } from '../../shared/acceptance.ts';
import { runBatch, type ItemBatch, type ItemRunner } from '../../shared/program.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { medianOf, type BenchReport } from '../../shared/testing/bench.ts';
import type { CatalogueEntry, GpuKernel } from '../manifest.ts';
import { referenceRunner } from '../referenceRunner.ts';
import { describeAdapter } from '../runtime/adapterDescription.ts';
import { gpuKernelRunner } from '../runtime/gpuKernelRunner.ts';
import { KernelDevice } from '../runtime/kernelDevice.ts';
import { dropNodeGpu, nodeGpu } from './gpu.ts';

/** Rounds after the first, which warms up and does not count. */
const BLOCKS = 5;

export type KernelBenchRow = Readonly<{
  case: string;
  contender: string;
  medianMs: number;
  gflopsPerSecond: number;
  /** The first contender's speed over this one's: above 1 it is the faster. */
  firstIsFasterBy: number;
  /** By the acceptance rule, against the CPU reference. */
  agrees: boolean;
  blocksMs: readonly number[];
}>;

const NOTES = [
  'Contenders take turns; every run ends with its outputs on the CPU, compared with the reference.',
  'firstIsFasterBy is the speed of the case’s first contender over this one’s, by medians.',
];

export interface Contender {
  readonly name: string;
  readonly runner: ItemRunner;
}

export interface BenchCase {
  readonly name: string;
  readonly entry: CatalogueEntry;
  readonly params: unknown;
  readonly batch: ItemBatch;
  readonly contenders: readonly Contender[];
}

/** One case, all contenders in turn. */
export async function measure(benchCase: BenchCase): Promise<KernelBenchRow[]> {
  const { entry, params, batch, contenders } = benchCase;
  const outputs = entry.manifest.outputs(params);
  const items = batch.items.length;
  const expected = await runBatch(referenceRunner(entry, params), batch, outputs);
  const measured = contenders.map(() => ({ ms: [] as number[], agrees: true }));
  for (let block = 0; block <= BLOCKS; block++) {
    for (const [i, { runner }] of contenders.entries()) {
      const startMs = performance.now();
      const made: NamedTensors = await runBatch(runner, batch, outputs);
      const tookMs = performance.now() - startMs;
      const { kind } = compareOutputs(made, expected, items, entry.manifest.acceptance);
      if (kind === 'disagree') measured[i]!.agrees = false;
      if (block > 0) measured[i]!.ms.push(tookMs);
    }
  }
  const flops = entry.manifest.flopsPerItem(params) * items;
  const firstMs = medianOf(measured[0]!.ms);
  return contenders.map(({ name }, i) => {
    const { ms, agrees } = measured[i]!;
    const medianMs = medianOf(ms);
    return {
      case: benchCase.name,
      contender: name,
      medianMs,
      gflopsPerSecond: flops / medianMs / 1e6,
      firstIsFasterBy: medianMs / firstMs,
      agrees,
      blocksMs: ms,
    };
  });
}

/** The GPU kernel and its CPU reference, the contenders that every kernel has. */
export const ourContenders = (
  kernels: KernelDevice,
  kernel: GpuKernel,
  params: unknown,
): Contender[] => [
  { name: 'idlewave WGSL', runner: gpuKernelRunner(kernels, kernel, params) },
  { name: 'CPU reference', runner: referenceRunner(kernel, params) },
];

/** Runs cases on a device of this machine; throws, with the reason, where there is none. */
export async function benchOnGpu(
  name: string,
  cases: (kernels: KernelDevice) => readonly BenchCase[],
): Promise<BenchReport> {
  const found = await nodeGpu();
  if (found.kind === 'none') throw new Error(`bench ${name}: ${found.reason}`);
  const adapter = await found.gpu.requestAdapter();
  if (adapter === null) throw new Error(`bench ${name}: the GPU adapter went away`);
  const device = await adapter.requestDevice();
  const kernels = new KernelDevice(device);
  try {
    const rows: KernelBenchRow[] = [];
    for (const benchCase of cases(kernels)) rows.push(...(await measure(benchCase)));
    const { vendor, architecture, isSoftware } = describeAdapter(adapter);
    const facts = {
      adapter: `${vendor} ${architecture}`,
      softwareAdapter: isSoftware,
      blocks: BLOCKS,
    };
    return { name, notes: NOTES, facts, rows };
  } finally {
    kernels.dispose();
    device.destroy();
    dropNodeGpu();
  }
}
