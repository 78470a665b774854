/**
 * Two byte channels joined in memory, with a delay and a bandwidth, on whichever clock they are given.
 *
 * Carries tests and simulations; nothing of it is ever on a page. Invariant: messages arrive whole and in order.
 */
import { assert } from '../../shared/result.ts';
import type { ByteChannel, ByteChannelHandlers } from './byteChannel.ts';
import type { Clock } from './clock.ts';

export interface MemoryLine {
  /** From leaving one end to arriving at the other. */
  readonly delayMs?: number;
  readonly bytesPerMs?: number;
  readonly maxMessageBytes?: number;
}

/** Both ends open after one delay. */
export function memoryChannels(
  clock: Clock,
  line: MemoryLine = {},
): [MemoryByteChannel, MemoryByteChannel] {
  const a = new MemoryByteChannel(clock, line);
  const b = new MemoryByteChannel(clock, line);
  a.join(b);
  b.join(a);
  return [a, b];
}

export class MemoryByteChannel implements ByteChannel {
  readonly maxMessageBytes: number;
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #bytesPerMs: number;
  /** What was sent and has not arrived, oldest first; null is the end. */
  readonly #onTheWay: (Uint8Array | null)[] = [];
  readonly #leaving: number[] = [];
  #other: MemoryByteChannel | null = null;
  #handlers: ByteChannelHandlers | null = null;
  #drainedAtBytes = 0;
  #state: 'opening' | 'open' | 'closing' | 'closed' = 'opening';
  #bufferedBytes = 0;
  #freeAtMs = 0;

  constructor(clock: Clock, line: MemoryLine) {
    this.#clock = clock;
    this.#delayMs = line.delayMs ?? 0;
    this.#bytesPerMs = line.bytesPerMs ?? Infinity;
    this.maxMessageBytes = line.maxMessageBytes ?? 64 * 1024;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  join(other: MemoryByteChannel): void {
    this.#other = other;
    this.#clock.after(this.#delayMs, () => {
      if (this.#state !== 'opening') return;
      this.#state = 'open';
      this.#handlers?.onOpen();
    });
  }

  listen(handlers: ByteChannelHandlers, drainedAtBytes: number): void {
    assert(this.#handlers === null, 'listen: once');
    this.#handlers = handlers;
    this.#drainedAtBytes = drainedAtBytes;
  }

  send(bytes: Uint8Array): boolean {
    if (this.#state !== 'open') return false;
    assert(bytes.byteLength <= this.maxMessageBytes, `send: ${bytes.byteLength} bytes at once`);
    this.#bufferedBytes += bytes.byteLength;
    this.#leaving.push(bytes.byteLength);
    this.#onTheWay.push(new Uint8Array(bytes));
    this.#leave(bytes.byteLength);
    return true;
  }

  close(): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    this.#state = 'closing';
    this.#onTheWay.push(null);
    this.#leave(0);
    this.#clock.after(0, () => this.#closed('closed here'));
  }

  /** The line is cut: what was on its way is lost. */
  sever(): void {
    for (const end of [this, this.#other!]) {
      end.#onTheWay.length = 0;
      end.#state = 'closing';
      this.#clock.after(0, () => end.#closed('the line was cut'));
    }
  }

  #leave(bytes: number): void {
    const nowMs = this.#clock.nowMs();
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + bytes / this.#bytesPerMs;
    this.#clock.after(this.#freeAtMs - nowMs, () => {
      if (bytes > 0) this.#left(this.#leaving.shift()!);
      this.#clock.after(this.#delayMs, () => this.#arrive());
    });
  }

  #left(bytes: number): void {
    const before = this.#bufferedBytes;
    this.#bufferedBytes -= bytes;
    const drained = before > this.#drainedAtBytes && this.#bufferedBytes <= this.#drainedAtBytes;
    if (drained && this.#state === 'open') this.#handlers?.onDrain();
  }

  #arrive(): void {
    // Timers of equal delay may fire in any order; the queue keeps it.
    const bytes = this.#onTheWay.shift();
    const other = this.#other!;
    if (bytes === undefined || other.#state === 'closed') return;
    if (bytes === null) other.#closed('closed by the other end');
    else if (other.#state !== 'closing') other.#handlers?.onMessage(bytes);
  }

  #closed(why: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#handlers?.onClose(why);
  }
}
