/**
 * The two roofs of a device, measured on it: how fast it copies memory, and how fast it multiplies and adds. Not kernels of
 * the catalogue: no job may name them.
 *
 * What is measured is the best of a quarter of a second: a roof is what the device can, not what it does on average.
 * Source: S. Williams, A. Waterman, D. Patterson, "Roofline: an insightful visual performance model", CACM 52 (2009).
 */
import { fail, ok, type Result } from '../../shared/result.ts';
import { GpuRunError, type GpuFailure } from '../runtime/failure.ts';
import type { KernelDevice } from '../runtime/kernelDevice.ts';
import copyShader from './copy.wgsl?raw';
import peakShader from './peak.wgsl?raw';

export interface DeviceRoof {
  /** Bytes read and bytes written, together. */
  readonly bytesPerSecond: number;
  /** Of f32; a multiply-add is two. */
  readonly flopsPerSecond: number;
}

export const WORKGROUP_THREADS = 256;
/** Steps of one round of one thread of `peak.wgsl`, and what each does: four lanes multiply and add. */
export const STEPS_PER_ROUND = 4;
const FLOPS_PER_ROUND = 8 * STEPS_PER_ROUND * 4 * 2;

/** Of each buffer. Twice that is beyond the caches of all but the largest devices; software has the CPU's, and is slow. */
const COPY_BYTES = 64 * 1024 * 1024;
const SOFTWARE_COPY_BYTES = 32 * 1024 * 1024;
/** Where memory is short. Below this the caches would be measured. */
const MIN_COPY_BYTES = 4 * 1024 * 1024;
const COPY_THREADS = 65_536;
const PEAK_THREADS = 65_536;
const SOFTWARE_PEAK_THREADS = 4_096;
const PEAK_ROUNDS = 64;

/** Of each roof, after it has been warmed up. */
const MEASURE_MS = 250;
/** A submit shorter than this would measure its own beginning and end, 0.1 to 2 ms. */
const SHORTEST_MS = 12;
const MAX_DISPATCHES = 1024;

export interface RoofOptions {
  readonly now?: () => number;
  readonly measureMs?: number;
}

/** Takes about half a second. A lost device and one without memory are failures; their buffers are given back. */
export async function measureRoof(
  gpu: KernelDevice,
  options: RoofOptions = {},
): Promise<Result<DeviceRoof, GpuFailure>> {
  try {
    const bytesPerSecond = await copyRate(gpu, options);
    return ok({ bytesPerSecond, flopsPerSecond: await peakRate(gpu, options) });
  } catch (thrown) {
    if (thrown instanceof GpuRunError) return fail(thrown.failure);
    throw thrown;
  }
}

async function copyRate(gpu: KernelDevice, options: RoofOptions): Promise<number> {
  const { maxStorageBufferBindingSize, maxBufferSize } = gpu.device.limits;
  const wanted = gpu.traits.isSoftware ? SOFTWARE_COPY_BYTES : COPY_BYTES;
  let size = Math.min(wanted, maxStorageBufferBindingSize, maxBufferSize);
  for (;;) {
    try {
      return await withBuffers(gpu, [size, size], async ([sources, copies]) => {
        const dispatch = await copying(gpu, sources!, copies!);
        return bestRate(gpu, dispatch, 2 * size, options);
      });
    } catch (thrown) {
      const isFull = thrown instanceof GpuRunError && thrown.failure.kind === 'out-of-memory';
      if (!isFull || size / 2 < MIN_COPY_BYTES) throw thrown;
      gpu.pool.trim();
      size /= 2;
    }
  }
}

async function peakRate(gpu: KernelDevice, options: RoofOptions): Promise<number> {
  const threads = gpu.traits.isSoftware ? SOFTWARE_PEAK_THREADS : PEAK_THREADS;
  return withBuffers(gpu, [32, threads * 16], async ([factors, sums]) => {
    gpu.device.queue.writeBuffer(factors!, 0, new Float32Array(8).fill(0.5));
    const dispatch = await peaking(gpu, factors!, sums!, PEAK_ROUNDS);
    return bestRate(gpu, dispatch, threads * PEAK_ROUNDS * FLOPS_PER_ROUND, options);
  });
}

type Dispatch = (pass: GPUComputePassEncoder) => void;

/** Copies all of `sources`, whose size in bytes is a multiple of 16. */
export async function copying(
  gpu: KernelDevice,
  sources: GPUBuffer,
  copies: GPUBuffer,
): Promise<Dispatch> {
  const constants = { THREADS: COPY_THREADS };
  const pipeline = await compiled(gpu, 'copy', copyShader, constants);
  return dispatching(gpu, pipeline, [sources, copies], COPY_THREADS / WORKGROUP_THREADS);
}

/** `rounds` of every thread that `sums` has a vec4f for; `factors` are two vec4f. */
export async function peaking(
  gpu: KernelDevice,
  factors: GPUBuffer,
  sums: GPUBuffer,
  rounds: number,
): Promise<Dispatch> {
  const pipeline = await compiled(gpu, 'peak', peakShader, { ROUNDS: rounds });
  return dispatching(gpu, pipeline, [factors, sums], Math.ceil(sums.size / 16 / WORKGROUP_THREADS));
}

function compiled(
  gpu: KernelDevice,
  entryPoint: string,
  code: string,
  constants: Readonly<Record<string, number>>,
): Promise<GPUComputePipeline> {
  const label = `roofline.${entryPoint}`;
  const module = gpu.device.createShaderModule({ label, code });
  const compute = { module, entryPoint, constants };
  const compiling = gpu.device.createComputePipelineAsync({ label, layout: 'auto', compute });
  return gpu.untilLost(compiling);
}

function dispatching(
  gpu: KernelDevice,
  pipeline: GPUComputePipeline,
  buffers: readonly GPUBuffer[],
  workgroups: number,
): Dispatch {
  const group = gpu.device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  return (pass) => {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(workgroups);
  };
}

/** Submits `dispatch` so many times; resolves when the GPU has done them. */
export async function submitted(
  gpu: KernelDevice,
  dispatch: Dispatch,
  times: number,
): Promise<void> {
  const { device } = gpu;
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (let i = 0; i < times; i++) dispatch(pass);
  pass.end();
  device.queue.submit([encoder.finish()]);
  await gpu.untilLost(device.queue.onSubmittedWorkDone());
}

/** Units a second, where one dispatch has `units`. */
async function bestRate(
  gpu: KernelDevice,
  dispatch: Dispatch,
  units: number,
  { now = () => performance.now(), measureMs = MEASURE_MS }: RoofOptions,
): Promise<number> {
  // Drivers compile at the first dispatch, and clear the buffers.
  await submitted(gpu, dispatch, 1);
  let best = 0;
  let times = 1;
  const endMs = now() + measureMs;
  do {
    const startMs = now();
    await submitted(gpu, dispatch, times);
    const tookMs = now() - startMs;
    best = Math.max(best, (units * times) / Math.max(tookMs, 0.001));
    if (tookMs < SHORTEST_MS) times = Math.min(2 * times, MAX_DISPATCHES);
  } while (now() < endMs);
  return best * 1000;
}

/** Lends buffers to `use`, and gives them back whatever becomes of it. */
async function withBuffers<T>(
  { pool }: KernelDevice,
  sizesBytes: readonly number[],
  use: (buffers: readonly GPUBuffer[]) => Promise<T>,
): Promise<T> {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
  const held: GPUBuffer[] = [];
  try {
    for (const size of sizesBytes) {
      const made = await pool.acquire(size, usage);
      if (!made.ok) throw new GpuRunError(made.error);
      held.push(made.value);
    }
    return await use(held);
  } finally {
    for (const buffer of held) pool.release(buffer);
  }
}
