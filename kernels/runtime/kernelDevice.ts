/**
 * What all kernels of one device share: its buffers, pipelines and readback ring, and the news of its loss.
 * Not the owner of the device: `deviceOwner.ts` acquires and destroys it.
 *
 * Invariant: after a loss nothing here works again; make a new one over the next device.
 */
import { assert, messageOf } from '../../shared/result.ts';
import type { DeviceTraits } from '../variants.ts';
import { traitsOf } from './adapterDescription.ts';
import { align4, BufferPool } from './bufferPool.ts';
import { GpuRunError, type GpuFailure } from './failure.ts';
import { PipelineCache } from './pipelineCache.ts';
import { ReadbackRing } from './readbackRing.ts';

export class KernelDevice {
  readonly device: GPUDevice;
  readonly pool: BufferPool;
  readonly pipelines: PipelineCache;
  readonly readback: ReadbackRing;
  readonly traits: DeviceTraits;
  #loss: GpuFailure | undefined;
  #isDisposed = false;
  /** Rejects what waits on the GPU. `Promise.race` with `device.lost` would hold every wait for ever. */
  readonly #waits = new Set<(error: GpuRunError) => void>();

  constructor(device: GPUDevice, pool: BufferPool = new BufferPool(device)) {
    this.device = device;
    this.pool = pool;
    this.pipelines = new PipelineCache(device);
    this.readback = new ReadbackRing(pool);
    this.traits = traitsOf(device);
    void device.lost.then(({ reason, message }) => {
      this.#loss = { kind: 'device-lost', reason, message };
      for (const reject of this.#waits) reject(new GpuRunError(this.#loss));
      this.#waits.clear();
    });
  }

  get loss(): GpuFailure | undefined {
    return this.#loss;
  }

  /** The same promise, except that it rejects with `GpuRunError` as soon as the device is lost. */
  untilLost<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#loss !== undefined) {
        void work.catch(() => undefined);
        reject(new GpuRunError(this.#loss));
        return;
      }
      this.#waits.add(reject);
      work
        .then(resolve, async (error: unknown) => {
          // A wait may fail a moment before the loss is told; the loss is the better reason.
          await Promise.race([this.device.lost, nextTask()]);
          if (this.#loss !== undefined) reject(new GpuRunError(this.#loss));
          else reject(error instanceof Error ? error : new Error(messageOf(error)));
        })
        .finally(() => this.#waits.delete(reject))
        .catch(reject);
    });
  }

  /** Queues bytes at the start of a buffer, whose size is a multiple of 4. */
  write(buffer: GPUBuffer, data: Uint8Array | Uint32Array): void {
    const { queue } = this.device;
    if (data.byteLength % 4 === 0) {
      queue.writeBuffer(buffer, 0, data as Uint8Array<ArrayBuffer>);
      return;
    }
    const padded = new Uint8Array(align4(data.byteLength));
    padded.set(data);
    queue.writeBuffer(buffer, 0, padded);
  }

  /** The first bytes of a buffer, a multiple of 4, as they are when all that was submitted has ended. */
  async readBack(buffer: GPUBuffer, sizeBytes: number): Promise<Uint8Array<ArrayBuffer>> {
    const slot = await this.untilLost(this.readback.take(sizeBytes));
    if (!slot.ok) throw new GpuRunError(slot.error);
    assert(!this.#isDisposed, 'KernelDevice: disposed of while a read waited');
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, slot.value.buffer, 0, sizeBytes);
    this.device.queue.submit([encoder.finish()]);
    return this.untilLost(slot.value.read(sizeBytes));
  }

  /** Destroys every buffer. The device itself stays: its owner destroys it. */
  dispose(): void {
    this.#isDisposed = true;
    this.pool.dispose();
  }
}

const nextTask = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
