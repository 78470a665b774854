/**
 * A byte channel over a WebSocket to the coordinator's relay, for peers without a direct path: a browser's WebSocket
 * and that of the `ws` package alike.
 *
 * The socket opens when the relay takes it; the partner may come later.
 */
import { MAX_PEER_FRAME_BYTES } from '../../shared/limits.ts';
import { assert } from '../../shared/result.ts';
import type { ByteChannel, ByteChannelHandlers } from './byteChannel.ts';
import type { Clock } from './clock.ts';

/** What both kinds of WebSocket have. */
export interface AnySocket {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

const OPEN = 1;
const CLOSED = 3;
/** No WebSocket says when its buffer has drained: it is looked at while it has not. */
const LOOK_EVERY_MS = 4;

export class SocketByteChannel implements ByteChannel {
  readonly maxMessageBytes = MAX_PEER_FRAME_BYTES;
  readonly #socket: AnySocket;
  readonly #clock: Clock;
  #handlers: ByteChannelHandlers | null = null;
  #drainedAtBytes = 0;
  #looking = false;

  constructor(socket: AnySocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.binaryType = 'arraybuffer';
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  listen(handlers: ByteChannelHandlers, drainedAtBytes: number): void {
    assert(this.#handlers === null, 'listen: once');
    this.#handlers = handlers;
    this.#drainedAtBytes = drainedAtBytes;
    const socket = this.#socket;
    socket.addEventListener('open', () => {
      handlers.onOpen();
    });
    socket.addEventListener('message', ({ data }) => {
      handlers.onMessage(bytesOf(data));
    });
    let ended = false;
    const onClose = (): void => {
      if (ended) return;
      ended = true;
      handlers.onClose('the relay closed the socket');
    };
    // An error is always followed by `close`; without a listener `ws` would throw it.
    socket.addEventListener('error', () => undefined);
    socket.addEventListener('close', onClose);
    if (socket.readyState === OPEN) queueMicrotask(handlers.onOpen);
    else if (socket.readyState === CLOSED) queueMicrotask(onClose);
  }

  send(bytes: Uint8Array): boolean {
    if (this.#socket.readyState !== OPEN) return false;
    this.#socket.send(bytes as Uint8Array<ArrayBuffer>);
    if (this.bufferedBytes > this.#drainedAtBytes) this.#look();
    return true;
  }

  close(): void {
    this.#socket.close();
  }

  #look(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.#clock.after(LOOK_EVERY_MS, () => {
      this.#looking = false;
      if (this.#socket.readyState !== OPEN) return;
      if (this.bufferedBytes > this.#drainedAtBytes) this.#look();
      else this.#handlers?.onDrain();
    });
  }
}

function bytesOf(data: unknown): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  // Text is no frame; its bytes are refused as whatever else is none.
  return new TextEncoder().encode(typeof data === 'string' ? data : '');
}
