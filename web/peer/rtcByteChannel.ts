/**
 * A byte channel over an RTCDataChannel, on a page or in a worker.
 *
 * Negotiates nothing: whoever makes the connection makes the channel (peerNode.ts).
 */
import { assert } from '../../shared/result.ts';
import type { ByteChannel, ByteChannelHandlers } from './byteChannel.ts';
import type { DataChannel } from './movable.ts';
import { SLOW_FRAME_BYTES } from './linkTypes.ts';

export class RtcByteChannel implements ByteChannel {
  /** Until the connection's own maximum is known, what every browser takes. Only the page can read it. */
  maxMessageBytes = SLOW_FRAME_BYTES;
  readonly #channel: DataChannel;
  #listens = false;

  constructor(channel: DataChannel) {
    this.#channel = channel;
  }

  get bufferedBytes(): number {
    return this.#channel.bufferedAmount;
  }

  listen(handlers: ByteChannelHandlers, drainedAtBytes: number): void {
    assert(!this.#listens, 'listen: once');
    this.#listens = true;
    const channel = this.#channel;
    channel.binaryType = 'arraybuffer';
    channel.bufferedAmountLowThreshold = drainedAtBytes;
    channel.addEventListener('message', ({ data }) => {
      // Text is no frame; its bytes are refused as whatever else is none.
      handlers.onMessage(
        typeof data === 'string'
          ? new TextEncoder().encode(data)
          : new Uint8Array(data as ArrayBuffer),
      );
    });
    channel.addEventListener('bufferedamountlow', () => {
      handlers.onDrain();
    });
    let ended = false;
    const onClose = (): void => {
      if (ended) return;
      ended = true;
      handlers.onClose('the data channel closed');
    };
    channel.addEventListener('close', onClose);
    if (channel.readyState === 'connecting') channel.addEventListener('open', handlers.onOpen);
    else if (channel.readyState === 'open') queueMicrotask(handlers.onOpen);
    else queueMicrotask(onClose);
  }

  send(bytes: Uint8Array): boolean {
    if (this.#channel.readyState !== 'open') return false;
    try {
      this.#channel.send(bytes as Uint8Array<ArrayBuffer>);
      return true;
    } catch {
      // Its buffer is full: the high water is far below that, so it is closing.
      return false;
    }
  }

  close(): void {
    this.#channel.close();
  }
}
