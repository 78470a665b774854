/**
 * Records and submits the slices of one plan, and times them. Holds the uniform buffer of bases; everything
 * else it is handed.
 *
 * Invariant: at most `maxInFlight` slices are queued on the GPU, each recorded under a validation scope: an
 * invalid command is a bug of ours and must not pass as a wrong result.
 */
import { assert } from '../../shared/result.ts';
import type { DispatchPlan, KernelPass } from '../plan.ts';
import type { Calibration } from './calibration.ts';
import { GpuRunError } from './failure.ts';
import type { BoundBuffer, KernelBuffers } from './kernelBuffers.ts';
import type { KernelDevice } from './kernelDevice.ts';
import type { CompiledKernel } from './pipelineCache.ts';
import { MAX_BASES_PER_SLICE, slicesOf, type Slice } from './slices.ts';

/** The default `minUniformBufferOffsetAlignment`; devices may only offer less. */
const BASE_STRIDE_BYTES = 256;
const BASE_BYTES = 16;
const BASES_BUFFER = 'base';

export interface SubmitterOptions {
  readonly budgetMs: () => number;
  readonly maxInFlight: () => number;
  readonly signal: AbortSignal | undefined;
  readonly betweenSlices: (() => void | Promise<void>) | undefined;
  readonly now: () => number;
}

export class SliceSubmitter {
  readonly #gpu: KernelDevice;
  readonly #buffers: KernelBuffers;
  readonly #calibration: Calibration;
  readonly #options: SubmitterOptions;
  readonly #bases = new Uint32Array((MAX_BASES_PER_SLICE * BASE_STRIDE_BYTES) / 4);
  /** When the GPU last became free of a slice of ours. */
  #freeAtMs = 0;

  constructor(
    gpu: KernelDevice,
    buffers: KernelBuffers,
    calibration: Calibration,
    options: SubmitterOptions,
  ) {
    this.#gpu = gpu;
    this.#buffers = buffers;
    this.#calibration = calibration;
    this.#options = options;
  }

  /**
   * Runs all passes over the bound buffers; resolves when the last slice has been submitted, and every earlier
   * one but `maxInFlight` has ended. Both promises reject with `GpuRunError` or the signal's reason.
   */
  async run(
    kernel: CompiledKernel,
    plan: DispatchPlan,
    bound: readonly BoundBuffer[],
  ): Promise<{ readonly ended: Promise<unknown> }> {
    const { device } = this.#gpu;
    const bases = await this.#buffers.ensure(
      BASES_BUFFER,
      this.#bases.byteLength,
      GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    );
    if (!bases.ok) throw new GpuRunError(bases.error);
    const pipelines = await this.#pipelinesOf(kernel, plan.passes);
    const group = device.createBindGroup({
      layout: kernel.layout,
      entries: [
        { binding: 0, resource: { buffer: bases.value.buffer, size: BASE_BYTES } },
        ...bound.map(({ buffer, sizeBytes }, i) => ({
          binding: plan.bindings[i]!.binding ?? i + 1,
          resource: { buffer, size: sizeBytes },
        })),
      ],
    });
    const { signal, betweenSlices, budgetMs, maxInFlight } = this.#options;
    const inFlight: Promise<void>[] = [];
    const perDimension = device.limits.maxComputeWorkgroupsPerDimension;
    try {
      for (const slice of slicesOf(plan.passes, this.#calibration, budgetMs, perDimension)) {
        while (inFlight.length >= maxInFlight()) await inFlight.shift();
        await betweenSlices?.();
        signal?.throwIfAborted();
        inFlight.push(this.#submit(slice, pipelines, group, bases.value.buffer));
      }
    } catch (thrown) {
      for (const ending of inFlight) ending.catch(() => undefined);
      throw thrown;
    }
    const ended = Promise.all(inFlight);
    // Who waits for it hears of a failure; who cannot any more has had another one.
    ended.catch(() => undefined);
    return { ended };
  }

  async #pipelinesOf(kernel: CompiledKernel, passes: readonly KernelPass[]) {
    const pipelines = new Map<KernelPass, GPUComputePipeline>();
    for (const pass of new Set(passes)) {
      const compiling = kernel.pipeline(pass.entryPoint, pass.constants);
      const pipeline = await this.#gpu.untilLost(compiling);
      if (!pipeline.ok) throw new GpuRunError(pipeline.error);
      pipelines.set(pass, pipeline.value);
    }
    return pipelines;
  }

  /** Resolves when the GPU has finished the slice. */
  async #submit(
    slice: Slice,
    pipelines: ReadonlyMap<KernelPass, GPUComputePipeline>,
    group: GPUBindGroup,
    bases: GPUBuffer,
  ): Promise<void> {
    const { device } = this.#gpu;
    const { now } = this.#options;
    device.pushErrorScope('validation');
    const encoder = device.createCommandEncoder();
    const recording = encoder.beginComputePass();
    const slots = new Map<string, number>();
    let current: GPUComputePipeline | undefined;
    for (const { pass, base, count } of slice.dispatches) {
      const key = base.join();
      let slot = slots.get(key);
      if (slot === undefined) {
        slot = slots.size;
        slots.set(key, slot);
        this.#bases.set(base, (slot * BASE_STRIDE_BYTES) / 4);
      }
      const pipeline = pipelines.get(pass)!;
      if (pipeline !== current) recording.setPipeline(pipeline);
      current = pipeline;
      recording.setBindGroup(0, group, [slot * BASE_STRIDE_BYTES]);
      recording.dispatchWorkgroups(...count);
    }
    recording.end();
    const usedWords = (slots.size * BASE_STRIDE_BYTES) / 4;
    device.queue.writeBuffer(bases, 0, this.#bases, 0, usedWords);
    const submittedAtMs = now();
    device.queue.submit([encoder.finish()]);
    const scope = device.popErrorScope();
    await this.#gpu.untilLost(device.queue.onSubmittedWorkDone());
    const endedAtMs = now();
    this.#calibration.record(slice.work, endedAtMs - Math.max(submittedAtMs, this.#freeAtMs));
    this.#freeAtMs = endedAtMs;
    const error = await this.#gpu.untilLost(scope);
    assert(error === null, `invalid GPU command: ${error?.message}`);
  }
}
