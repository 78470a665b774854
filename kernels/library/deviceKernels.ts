/**
 * The catalogue on one device: arrays go in, arrays come out, from JavaScript's memory or staying where they are.
 *
 * Not a scheduler: of two calls that are made at once either may be submitted first, in slices of at most 50 ms. A call is
 * submitted when its promise resolves: what comes after sees its outputs. Invariant: what a call allocates for itself is
 * given back when the call ends, whichever way.
 */
import { valuesOf } from '../../shared/tensor.ts';
import { loadKernel } from '../loadKernel.ts';
import { kernelId, variantsOf, type GpuKernel } from '../manifest.ts';
import { GpuRunError } from '../runtime/failure.ts';
import { align4 } from '../runtime/bufferPool.ts';
import { KernelDevice } from '../runtime/kernelDevice.ts';
import { ResidentKernel } from '../runtime/residentKernel.ts';
import { tunedVariant, type TuningMemory } from '../runtime/tuner.ts';
import { Allocation } from './allocation.ts';
import {
  byteLength,
  dtypeOf,
  elementsOf,
  GpuArray,
  type AnyArray,
  type NdArray,
} from './arrays.ts';
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
  /** Tunings, one after another: two at once would time each other. */
  #tuned: Promise<unknown> = Promise.resolve();
  readonly #closing = new AbortController();

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
    const specs = Object.fromEntries(
      Object.entries(inputs).map(([name, it]) => [name, this.#specOf(`${id}: "${name}"`, it)]),
    );
    const used = Object.values(inputs).flatMap((it) => (it instanceof GpuArray ? it : []));
    // Before anything is waited for: the caller may destroy them as soon as it has called.
    for (const { allocation } of used) allocation.use();
    try {
      return await this.#whileOpen(async () => {
        const kernel = await loadKernel(id);
        if (kernel === undefined) {
          throw new KernelCallError(`the catalogue has no kernel "${id}"`);
        }
        const call = resolveCall(kernel.manifest, params, specs, items);
        return this.#compute(kernel, call, inputs, onDevice || used.length > 0);
      });
    } finally {
      for (const { allocation } of used) allocation.unuse();
    }
  }

  async #compute(
    kernel: GpuKernel,
    call: KernelCall,
    inputs: Readonly<Record<string, AnyArray>>,
    stays: boolean,
  ): Promise<Outputs<AnyArray>> {
    const temporary = new Set<GpuArray>();
    try {
      const bound = new Map<string, GpuArray>();
      for (const [name, it] of Object.entries(inputs)) {
        const array = it instanceof GpuArray ? it : await this.#uploaded(it);
        if (array !== it) temporary.add(array);
        bound.set(name, array);
      }
      const outputs: [string, GpuArray][] = [];
      for (const [name, spec] of Object.entries(call.outputs)) {
        const made = await this.#made(spec);
        temporary.add(made);
        outputs.push([name, made]);
        bound.set(name, made);
      }
      const resident = await this.#resident(kernel, call);
      const { items, constants } = call;
      const buffers = Object.fromEntries(
        Array.from(bound, ([name, array]) => [
          name,
          { buffer: array.buffer, sizeBytes: byteLength(array) },
        ]),
      );
      const { ended } = await resident.run({ items, constants, buffers });
      if (!stays) {
        const read = await Promise.all(outputs.map(([, made]) => this.#read(made)));
        await ended;
        return Object.fromEntries(outputs.map(([name], i) => [name, read[i]!]));
      }
      const before = Array.from(bound.values(), ({ allocation }) => allocation.filled);
      const filled = Promise.all([ended, ...before]).then(() => undefined);
      // Who reads it hears of a failure.
      filled.catch(() => undefined);
      for (const [, made] of outputs) {
        made.allocation.filled = filled;
        temporary.delete(made);
      }
      return Object.fromEntries(outputs);
    } finally {
      for (const array of temporary) array.destroy();
    }
  }

  /** To the device; the caller destroys it. */
  async upload(values: NdArray): Promise<GpuArray> {
    this.#specOf('upload:', values);
    return this.#whileOpen(() => this.#uploaded(values));
  }

  /**
   * A buffer of the caller's own, with the usages STORAGE and COPY_SRC and its size a multiple of 4, as an array. It is
   * never destroyed here.
   */
  wrap(buffer: GPUBuffer, dtype: GpuArray['dtype'], shape: readonly number[]): GpuArray {
    elementsOf(shape);
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
    return new GpuArray(new Allocation(this.device, buffer, () => undefined), { dtype, shape });
  }

  /** From the device. Rejects where a call that it comes of has failed. */
  async download(values: GpuArray): Promise<NdArray> {
    this.#specOf('download: an array', values);
    const { allocation } = values;
    allocation.use();
    return this.#whileOpen(async () => {
      const [read] = await Promise.all([this.#read(values), allocation.filled]);
      return read;
    }).finally(() => allocation.unuse());
  }

  /** Destroys all buffers that were made here, results on the device among them. Calls that are under way reject. */
  close(): void {
    this.#closing.abort(new KernelCallError(CLOSED));
    this.#kept.clear();
    this.#gpu.dispose();
  }

  /** Whatever fails because of a close says so. */
  async #whileOpen<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this.#closing;
    try {
      signal.throwIfAborted();
      const done = await work();
      signal.throwIfAborted();
      return done;
    } catch (thrown) {
      throw signal.aborted ? new KernelCallError(CLOSED, { cause: thrown }) : thrown;
    }
  }

  #assertHere({ device, isDestroyed }: GpuArray, text: string): void {
    if (isDestroyed) throw new KernelCallError(`${text} was destroyed`);
    if (device !== this.device) throw new KernelCallError(`${text} lies on another device`);
  }

  #specOf(what: string, values: AnyArray): ArraySpec {
    const { shape } = values;
    const dtype = dtypeOf(values);
    const text = `${what} [${shape.join(',')}]`;
    if (values instanceof GpuArray) {
      this.#assertHere(values, text);
    } else if (values.data.length !== elementsOf(shape)) {
      throw new KernelCallError(`${text} has ${values.data.length} values`);
    }
    return { dtype, shape };
  }

  async #uploaded(values: NdArray): Promise<GpuArray> {
    const { data, shape } = values;
    const made = await this.#made({ dtype: dtypeOf(values), shape });
    const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
    this.#gpu.write(made.buffer, bytes);
    return made;
  }

  async #made(spec: ArraySpec): Promise<GpuArray> {
    const buffer = await this.#acquire(byteLength(spec));
    const giveBack = () => this.#gpu.pool.release(buffer);
    return new GpuArray(new Allocation(this.device, buffer, giveBack), spec);
  }

  async #acquire(bytes: number): Promise<GPUBuffer> {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const made = await this.#gpu.untilLost(this.#gpu.pool.acquire(align4(bytes), usage));
    // Closed meanwhile, nothing may be written to it any more.
    this.#closing.signal.throwIfAborted();
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
        (variant) => new ResidentKernel(this.#gpu, kernel, params, variant, this.#closing.signal),
      );
      const own = kept;
      kept.catch(() => {
        if (this.#kept.get(key) === own) this.#kept.delete(key);
      });
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
    const { signal } = this.#closing;
    const options = { signal, ...(memory === undefined ? {} : { memory }) };
    const tuned = this.#tuned.then(() => tunedVariant(this.#gpu, kernel, params, options));
    this.#tuned = tuned.catch(() => undefined);
    return tuned;
  }
}

const CLOSED = 'these kernels were closed';
