/**
 * A catalogue kernel on a GPU as an `ItemRunner`. Not a scheduler: which job runs, and when, is the caller's.
 *
 * A run uploads its rows, submits slices of which at most 50 ms are queued (16 ms in polite mode), and reads the outputs
 * back. Between slices it can be paused, cancelled, or told that the device is gone.
 *
 * Invariant: runs take turns on the runner's buffers; the read of one may overlap the next one's compute.
 */
import { MAX_ITEMS_PER_SHARD } from '../../shared/limits.ts';
import type { ItemBatch, ItemRunner } from '../../shared/program.ts';
import { assert, type Result } from '../../shared/result.ts';
import { byteLengthOf, elementCount, type NamedTensors, type Tensor } from '../../shared/tensor.ts';
import { kernelId, shaderText, variantsOf, type GpuKernel } from '../manifest.ts';
import { stridesOf, type DispatchPlan } from '../plan.ts';
import type { KernelVariant } from '../variants.ts';
import { align4 } from './bufferPool.ts';
import { Calibration } from './calibration.ts';
import { GpuRunError, type GpuFailure } from './failure.ts';
import { KernelBuffers, type BoundBuffer } from './kernelBuffers.ts';
import type { KernelDevice } from './kernelDevice.ts';
import type { CompiledKernel } from './pipelineCache.ts';
import { POLITE_SLICE_MS, SLICE_MS } from './slices.ts';
import { SliceSubmitter } from './sliceSubmitter.ts';

/** Slices of one run: the wait for its read, 0.5 to 2 ms, then costs at most 1 %. */
const SLICES_PER_RUN = 4;
/** One runs and one waits, so that the GPU never does. */
const SLICES_QUEUED = 2;
/** All buffers of one run, outputs and scratch included. */
const MAX_RUN_BYTES = 128 * 1024 * 1024;

/** A kernel of the catalogue, or an author's, which has no reference. */
export type RunnableKernel = Pick<GpuKernel, 'manifest' | 'shader'>;

export interface GpuRunnerOptions {
  /** `polite` while somebody uses the page: shorter slices, one at a time. Asked before every slice. */
  readonly pace?: () => 'normal' | 'polite';
  /** Cancels: the run rejects with the signal's reason before its next slice. */
  readonly signal?: AbortSignal;
  /** Awaited before every slice: a pause is a promise that resolves later. */
  readonly betweenSlices?: () => void | Promise<void>;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** The first that the kernel offers for the device, where absent. */
  readonly variant?: KernelVariant;
}

export interface GpuKernelRunner extends ItemRunner {
  /** Waits for the running run, then gives the buffers back. The device stays. */
  dispose(): Promise<void>;
  /** What the calibration says one item takes now, in milliseconds; undefined before the first slice. */
  readonly msPerItem: number | undefined;
}

/**
 * `params` must have been parsed by the entry's own schema. Runs reject with `GpuRunError` (device lost, no
 * memory, too large, refused by the driver), `KernelInputError`, or the signal's reason.
 */
export function gpuKernelRunner(
  gpu: KernelDevice,
  entry: RunnableKernel,
  params: unknown,
  options: GpuRunnerOptions = {},
): GpuKernelRunner {
  return new Runner(gpu, entry, params, options);
}

class Runner implements GpuKernelRunner {
  readonly #gpu: KernelDevice;
  readonly #entry: RunnableKernel;
  readonly #params: unknown;
  readonly #options: GpuRunnerOptions;
  readonly #variant: KernelVariant;
  readonly #buffers: KernelBuffers;
  readonly #calibration = new Calibration();
  readonly #submitter: SliceSubmitter;
  readonly #outputs: readonly (readonly [name: string, dims: readonly number[], bytes: number])[];
  readonly #workPerItem: ReadonlyMap<string, number>;
  readonly #slicesPerRun: number;
  #kernel: CompiledKernel | undefined;
  /** Rows that fit by the device's limits, given which inputs are constant. */
  #rowsByLimits: number;
  /** Rows that fitted when the GPU ran out of memory. */
  #rowsByMemory = Infinity;
  #turn: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(
    gpu: KernelDevice,
    entry: RunnableKernel,
    params: unknown,
    options: GpuRunnerOptions,
  ) {
    this.#gpu = gpu;
    this.#entry = entry;
    this.#params = params;
    this.#options = options;
    this.#variant = options.variant ?? variantsOf(entry.manifest, params, gpu.traits)[0];
    this.#buffers = new KernelBuffers(gpu);
    const polite = () => options.pace?.() === 'polite';
    this.#submitter = new SliceSubmitter(gpu, this.#buffers, this.#calibration, {
      // What is queued cannot be called back: one slice's time in all, so that a pause is soon kept.
      budgetMs: () => (polite() ? POLITE_SLICE_MS : SLICE_MS / SLICES_QUEUED),
      maxInFlight: () => (polite() ? 1 : SLICES_QUEUED),
      signal: options.signal,
      betweenSlices: options.betweenSlices,
      now: options.now ?? (() => performance.now()),
    });
    const { manifest } = entry;
    this.#outputs = Object.entries(manifest.outputs(params)).map(
      ([name, spec]) => [name, spec.dims, byteLengthOf(spec)] as const,
    );
    const one = this.#planFor(1, {});
    this.#workPerItem = workOf(one);
    this.#slicesPerRun = one.passes.some(({ isWhole }) => isWhole === true) ? 1 : SLICES_PER_RUN;
    this.#rowsByLimits = this.#rowsThatFit(one, {});
  }

  get itemsPerRun(): number {
    const polite = this.#options.pace?.() === 'polite';
    const runMs = this.#slicesPerRun * (polite ? POLITE_SLICE_MS : SLICE_MS);
    const affordable = Math.floor(runMs / this.#estimatePerItemMs());
    const rows = Math.min(affordable, this.#rowsByLimits, this.#rowsByMemory);
    // A power of two, so that a better estimate rarely asks for other buffers.
    return rows < 1 ? 1 : 2 ** Math.floor(Math.log2(rows));
  }

  get msPerItem(): number | undefined {
    return this.#calibration.slices === 0 ? undefined : this.#estimatePerItemMs();
  }

  async run(batch: ItemBatch, start: number, end: number): Promise<NamedTensors> {
    assert(start < end && end <= batch.items.length, `run: rows [${start}, ${end})`);
    try {
      const { reading } = await this.#inTurn(() => this.#compute(batch, start, end));
      return this.#unpacked(await reading, end - start);
    } catch (thrown) {
      if (!isOutOfMemory(thrown) || end - start === 1) throw thrown;
      // Fewer rows need less: halve until it fits, and stay there.
      const middle = start + Math.ceil((end - start) / 2);
      this.#rowsByMemory = middle - start;
      await this.#inTurn(() => {
        this.#buffers.release();
        this.#gpu.pool.trim();
      });
      const first = await this.run(batch, start, middle);
      return joinRows(first, await this.run(batch, middle, end));
    }
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    await this.#inTurn(() => this.#buffers.release());
    this.#disposed = true;
  }

  /** Resolves when the buffers are free for the next run. */
  async #compute(
    batch: ItemBatch,
    start: number,
    end: number,
  ): Promise<{ readonly reading: Promise<Uint8Array<ArrayBuffer>> }> {
    assert(!this.#disposed, 'GpuKernelRunner: run after dispose');
    const rows = end - start;
    const plan = this.#planFor(rows, batch.constants);
    this.#rowsByLimits = this.#rowsThatFit(plan, batch.constants, rows);
    const { manifest } = this.#entry;
    const bound = value(await this.#buffers.bind(manifest, this.#params, plan, batch, start, end));
    if (plan.clearsOutputs === true) this.#clearOutputs(plan, bound);
    const { ended } = await this.#submitter.run(this.#compiled(plan), plan, bound);
    const totalBytes = this.#outputs.reduce((sum, [, , bytes]) => sum + align4(rows * bytes), 0);
    const slot = value(await this.#gpu.untilLost(this.#gpu.readback.take(totalBytes)));
    const encoder = this.#gpu.device.createCommandEncoder();
    let offset = 0;
    for (const [name, , bytes] of this.#outputs) {
      const { buffer } = bound[plan.bindings.findIndex((binding) => binding.name === name)]!;
      encoder.copyBufferToBuffer(buffer, 0, slot.buffer, offset, align4(rows * bytes));
      offset += align4(rows * bytes);
    }
    this.#gpu.device.queue.submit([encoder.finish()]);
    // Asked for right behind the last slice: a wait for that one first would cost 0.4 ms more.
    const reading = this.#gpu.untilLost(slot.read(totalBytes));
    reading.catch(() => undefined);
    await ended;
    return { reading };
  }

  #clearOutputs({ bindings }: DispatchPlan, bound: readonly BoundBuffer[]): void {
    const encoder = this.#gpu.device.createCommandEncoder();
    for (const [name] of this.#outputs) {
      const { buffer, sizeBytes } = bound[bindings.findIndex((binding) => binding.name === name)]!;
      encoder.clearBuffer(buffer, 0, sizeBytes);
    }
    this.#gpu.device.queue.submit([encoder.finish()]);
  }

  #unpacked(packed: Uint8Array<ArrayBuffer>, rows: number): NamedTensors {
    const taken: Record<string, Tensor> = {};
    const specs = this.#entry.manifest.outputs(this.#params);
    let offset = 0;
    for (const [name, dims, bytes] of this.#outputs) {
      taken[name] = {
        dtype: specs[name]!.dtype,
        dims: [rows, ...dims],
        bytes: packed.subarray(offset, offset + rows * bytes),
      };
      offset += align4(rows * bytes);
    }
    return taken;
  }

  #compiled(plan: DispatchPlan): CompiledKernel {
    if (this.#kernel !== undefined) return this.#kernel;
    const { manifest } = this.#entry;
    const text = shaderText(this.#entry, this.#params, this.#variant);
    const label = `${kernelId(manifest)}/${this.#variant.name}`;
    this.#kernel = this.#gpu.pipelines.kernel(label, text, plan.bindings);
    return this.#kernel;
  }

  #planFor(rows: number, constants: NamedTensors): DispatchPlan {
    const inputs = Object.entries(this.#entry.manifest.inputs(this.#params));
    const elements = inputs.map(([name, spec]) => [name, elementCount(spec.dims)] as const);
    const strides = stridesOf(Object.fromEntries(elements), constants);
    return this.#entry.manifest.plan(this.#params, { rows, strides }, this.#variant);
  }

  /** Rows whose buffers fit a run, from what `rows` of them take; never more than a shard has. */
  #rowsThatFit(plan: DispatchPlan, constants: NamedTensors, rows = 1): number {
    const inputs = Object.entries(this.#entry.manifest.inputs(this.#params));
    const perRow = [
      ...inputs.filter(([name]) => !Object.hasOwn(constants, name)).map(([, s]) => byteLengthOf(s)),
      ...this.#outputs.map(([, , bytes]) => bytes),
      ...Object.values(plan.scratchBytes).map((bytes) => bytes / rows),
    ];
    const { maxStorageBufferBindingSize } = this.#gpu.device.limits;
    const byBinding = maxStorageBufferBindingSize / Math.max(...perRow);
    const byRun = MAX_RUN_BYTES / perRow.reduce((sum, bytes) => sum + bytes, 0);
    const { maxComputeWorkgroupsPerDimension } = this.#gpu.device.limits;
    const most = Math.min(MAX_ITEMS_PER_SHARD, maxComputeWorkgroupsPerDimension);
    return Math.max(Math.floor(Math.min(byBinding, byRun, most)), 1);
  }

  #estimatePerItemMs(): number {
    let sum = 0;
    for (const [entryPoint, flops] of this.#workPerItem) {
      sum += this.#calibration.estimateMs({ entryPoint, flops });
    }
    return sum;
  }

  #inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function workOf(plan: DispatchPlan): Map<string, number> {
  const work = new Map<string, number>();
  for (const { entryPoint, workgroups, flopsPerWorkgroup } of plan.passes) {
    const flops = workgroups[0] * workgroups[1] * workgroups[2] * flopsPerWorkgroup;
    work.set(entryPoint, (work.get(entryPoint) ?? 0) + flops);
  }
  return work;
}

function value<T>(result: Result<T, GpuFailure>): T {
  if (result.ok) return result.value;
  throw new GpuRunError(result.error);
}

const isOutOfMemory = (thrown: unknown): boolean =>
  thrown instanceof GpuRunError && thrown.failure.kind === 'out-of-memory';

function joinRows(first: NamedTensors, second: NamedTensors): NamedTensors {
  const joined = Object.entries(first).map(([name, a]) => {
    const b = second[name]!;
    const bytes = new Uint8Array(a.bytes.byteLength + b.bytes.byteLength);
    bytes.set(a.bytes);
    bytes.set(b.bytes, a.bytes.byteLength);
    return [name, { dtype: a.dtype, dims: [a.dims[0]! + b.dims[0]!, ...a.dims.slice(1)], bytes }];
  });
  return Object.fromEntries(joined) as NamedTensors;
}
