/**
 * The GPU buffers of one kernel runner: held across runs, grown when a run needs more, given back at the end.
 *
 * Invariant: a name has at most one buffer. Constant inputs are uploaded once per tensor object, so a
 * constant's bytes must not be changed in place.
 */
import type { ItemBatch } from '../../shared/program.ts';
import { ok, type Result } from '../../shared/result.ts';
import { byteLengthOf, type TensorSpec } from '../../shared/tensor.ts';
import { batchInput } from '../batchInputs.ts';
import type { KernelManifest } from '../manifest.ts';
import { ITEMS_BINDING, type DispatchPlan } from '../plan.ts';
import { align4 } from './bufferPool.ts';
import type { GpuFailure } from './failure.ts';
import type { KernelDevice } from './kernelDevice.ts';

/** Inputs, outputs and scratch: read and written by kernels, filled and read back by copies. */
const STORAGE_USAGE = () =>
  GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;

/** A bound part of a buffer; its first `sizeBytes`. */
export interface BoundBuffer {
  readonly buffer: GPUBuffer;
  readonly sizeBytes: number;
}

export class KernelBuffers {
  readonly #gpu: KernelDevice;
  readonly #held = new Map<string, GPUBuffer>();
  /** The constant whose bytes lie in the buffer of this name. */
  readonly #uploaded = new Map<string, Uint8Array>();

  constructor(gpu: KernelDevice) {
    this.#gpu = gpu;
  }

  /** At least `sizeBytes` under this name, its content kept only if it need not grow. */
  async ensure(
    name: string,
    sizeBytes: number,
    usage: GPUBufferUsageFlags = STORAGE_USAGE(),
  ): Promise<Result<BoundBuffer, GpuFailure>> {
    const size = align4(sizeBytes);
    const max = this.#gpu.device.limits.maxStorageBufferBindingSize;
    if (size > max) {
      const failure = { kind: 'too-large', limit: 'maxStorageBufferBindingSize', max, came: size };
      return { ok: false, error: failure as GpuFailure };
    }
    const held = this.#held.get(name);
    if (held !== undefined && held.size >= size) return ok({ buffer: held, sizeBytes: size });
    this.#drop(name);
    const made = await this.#gpu.untilLost(this.#gpu.pool.acquire(size, usage));
    if (!made.ok) return made;
    this.#held.set(name, made.value);
    return ok({ buffer: made.value, sizeBytes: size });
  }

  /** Rows `[start, end)` of an input (or the whole constant) in its buffer. */
  async upload(
    name: string,
    spec: TensorSpec,
    batch: ItemBatch,
    start: number,
    end: number,
  ): Promise<Result<BoundBuffer, GpuFailure>> {
    const input = batchInput(batch, name, spec);
    const itemBytes = byteLengthOf(spec);
    const bytes =
      input.kind === 'constant'
        ? input.tensor.bytes
        : input.tensor.bytes.subarray(start * itemBytes, end * itemBytes);
    const bound = await this.ensure(name, bytes.byteLength);
    if (!bound.ok) return bound;
    if (input.kind === 'constant' && this.#uploaded.get(name) === bytes) return bound;
    this.#gpu.write(bound.value.buffer, bytes);
    if (input.kind === 'constant') this.#uploaded.set(name, bytes);
    else this.#uploaded.delete(name);
    return bound;
  }

  /** Everything a plan binds, in the plan's order, with the inputs of rows `[start, end)` in place. */
  async bind(
    manifest: KernelManifest,
    params: unknown,
    plan: DispatchPlan,
    batch: ItemBatch,
    start: number,
    end: number,
  ): Promise<Result<BoundBuffer[], GpuFailure>> {
    const inputs = manifest.inputs(params);
    const outputs = manifest.outputs(params);
    const bound: BoundBuffer[] = [];
    for (const { name } of plan.bindings) {
      const input = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
      const output = Object.hasOwn(outputs, name) ? outputs[name] : undefined;
      let made: Result<BoundBuffer, GpuFailure>;
      if (input !== undefined) {
        made = await this.upload(name, input, batch, start, end);
      } else if (output !== undefined) {
        made = await this.ensure(name, (end - start) * byteLengthOf(output));
      } else if (name === ITEMS_BINDING) {
        made = await this.ensure(name, 4 * (end - start));
        if (made.ok) {
          this.#gpu.write(made.value.buffer, Uint32Array.from(batch.items.slice(start, end)));
        }
      } else {
        made = await this.ensure(name, plan.scratchBytes[name]!);
      }
      if (!made.ok) return made;
      bound.push(made.value);
    }
    return ok(bound);
  }

  /** Gives every buffer back to the pool. */
  release(): void {
    for (const name of [...this.#held.keys()]) this.#drop(name);
  }

  #drop(name: string): void {
    const held = this.#held.get(name);
    if (held !== undefined) this.#gpu.pool.release(held);
    this.#held.delete(name);
    this.#uploaded.delete(name);
  }
}
