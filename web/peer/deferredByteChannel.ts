/**
 * The place of a byte channel that comes later: the lanes of one link are connected one by one.
 *
 * Invariant: what is joined is listened to in the task that joins it.
 */
import { assert } from '../../shared/result.ts';
import type { ByteChannel, ByteChannelHandlers } from './byteChannel.ts';

export class DeferredByteChannel implements ByteChannel {
  #inner: ByteChannel | null = null;
  #listener: { handlers: ByteChannelHandlers; drainedAtBytes: number } | null = null;
  #isClosed = false;

  get isJoined(): boolean {
    return this.#inner !== null;
  }

  get maxMessageBytes(): number {
    return this.#inner?.maxMessageBytes ?? 0;
  }

  get bufferedBytes(): number {
    return this.#inner?.bufferedBytes ?? 0;
  }

  listen(handlers: ByteChannelHandlers, drainedAtBytes: number): void {
    assert(this.#listener === null && this.#inner === null, 'listen: once, and before join');
    this.#listener = { handlers, drainedAtBytes };
  }

  join(channel: ByteChannel): void {
    assert(this.#inner === null && this.#listener !== null, 'join: once, and after listen');
    if (this.#isClosed) return channel.close();
    this.#inner = channel;
    channel.listen(this.#listener.handlers, this.#listener.drainedAtBytes);
  }

  send(bytes: Uint8Array): boolean {
    return this.#inner?.send(bytes) ?? false;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { handlers } = this.#listener ?? {};
    if (this.#inner !== null) this.#inner.close();
    else queueMicrotask(() => handlers?.onClose('it was given up before it was connected'));
  }
}
