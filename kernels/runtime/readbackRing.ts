/**
 * A ring of mappable buffers that bring results to the CPU, so that one read can be mapped while the next
 * run is being copied. Not a queue of results: whoever takes a slot must read it.
 *
 * Invariant: a buffer serves one read at a time; mapping it twice at once is an error in WebGPU.
 */
import { ok, type Result } from '../../shared/result.ts';
import type { BufferPool } from './bufferPool.ts';
import type { GpuFailure } from './failure.ts';

/** A 64 KiB read takes 0.5 ms with a ring of 4 and 0.9 ms one by one (SwiftShader); 3 is nearly as good. */
export const READBACK_SLOTS = 3;

/** One read in the making: record copies into `buffer`, submit, then `read` once, in any case. */
export interface ReadbackSlot {
  readonly buffer: GPUBuffer;
  /** Waits for the submitted copies and returns the first `sizeBytes` bytes; the caller owns them. */
  read(sizeBytes: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Gives the slot back unread. Harmless after `read`. */
  release(): void;
}

export class ReadbackRing {
  readonly #pool: BufferPool;
  /** Buffers of free slots; undefined where a slot never had one. */
  readonly #free: (GPUBuffer | undefined)[] = new Array<undefined>(READBACK_SLOTS).fill(undefined);
  readonly #waiting: (() => void)[] = [];

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /** A slot of at least `sizeBytes`; waits while all of them are being read. */
  async take(sizeBytes: number): Promise<Result<ReadbackSlot, GpuFailure>> {
    while (this.#free.length === 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const kept = this.#free.findLastIndex((buffer) => (buffer?.size ?? 0) >= sizeBytes);
    const [found] = this.#free.splice(kept === -1 ? this.#free.length - 1 : kept, 1);
    if (found !== undefined && found.size >= sizeBytes) return ok(this.#slot(found));
    if (found !== undefined) this.#pool.release(found);
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const made = await this.#pool.acquire(sizeBytes, usage);
    if (made.ok) return ok(this.#slot(made.value));
    this.#giveBack(undefined);
    return made;
  }

  #slot(buffer: GPUBuffer): ReadbackSlot {
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      this.#giveBack(buffer);
    };
    const read = async (sizeBytes: number) => {
      try {
        await buffer.mapAsync(GPUMapMode.READ, 0, sizeBytes);
        return new Uint8Array(buffer.getMappedRange(0, sizeBytes).slice(0));
      } finally {
        buffer.unmap();
        release();
      }
    };
    return { buffer, read, release };
  }

  #giveBack(buffer: GPUBuffer | undefined): void {
    this.#free.push(buffer);
    this.#waiting.shift()?.();
  }
}
