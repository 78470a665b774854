/**
 * Runs a kernel on the GPU and by its CPU reference over the same batch, and compares them with the rule
 * that the coordinator's validator uses. For tests and benchmarks.
 */
import { compareOutputs, type Comparison } from '../../shared/acceptance.ts';
import { assert } from '../../shared/result.ts';
import { runBatch, type ItemBatch, type ItemRunner } from '../../shared/program.ts';
import type { NamedTensors, TensorSpec } from '../../shared/tensor.ts';
import { exampleBatch } from '../example.ts';
import { loadKernel } from '../loadKernel.ts';
import { kernelId, type CatalogueEntry } from '../manifest.ts';
import { referenceRunner } from '../referenceRunner.ts';
import { BufferPool } from '../runtime/bufferPool.ts';
import { gpuKernelRunner, type GpuRunnerOptions } from '../runtime/gpuKernelRunner.ts';
import { KernelDevice } from '../runtime/kernelDevice.ts';
import type { KernelCase } from './cases.ts';

/** Every bit set: NaN as f32, the largest u32; no kernel writes it where it computes. */
const BAD_WORD = 0xffffffff;

/** A pool whose buffers are full of a bad value whenever they are lent: unwritten outputs show. */
export class BadValuePool extends BufferPool {
  override async acquire(sizeBytes: number, usage: GPUBufferUsageFlags) {
    const made = await super.acquire(sizeBytes, usage);
    if (
      made.ok &&
      (usage & GPUBufferUsage.COPY_DST) !== 0 &&
      (usage & GPUBufferUsage.MAP_READ) === 0
    ) {
      const bad = new Uint32Array(sizeBytes / 4).fill(BAD_WORD);
      this.device.queue.writeBuffer(made.value, 0, bad);
    }
    return made;
  }
}

export interface CaseOptions extends GpuRunnerOptions {
  /** Inputs to give as constants; the others are stacked. */
  readonly constant?: readonly string[];
  /** Item indices; 0, 1, 2 ... where absent. */
  readonly items?: readonly number[];
  /** Noise where absent (`exampleBatch`). */
  readonly values?: (index: number, input: string) => number;
}

/** A batch of `count` items with varied, repeatable inputs. */
export const caseBatch = (
  entry: CatalogueEntry,
  params: unknown,
  count: number,
  { constant, items, values }: CaseOptions = {},
): ItemBatch => exampleBatch(entry, params, count, { constant, items, values });

/** A case of a kernel: its parameters parsed, its batch filled. */
export function openCase(
  entry: CatalogueEntry,
  { params: given, items, constant, value }: KernelCase,
): { params: unknown; batch: ItemBatch } {
  const params = entry.manifest.params.parse(given);
  const batch = caseBatch(entry, params, items, {
    ...(constant === undefined ? {} : { constant }),
    ...(value === undefined ? {} : { values: (index, name) => value(name, index, params) }),
  });
  return { params, batch };
}

/** Outputs of a whole batch by any runner. */
export const runWhole = (
  runner: ItemRunner,
  batch: ItemBatch,
  outputs: Readonly<Record<string, TensorSpec>>,
): Promise<NamedTensors> => runBatch(runner, batch, outputs);

/** GPU against reference over one batch, on a device whose buffers start with a bad value. */
export async function compareOnGpu(
  device: GPUDevice,
  entry: CatalogueEntry,
  params: unknown,
  batch: ItemBatch,
  options: GpuRunnerOptions = {},
): Promise<{ comparison: Comparison; gpu: NamedTensors; cpu: NamedTensors }> {
  const kernels = new KernelDevice(device, new BadValuePool(device));
  try {
    const kernel = await loadKernel(kernelId(entry.manifest));
    assert(kernel !== undefined, `the catalogue has no ${kernelId(entry.manifest)}`);
    const runner = gpuKernelRunner(kernels, kernel, params, options);
    const outputs = entry.manifest.outputs(params);
    const gpu = await runWhole(runner, batch, outputs);
    const cpu = await runWhole(referenceRunner(entry, params), batch, outputs);
    const rule = entry.manifest.acceptance;
    return { comparison: compareOutputs(gpu, cpu, batch.items.length, rule), gpu, cpu };
  } finally {
    kernels.dispose();
  }
}
