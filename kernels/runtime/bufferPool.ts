/**
 * GPU buffers by exact size and usage, kept for the next taker instead of being destroyed. Not a sub-allocator.
 *
 * Invariant: every buffer this pool created is either lent, idle, or destroyed; `dispose` destroys both the
 * lent and the idle ones. A lent buffer's content is undefined.
 */
import { assert, fail, ok, type Result } from '../../shared/result.ts';
import type { GpuFailure } from './failure.ts';

/** Idle bytes beyond this are destroyed, longest idle first: two full runs' worth of buffers. */
const MAX_IDLE_BYTES = 256 * 1024 * 1024;

/** WebGPU sizes and offsets of copies are multiples of 4. */
export const align4 = (bytes: number): number => 4 * Math.ceil(bytes / 4);

export class BufferPool {
  readonly device: GPUDevice;
  readonly #lent = new Set<GPUBuffer>();
  /** In the order in which they became idle. */
  readonly #idle = new Set<GPUBuffer>();
  #idleBytes = 0;
  #created = 0;
  #destroyed = 0;
  #disposed = false;

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** Buffers created and destroyed so far. */
  get counts(): { readonly created: number; readonly destroyed: number } {
    return { created: this.#created, destroyed: this.#destroyed };
  }

  /**
   * A buffer of exactly `sizeBytes` (a multiple of 4), the caller's until `release`. Where memory has run out, what nobody
   * holds makes room for it.
   */
  async acquire(
    sizeBytes: number,
    usage: GPUBufferUsageFlags,
  ): Promise<Result<GPUBuffer, GpuFailure>> {
    assert(!this.#disposed, 'BufferPool: used after dispose');
    for (const buffer of this.#idle) {
      if (buffer.size !== sizeBytes || buffer.usage !== usage) continue;
      this.#idle.delete(buffer);
      this.#idleBytes -= buffer.size;
      this.#lent.add(buffer);
      return ok(buffer);
    }
    const max = this.device.limits.maxBufferSize;
    if (sizeBytes > max) {
      return fail({ kind: 'too-large', limit: 'maxBufferSize', max, came: sizeBytes });
    }
    const made = await this.#create(sizeBytes, usage);
    if (made.ok || made.error.kind !== 'out-of-memory' || this.#idle.size === 0) return made;
    this.trim();
    return this.#create(sizeBytes, usage);
  }

  async #create(
    sizeBytes: number,
    usage: GPUBufferUsageFlags,
  ): Promise<Result<GPUBuffer, GpuFailure>> {
    this.device.pushErrorScope('out-of-memory');
    let buffer: GPUBuffer;
    let scope: Promise<GPUError | null>;
    try {
      buffer = this.device.createBuffer({ size: sizeBytes, usage });
    } finally {
      scope = this.device.popErrorScope();
    }
    this.#created += 1;
    this.#lent.add(buffer);
    const error = await scope;
    if (error === null) return ok(buffer);
    this.#lent.delete(buffer);
    this.#destroy(buffer);
    return fail({ kind: 'out-of-memory', expectedBytes: sizeBytes, message: error.message });
  }

  release(buffer: GPUBuffer): void {
    if (this.#disposed) return;
    assert(this.#lent.delete(buffer), 'BufferPool: released a buffer that was not lent');
    this.#idle.add(buffer);
    this.#idleBytes += buffer.size;
    for (const oldest of this.#idle) {
      if (this.#idleBytes <= MAX_IDLE_BYTES) break;
      this.#idle.delete(oldest);
      this.#idleBytes -= oldest.size;
      this.#destroy(oldest);
    }
  }

  /** Destroys what nobody holds. */
  trim(): void {
    for (const buffer of this.#idle) this.#destroy(buffer);
    this.#idle.clear();
    this.#idleBytes = 0;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.trim();
    for (const buffer of this.#lent) this.#destroy(buffer);
    this.#lent.clear();
    this.#disposed = true;
  }

  #destroy(buffer: GPUBuffer): void {
    buffer.destroy();
    this.#destroyed += 1;
  }
}
