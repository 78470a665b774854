/**
 * The page's side of the links: calls into their owner, and what it tells, as promises and events.
 *
 * Invariant: every call ends and every open link ends once; when the owner dies, all that is pending ends with it
 * and the next link finds a new owner.
 */
import type { MessageKey } from '../../shared/peerFrame.ts';
import { fail, type Result } from '../../shared/result.ts';
import type { Tensor } from '../../shared/tensor.ts';
import type { LinkEnd, LinkEvents, LinkStats, OutgoingMessage, SendFailure } from './linkTypes.ts';
import type { DataChannel, Movable } from './movable.ts';
import type { LinkNumber, LinkSpec, PeerCommand, PeerEndpoint, PeerEvent } from './peerApi.ts';
import type { SendPeerOptions } from './peerTransport.ts';

/** For commands that are on their way to a worker, and frames on theirs to a channel. */
const GOODBYE_MS = 250;

/** A message above this is worth a message of its own to the worker. */
const FLUSH_AT_BYTES = 64 * 1024;

interface Sending {
  readonly link: LinkNumber;
  readonly end: (result: Result<void, SendFailure>) => void;
  readonly onProgress: SendPeerOptions['onProgress'];
}

interface Asked {
  readonly link: LinkNumber;
  readonly end: (stats: LinkStats | null) => void;
}

interface Link {
  readonly events: LinkEvents;
  /** Null once it has been answered. */
  opened: ((result: Result<Uint8Array, LinkEnd>) => void) | null;
}

export class PeerClient {
  readonly #spawn: () => PeerEndpoint;
  readonly #links = new Map<LinkNumber, Link>();
  readonly #sending = new Map<number, Sending>();
  readonly #asked = new Map<number, Asked>();
  #endpoint: PeerEndpoint | null = null;
  #next = 0;
  #batch: PeerCommand[] = [];
  #transfer: Movable[] = [];

  constructor(spawn: () => PeerEndpoint) {
    this.#spawn = spawn;
  }

  /** Its lanes come by `giveChannel` or `relay`; `opened` ends with the peer's hello. */
  open(
    spec: LinkSpec,
    events: LinkEvents,
  ): { link: LinkNumber; opened: Promise<Result<Uint8Array, LinkEnd>> } {
    const link = this.#number();
    const opened = new Promise<Result<Uint8Array, LinkEnd>>((resolve) => {
      this.#links.set(link, { events, opened: resolve });
    });
    this.#post({ type: 'open', link, spec });
    return { link, opened };
  }

  /** Must be called in the task that made the channel: later it can no longer move. */
  giveChannel(link: LinkNumber, lane: number, channel: DataChannel): void {
    this.#post({ type: 'channel', link, lane, channel }, [channel]);
    this.#flush();
  }

  relay(link: LinkNumber, lane: number, url: string): void {
    this.#post({ type: 'relay', link, lane, url });
  }

  setMost(link: LinkNumber, maxMessageBytes: number): void {
    this.#post({ type: 'most', link, maxMessageBytes });
  }

  send(
    link: LinkNumber,
    message: OutgoingMessage,
    { signal, onProgress, give = false }: SendPeerOptions,
  ): Promise<Result<void, SendFailure>> {
    if (!this.#links.has(link)) return Promise.resolve(fail(ENDED));
    const call = this.#number();
    const tensors = Object.fromEntries(
      Object.entries(message.tensors).map(([name, tensor]) => [name, ownTensor(tensor, give)]),
    );
    const buffers = new Set(Object.values(tensors).map(({ bytes }) => bytes.buffer as ArrayBuffer));
    return new Promise((resolve) => {
      const onAbort = (): void => this.#post({ type: 'abort', call });
      const end = (result: Result<void, SendFailure>): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve(result);
      };
      this.#sending.set(call, { link, end, onProgress });
      const { epoch, stage, sequence, descriptor } = message;
      const own = { epoch, stage, sequence, descriptor, tensors };
      const progress = onProgress !== undefined;
      this.#post({ type: 'send', link, call, message: own, progress }, [...buffers]);
      const bytes = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
      // The worker need not wait until this task has copied its next ones.
      if (bytes > FLUSH_AT_BYTES) this.#flush();
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener('abort', onAbort);
    });
  }

  tell(type: 'ack' | 'release' | 'cancel', link: LinkNumber, key: MessageKey): void {
    const { epoch, stage, sequence } = key;
    if (this.#links.has(link)) this.#post({ type, link, key: { epoch, stage, sequence } });
  }

  stats(link: LinkNumber): Promise<LinkStats | null> {
    if (!this.#links.has(link)) return Promise.resolve(null);
    const call = this.#number();
    return new Promise((end) => {
      this.#asked.set(call, { link, end });
      this.#post({ type: 'stats', link, call });
    });
  }

  /** `onEnd` follows, with `end` where it is not the caller's wish. */
  close(link: LinkNumber, end?: LinkEnd): void {
    if (!this.#links.has(link)) return;
    this.#post({ type: 'close', link, ...(end === undefined ? {} : { end }) });
  }

  /** Ends everything, and the owner with it. */
  closeAll(): void {
    for (const link of this.#links.keys()) this.#post({ type: 'close', link });
    this.#flush();
    const endpoint = this.#endpoint;
    // The goodbyes go first.
    if (endpoint !== null) setTimeout(() => endpoint.terminate(), GOODBYE_MS);
    this.#lose({ kind: 'closed', message: 'the links were closed here' });
  }

  #number(): number {
    this.#next += 1;
    return this.#next;
  }

  /** What one task of the page says goes as one message: an answer and the acknowledgement of its question. */
  #post(command: PeerCommand, transfer: Movable[] = []): void {
    if (this.#batch.length === 0) queueMicrotask(() => this.#flush());
    this.#batch.push(command);
    this.#transfer.push(...transfer);
  }

  #flush(): void {
    if (this.#batch.length === 0) return;
    const [batch, transfer] = [this.#batch, this.#transfer];
    this.#batch = [];
    this.#transfer = [];
    this.#alive().post(batch, transfer);
  }

  #alive(): PeerEndpoint {
    if (this.#endpoint !== null) return this.#endpoint;
    const endpoint = this.#spawn();
    this.#endpoint = endpoint;
    endpoint.listen(
      (event) => {
        if (this.#endpoint === endpoint) this.#take(event);
      },
      (why) => {
        if (this.#endpoint !== endpoint) return;
        endpoint.terminate();
        this.#lose({ kind: 'lost', message: `the peer worker died: ${why}` });
      },
    );
    return endpoint;
  }

  #take(event: PeerEvent): void {
    switch (event.type) {
      case 'opened': {
        const link = this.#links.get(event.link);
        if (!event.result.ok) this.#links.delete(event.link);
        link?.opened?.(event.result);
        if (link !== undefined) link.opened = null;
        return;
      }
      case 'sent':
        this.#sending.get(event.call)?.end(event.result);
        this.#sending.delete(event.call);
        return;
      case 'sending':
        this.#sending.get(event.call)?.onProgress?.(event.bytes, event.total);
        return;
      case 'tensors':
        this.#links.get(event.link)?.events.onTensors(event.message);
        return;
      case 'acked':
        this.#links.get(event.link)?.events.onAck(event.key);
        return;
      case 'cancelled':
        this.#links.get(event.link)?.events.onCancel(event.key);
        return;
      case 'arriving':
        this.#links.get(event.link)?.events.onProgress(event.key, event.bytes, event.total);
        return;
      case 'stats':
        this.#asked.get(event.call)?.end(event.stats);
        this.#asked.delete(event.call);
        return;
      case 'ended':
        return this.#ended(event.link, event.end);
      default:
        event satisfies never;
    }
  }

  #ended(number: LinkNumber, end: LinkEnd): void {
    const link = this.#links.get(number);
    if (link === undefined) return;
    this.#links.delete(number);
    if (link.opened !== null) link.opened(fail(end));
    else link.events.onEnd(end);
  }

  /** The owner is gone, and all links with it. */
  #lose(end: LinkEnd): void {
    this.#endpoint = null;
    for (const { end: endSend } of this.#sending.values()) endSend(fail(ENDED));
    for (const { end: endStats } of this.#asked.values()) endStats(null);
    this.#sending.clear();
    this.#asked.clear();
    for (const number of [...this.#links.keys()]) this.#ended(number, end);
  }
}

const ENDED: SendFailure = { kind: 'link-ended', message: 'the link has ended' };

/** What may be given away must be whole: moving a view would take what lies beside it. */
function ownTensor({ dtype, dims, bytes }: Tensor, give: boolean): Tensor {
  const { buffer } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && bytes.byteLength === buffer.byteLength;
  return { dtype, dims, bytes: give && isWhole ? bytes : new Uint8Array(bytes) };
}
