/**
 * The catalogue on one device: arrays go in, arrays come out, from JavaScript's memory or staying where they are.
 *
 * Not a scheduler: calls are submitted in the order in which they are made, in slices of at most 50 ms. Invariant: what
 * a call allocates for itself is given back when the call ends, whichever way.
 */
import { elementCount, valuesOf } from '../../shared/tensor.ts';
import { loadKernel } from '../loadKernel.ts';
import { kernelId, variantsOf, type GpuKernel } from '../manifest.ts';
import { GpuRunError } from '../runtime/failure.ts';
import { align4 } from '../runtime/bufferPool.ts';
import { KernelDevice } from '../runtime/kernelDevice.ts';
import { ResidentKernel } from '../runtime/residentKernel.ts';
import { tunedVariant, type TuningMemory } from '../runtime/tuner.ts';
import { byteLength, dtypeOf, GpuArray, type AnyArray, type NdArray } from './arrays.ts';
import { KernelCallError, resolveCall, type ArraySpec, type KernelCall } from './call.ts';

/** Kernels with their parameters whose scratch is kept for the next call. */
const MAX_KEPT_KERNELS = 32;

export interface KernelsOptions {
  /**
   * Times the ways to compute a kernel when it is first called with some parameters, which takes up to a second, and takes
   * the fastest from then on. Without it the likeliest one is taken. A software adapter is never tuned: to compile the others
   * takes longer than the best of them wins.
   */
  readonly tune?: boolean;
  /** Where answers of the tuner are kept beyond this object. */
  readonly tuningMemory?: TuningMemory;
}

export interface RunOptions {
  /** Indices of the items, for kernels that compute from them (`montecarlo@1`, `pathtrace@1`, `mandelbrot@1`). 0 alone where absent. */
  readonly items?: readonly number[];
  /** Leaves outputs on the device, as an input there does. */
  readonly onDevice?: boolean;
}

export type Outputs<From extends AnyArray> = Readonly<Record<string, From>>;

export class DeviceKernels {
  readonly #gpu: KernelDevice;
  readonly #options: KernelsOptions;
  /** Least recently used first. */
  readonly #kept = new Map<string, Promise<ResidentKernel>>();
  /** Of calls whose outputs stay on the device: the next read waits for them. */
  #ended: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** `device` stays the caller's: closing destroys buffers that were made here, and nothing else. */
  constructor(device: GPUDevice, options: KernelsOptions = {}) {
    this.#gpu = new KernelDevice(device);
    this.#options = options;
  }

  get device(): GPUDevice {
    return this.#gpu.device;
  }

  /** Nothing works any more once the device is lost. */
  get isLost(): boolean {
    return this.#gpu.loss !== undefined;
  }

  /**
   * Runs any kernel of the catalogue, named `name@version`, over inputs by name. An input has the shape that the kernel's
   * manifest says, for all items, or further axes before it, which are the items.
   *
   * Rejects with `KernelCallError` where parameters or arrays do not fit, and `GpuRunError` where the device fails.
   */
  async run(
    id: string,
    params: unknown,
    inputs: Readonly<Record<string, AnyArray>> = {},
    { items, onDevice = false }: RunOptions = {},
  ): Promise<Outputs<AnyArray>> {
    this.#assertOpen();
    const kernel = await loadKernel(id);
    if (kernel === undefined) throw new KernelCallError(`the catalogue has no kernel "${id}"`);
    const specs = Object.fromEntries(
      Object.entries(inputs).map(([name, it]) => [name, this.#specOf(id, name, it)]),
    );
    const call = resolveCall(kernel.manifest, params, specs, items);
    const stays = onDevice || Object.values(inputs).some((it) => it instanceof GpuArray);
    const lent: GPUBuffer[] = [];
    const outputs: [string, GpuArray][] = [];
    let isDone = false;
    try {
      const buffers: Record<string, { buffer: GPUBuffer; sizeBytes: number }> = {};
      for (const [name, it] of Object.entries(inputs)) {
        const buffer = it instanceof GpuArray ? it.buffer : await this.#uploaded(it);
        if (!(it instanceof GpuArray)) lent.push(buffer);
        buffers[name] = { buffer, sizeBytes: byteLength(specs[name]!) };
      }
      for (const [name, spec] of Object.entries(call.outputs)) {
        const made = await this.#made(spec);
        outputs.push([name, made]);
        buffers[name] = { buffer: made.buffer, sizeBytes: byteLength(spec) };
      }
      const resident = await this.#resident(kernel, call);
      const { items: rows, constants } = call;
      const { ended } = await resident.run({ items: rows, constants, buffers });
      if (stays) {
        this.#ended = Promise.all([this.#ended, ended]);
        this.#ended.catch(() => undefined);
        isDone = true;
        return Object.fromEntries(outputs);
      }
      const read = await Promise.all(outputs.map(([, made]) => this.#read(made)));
      await ended;
      return Object.fromEntries(outputs.map(([name], i) => [name, read[i]!]));
    } finally {
      for (const buffer of lent) this.#gpu.pool.release(buffer);
      if (!isDone) for (const [, made] of outputs) made.destroy();
    }
  }

  /** To the device; the caller destroys it. */
  async upload(values: NdArray): Promise<GpuArray> {
    this.#assertOpen();
    const buffer = await this.#uploaded(values);
    return this.#owned(buffer, { dtype: dtypeOf(values), shape: values.shape });
  }

  /**
   * A buffer of the caller's own, with the usages STORAGE and COPY_SRC and its size a multiple of 4, as an array. It is
   * never destroyed here.
   */
  wrap(buffer: GPUBuffer, dtype: GpuArray['dtype'], shape: readonly number[]): GpuArray {
    const expected = align4(byteLength({ dtype, shape }));
    const what = `${dtype}[${shape.join(',')}]`;
    if (buffer.size < expected) {
      throw new KernelCallError(`expected ${expected} bytes for ${what}, came ${buffer.size}`);
    }
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
    if ((buffer.usage & usage) !== usage) {
      throw new KernelCallError(
        `expected a buffer with the usages STORAGE and COPY_SRC for ${what}`,
      );
    }
    return new GpuArray({ device: this.device, buffer, dtype, shape }, () => undefined);
  }

  /** From the device. Rejects where a call that it waited for has failed. */
  async download(values: GpuArray): Promise<NdArray> {
    this.#assertOpen();
    this.#assertHere(values, `an array [${values.shape.join(',')}]`);
    const [read] = await Promise.all([this.#read(values), this.#ended]);
    return read;
  }

  /** Destroys all buffers that were made here, results on the device among them. */
  close(): void {
    this.#isClosed = true;
    this.#kept.clear();
    this.#gpu.dispose();
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new KernelCallError('these kernels were closed');
  }

  #assertHere({ device, isDestroyed }: GpuArray, text: string): void {
    if (isDestroyed) throw new KernelCallError(`${text} was destroyed`);
    if (device !== this.device) throw new KernelCallError(`${text} lies on another device`);
  }

  #specOf(id: string, name: string, values: AnyArray): ArraySpec {
    const { shape } = values;
    const dtype = dtypeOf(values);
    const text = `${id}: "${name}" [${shape.join(',')}]`;
    if (values instanceof GpuArray) {
      this.#assertHere(values, text);
    } else if (values.data.length !== elementCount(shape)) {
      throw new KernelCallError(`${text} has ${values.data.length} values`);
    }
    return { dtype, shape };
  }

  async #uploaded({ data }: NdArray): Promise<GPUBuffer> {
    const buffer = await this.#acquire(data.byteLength);
    const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
    this.#gpu.write(buffer, bytes);
    return buffer;
  }

  async #made(spec: ArraySpec): Promise<GpuArray> {
    return this.#owned(await this.#acquire(byteLength(spec)), spec);
  }

  #owned(buffer: GPUBuffer, { dtype, shape }: ArraySpec): GpuArray {
    return new GpuArray({ device: this.device, buffer, dtype, shape }, () =>
      this.#gpu.pool.release(buffer),
    );
  }

  async #acquire(bytes: number): Promise<GPUBuffer> {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const made = await this.#gpu.untilLost(this.#gpu.pool.acquire(align4(bytes), usage));
    if (made.ok) return made.value;
    throw new GpuRunError(made.error);
  }

  /** Asked for at once, behind what is submitted. */
  async #read({ buffer, dtype, shape }: GpuArray): Promise<NdArray> {
    const bytes = byteLength({ dtype, shape });
    const packed = await this.#gpu.untilLost(this.#gpu.readBack(buffer, align4(bytes)));
    const data = valuesOf({ dtype, dims: shape, bytes: packed.subarray(0, bytes) });
    return { data, shape };
  }

  async #resident(kernel: GpuKernel, { params }: KernelCall): Promise<ResidentKernel> {
    const key = `${kernelId(kernel.manifest)} ${JSON.stringify(params)}`;
    let kept = this.#kept.get(key);
    this.#kept.delete(key);
    if (kept === undefined) {
      kept = this.#variant(kernel, params).then(
        (variant) => new ResidentKernel(this.#gpu, kernel, params, variant),
      );
      kept.catch(() => this.#kept.delete(key));
    }
    this.#kept.set(key, kept);
    for (const [oldest, one] of this.#kept) {
      if (this.#kept.size <= MAX_KEPT_KERNELS) break;
      this.#kept.delete(oldest);
      void one.then((it) => it.release()).catch(() => undefined);
    }
    return kept;
  }

  async #variant(kernel: GpuKernel, params: unknown) {
    const { traits } = this.#gpu;
    const { tune = false, tuningMemory: memory } = this.#options;
    if (!tune) return variantsOf(kernel.manifest, params, traits)[0];
    return tunedVariant(this.#gpu, kernel, params, memory === undefined ? {} : { memory });
  }
}
