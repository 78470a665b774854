/**
 * One kernel over buffers that lie on the device already and stay there: what a library of kernels is made of. Uploads and
 * reads nothing back.
 *
 * Invariant: runs are submitted one after another, so that they may share scratch: the device keeps their order.
 */
import { elementCount } from '../../shared/tensor.ts';
import { kernelId, shaderText } from '../manifest.ts';
import { ITEMS_BINDING } from '../plan.ts';
import type { KernelVariant } from '../variants.ts';
import { align4 } from './bufferPool.ts';
import { Calibration } from './calibration.ts';
import { GpuRunError } from './failure.ts';
import type { RunnableKernel } from './gpuKernelRunner.ts';
import { KernelBuffers, type BoundBuffer } from './kernelBuffers.ts';
import type { KernelDevice } from './kernelDevice.ts';
import type { CompiledKernel } from './pipelineCache.ts';
import { SLICE_MS } from './slices.ts';
import { SliceSubmitter } from './sliceSubmitter.ts';

/** One runs and one waits, so that the GPU never does. */
const SLICES_QUEUED = 2;

export interface ResidentRun {
  readonly items: readonly number[];
  /** Inputs that all items share; the others lie stacked. */
  readonly constants: ReadonlySet<string>;
  /** Of every input and output, by name; outputs need not be cleared. */
  readonly buffers: Readonly<Record<string, BoundBuffer>>;
}

export class ResidentKernel {
  readonly #gpu: KernelDevice;
  readonly #kernel: RunnableKernel;
  readonly #params: unknown;
  readonly #variant: KernelVariant;
  readonly #buffers: KernelBuffers;
  readonly #submitter: SliceSubmitter;
  #compiled: CompiledKernel | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #isReleased = false;

  /** `params` must have been parsed by the kernel's own schema. `signal` ends what is not submitted. */
  constructor(
    gpu: KernelDevice,
    kernel: RunnableKernel,
    params: unknown,
    variant: KernelVariant,
    signal?: AbortSignal,
  ) {
    this.#gpu = gpu;
    this.#kernel = kernel;
    this.#params = params;
    this.#variant = variant;
    this.#buffers = new KernelBuffers(gpu);
    this.#submitter = new SliceSubmitter(gpu, this.#buffers, new Calibration(), {
      budgetMs: () => SLICE_MS / SLICES_QUEUED,
      maxInFlight: () => SLICES_QUEUED,
      signal,
      betweenSlices: undefined,
      now: () => performance.now(),
    });
  }

  /**
   * Resolves when all of it is submitted: what is submitted later sees its outputs. Both promises reject with `GpuRunError`.
   */
  run(what: ResidentRun): Promise<{ readonly ended: Promise<unknown> }> {
    const submitted = this.#turn
      .then(() => this.#submit(what))
      .finally(() => {
        if (this.#isReleased) this.#buffers.release();
      });
    this.#turn = submitted.catch(() => undefined);
    return submitted;
  }

  /** Gives scratch back, now and after whatever is still run: nothing is kept from run to run any more. */
  async release(): Promise<void> {
    this.#isReleased = true;
    await this.#turn;
    this.#buffers.release();
  }

  async #submit({ items, constants, buffers }: ResidentRun) {
    const { manifest } = this.#kernel;
    const strides = Object.fromEntries(
      Object.entries(manifest.inputs(this.#params)).map(([name, { dims }]) => [
        name,
        constants.has(name) ? 0 : elementCount(dims),
      ]),
    );
    const plan = manifest.plan(this.#params, { rows: items.length, strides }, this.#variant);
    const bound: BoundBuffer[] = [];
    for (const { name } of plan.bindings) {
      const given = Object.hasOwn(buffers, name) ? buffers[name] : undefined;
      if (given !== undefined) {
        bound.push(this.#whole(given));
        continue;
      }
      const bytes = name === ITEMS_BINDING ? 4 * items.length : plan.scratchBytes[name]!;
      const made = await this.#buffers.ensure(name, bytes);
      if (!made.ok) throw new GpuRunError(made.error);
      if (name === ITEMS_BINDING) this.#gpu.write(made.value.buffer, Uint32Array.from(items));
      bound.push(made.value);
    }
    const label = `${kernelId(manifest)}/${this.#variant.name}`;
    const text = () => shaderText(this.#kernel, this.#params, this.#variant);
    this.#compiled ??= this.#gpu.pipelines.kernel(label, text(), plan.bindings);
    return this.#submitter.run(this.#compiled, plan, bound);
  }

  #whole({ buffer, sizeBytes }: BoundBuffer): BoundBuffer {
    const came = align4(sizeBytes);
    const limit = 'maxStorageBufferBindingSize';
    const max = this.#gpu.device.limits[limit];
    if (came > max) throw new GpuRunError({ kind: 'too-large', limit, max, came });
    return { buffer, sizeBytes: came };
  }
}
