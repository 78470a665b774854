/**
 * Bytes that this browser moved for the network on this local day, up and down: links, blobs, other tabs.
 *
 * Counts payload, not what protocols add to it. Invariant: what is counted is written within the next 100 kB and before
 * the page goes, on top of what other tabs have written, so that loading the page anew does not begin another day.
 */
import { ok, type Result } from '../../../shared/result.ts';
import type { NamedTensors } from '../../../shared/tensor.ts';
import type { ConnectLink, Neighbour, NeighbourHandlers, PeerPort } from '../../volunteer/ports.ts';
import type { StoredText } from './storedText.ts';

/** Told, and written, in steps of this. */
const STEP_BYTES = 1e5;

export class DataMeter {
  readonly #stored: StoredText;
  readonly #today: () => string;
  readonly #onStep: () => void;
  #day: string;
  #bytes: number;
  #writtenBytes: number;

  /** `today` names the local day. */
  constructor(stored: StoredText, today: () => string, onStep: () => void) {
    this.#stored = stored;
    this.#today = today;
    this.#onStep = onStep;
    this.#day = today();
    this.#bytes = readBytes(stored.read(), this.#day);
    this.#writtenBytes = this.#bytes;
    // Another tab has counted: what was not written here comes on top.
    stored.onChange(() => {
      this.#turnPage();
      const theirs = readBytes(stored.read(), this.#day);
      this.#bytes += theirs - this.#writtenBytes;
      this.#writtenBytes = theirs;
      onStep();
    });
  }

  get bytesToday(): number {
    this.#turnPage();
    return this.#bytes;
  }

  add(bytes: number): void {
    this.#turnPage();
    this.#bytes += bytes;
    if (this.#bytes - this.#writtenBytes < STEP_BYTES) return;
    this.save();
    this.#onStep();
  }

  /** Before the page goes. */
  save(): void {
    if (this.#bytes === this.#writtenBytes) return;
    this.#writtenBytes = this.#bytes;
    this.#stored.write(`${this.#day} ${this.#bytes}`);
  }

  #turnPage(): void {
    const day = this.#today();
    if (day === this.#day) return;
    this.#day = day;
    this.#bytes = 0;
    this.#writtenBytes = 0;
  }
}

function readBytes(text: string | null, day: string): number {
  const [storedDay, bytes] = (text ?? '').split(' ');
  const count = Number(bytes);
  return storedDay === day && Number.isSafeInteger(count) && count >= 0 ? count : 0;
}

const BARRED = 'the controls of this tab let nothing go over the line just now';

/** `fetch`, counting what comes. Where nothing may go over the line (any more) it fails, also in the middle. */
export const meteredFetch =
  (meter: DataMeter, isBarred: () => boolean, inner: typeof fetch): typeof fetch =>
  async (input, init) => {
    if (isBarred()) throw new TypeError(BARRED);
    const response = await inner(input, init);
    if (response.body === null) return response;
    const counted = response.body.pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(chunk, controller) {
          meter.add(chunk.byteLength);
          if (isBarred()) throw new TypeError(BARRED);
          controller.enqueue(chunk);
        },
      }),
    );
    const { status, statusText, headers } = response;
    return new Response(counted, { status, statusText, headers });
  };

/** A link, counting its messages. Control messages are ASCII nearly throughout: a character is a byte. */
export const meteredLink =
  (meter: DataMeter, inner: ConnectLink): ConnectLink =>
  (url, handlers) => {
    const socket = inner(url, {
      ...handlers,
      onText(text) {
        meter.add(text.length);
        handlers.onText(text);
      },
      onBinary(bytes) {
        meter.add(bytes.byteLength);
        handlers.onBinary(bytes);
      },
    });
    return {
      send(message) {
        const isTaken = socket.send(message);
        if (isTaken) meter.add(typeof message === 'string' ? message.length : message.byteLength);
        return isTaken;
      },
      close: () => socket.close(),
    };
  };

/** The peers of routes, counting the tensors that go and come. */
export function meteredPeers(meter: DataMeter, inner: PeerPort): PeerPort {
  const counting = (handlers: NeighbourHandlers): NeighbourHandlers => ({
    ...handlers,
    onActivation(key, tensors) {
      meter.add(bytesOf(tensors));
      handlers.onActivation(key, tensors);
    },
  });
  const counted = (met: Result<Neighbour, string>): Result<Neighbour, string> => {
    if (!met.ok) return met;
    const { path, ...neighbour } = met.value;
    const send: Neighbour['send'] = (key, tensors) => {
      meter.add(bytesOf(tensors));
      neighbour.send(key, tensors);
    };
    return ok({ ...neighbour, path, send });
  };
  return {
    ways: inner.ways,
    enter(place) {
      const presence = inner.enter(place);
      return {
        connect: async (peer, handlers) =>
          counted(await presence.connect(peer, counting(handlers))),
        accept: async (peer, handlers) => counted(await presence.accept(peer, counting(handlers))),
        leave: () => presence.leave(),
      };
    },
  };
}

const bytesOf = (tensors: NamedTensors): number =>
  Object.values(tensors).reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
