/**
 * How long a kernel takes on a device: runs of one batch, over and over for a fraction of a second. The batch is made
 * larger first where the device is done with it before it was really begun.
 */
import type { GpuKernel } from '../../kernels/manifest.ts';
import { gpuKernelRunner } from '../../kernels/runtime/gpuKernelRunner.ts';
import type { KernelDevice } from '../../kernels/runtime/kernelDevice.ts';
import type { KernelVariant } from '../../kernels/variants.ts';
import { MAX_ITEMS_PER_SHARD } from '../../shared/limits.ts';
import { runBatch, type ItemBatch } from '../../shared/program.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { MAX_RUN_BYTES, itemBytes } from './paramFields.ts';

/** Of all variants together, each at least twice. */
const MEASURE_MS = 400;
/** A run shorter than this is mostly the way to the device and back, 0.5 to 3 ms. */
const SHORT_RUN_MS = 25;

export interface TimedVariant {
  readonly variant: KernelVariant;
  /** The median, from inputs in memory to outputs in memory. */
  readonly runMs: number;
  /** Of the device alone, by the slices that it was given. */
  readonly msPerItem: number;
  /** Of the whole batch. */
  readonly outputs: NamedTensors;
}

/** `share`: of the time for all variants. */
export async function timed(
  gpu: KernelDevice,
  kernel: GpuKernel,
  params: unknown,
  batch: ItemBatch,
  variant: KernelVariant,
  share: number,
  now: () => number,
): Promise<TimedVariant> {
  const runner = gpuKernelRunner(gpu, kernel, params, { variant, now });
  const specs = kernel.manifest.outputs(params);
  try {
    // Compiles, and teaches the runner how much the device does in a slice.
    let outputs = await runBatch(runner, batch, specs);
    const wholeMs: number[] = [];
    const itemMs: number[] = [];
    const endMs = now() + MEASURE_MS * share;
    do {
      const startMs = now();
      outputs = await runBatch(runner, batch, specs);
      wholeMs.push(now() - startMs);
      itemMs.push(runner.msPerItem!);
    } while (now() < endMs);
    return { variant, runMs: medianOf(wholeMs), msPerItem: medianOf(itemMs), outputs };
  } finally {
    await runner.dispose();
  }
}

/** The batch, its rows repeated under further item indices until one run is long enough to be measured. */
export async function largerBatch(
  gpu: KernelDevice,
  kernel: GpuKernel,
  params: unknown,
  batch: ItemBatch,
  variant: KernelVariant,
  now: () => number,
): Promise<ItemBatch> {
  const { manifest } = kernel;
  const specs = manifest.outputs(params);
  const runner = gpuKernelRunner(gpu, kernel, params, { variant, now });
  try {
    await runBatch(runner, batch, specs);
    const startMs = now();
    await runBatch(runner, batch, specs);
    const tookMs = Math.max(now() - startMs, 0.1);
    const rows = batch.items.length;
    const rowBytes = itemBytes(manifest, params, Object.keys(batch.constants));
    const most = Math.min(MAX_ITEMS_PER_SHARD, MAX_RUN_BYTES / rowBytes) / rows;
    return repeated(batch, Math.floor(Math.min(SHORT_RUN_MS / tookMs, most)));
  } finally {
    await runner.dispose();
  }
}

/** Rows `times` over; item indices go on. */
export function repeated(batch: ItemBatch, times: number): ItemBatch {
  if (times <= 1) return batch;
  const rows = batch.items.length;
  const stacked = Object.entries(batch.stacked).map(([name, { dtype, dims, bytes }]) => {
    const more = new Uint8Array(bytes.byteLength * times);
    for (let i = 0; i < times; i++) more.set(bytes, i * bytes.byteLength);
    return [name, { dtype, dims: [rows * times, ...dims.slice(1)], bytes: more }] as const;
  });
  const [first = 0] = batch.items;
  return {
    items: Array.from({ length: rows * times }, (_, i) => batch.items[i] ?? first + i),
    stacked: Object.fromEntries(stacked),
    constants: batch.constants,
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
