/**
 * The connection to the neighbour on one side of a route, from being called for to its end.
 *
 * What is sent before it is open waits. One that ends stays `broken`: the coordinator hears of it, and has the two try
 * anew, or gives the neighbour's place to another host.
 */
import type { PeerId } from '../../shared/ids.ts';
import type { PeerState } from '../../shared/protocol/peers.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import type { ActivationKey, Neighbour, PeerPresence } from './ports.ts';

export interface NeighbourEvents {
  onActivation(key: ActivationKey, tensors: NamedTensors): void;
  onAck(key: ActivationKey): void;
  /** It was reached, or lost. */
  onChange(): void;
}

export class NeighbourLink {
  readonly peer: PeerId;
  readonly #events: NeighbourEvents;
  #state: PeerState = { path: 'connecting', rttMs: null, bytes: 0 };
  #open: Neighbour | null = null;
  #closed = false;
  readonly #unsent: { readonly key: ActivationKey; readonly tensors: NamedTensors }[] = [];

  /** The former of two neighbours calls the latter: towards `to` this host calls. */
  constructor(peer: PeerId, side: 'from' | 'to', presence: PeerPresence, events: NeighbourEvents) {
    this.peer = peer;
    this.#events = events;
    const handlers = {
      onActivation: (key: ActivationKey, tensors: NamedTensors) => {
        if (!this.#closed) events.onActivation(key, tensors);
      },
      onAck: (key: ActivationKey) => {
        if (!this.#closed) events.onAck(key);
      },
      onEnd: () => {
        this.#lost();
      },
    };
    const reached =
      side === 'to' ? presence.connect(peer, handlers) : presence.accept(peer, handlers);
    reached.then(
      (result) => {
        if (this.#closed) return void (result.ok && result.value.close());
        if (result.ok) this.#opened(result.value);
        else this.#lost();
      },
      () => {
        this.#lost();
      },
    );
  }

  get state(): PeerState {
    return this.#state;
  }

  send(key: ActivationKey, tensors: NamedTensors): void {
    if (this.#open !== null) this.#open.send(key, tensors);
    else this.#unsent.push({ key, tensors });
  }

  ack(key: ActivationKey): void {
    this.#open?.ack(key);
  }

  release(key: ActivationKey): void {
    this.#open?.release(key);
  }

  /** Asks how the connection does; true where there is something new to tell. */
  async measure(): Promise<boolean> {
    if (this.#open === null) return false;
    const before = this.#state;
    const { rttMs, bytes } = await this.#open.stats();
    if (this.#state !== before) return false;
    this.#state = { ...before, rttMs, bytes };
    return before.bytes !== bytes || before.rttMs !== rttMs;
  }

  close(): void {
    this.#closed = true;
    this.#unsent.length = 0;
    this.#open?.close();
    this.#open = null;
  }

  #opened(neighbour: Neighbour): void {
    this.#open = neighbour;
    this.#state = { ...this.#state, path: neighbour.path };
    for (const { key, tensors } of this.#unsent.splice(0)) neighbour.send(key, tensors);
    this.#events.onChange();
  }

  #lost(): void {
    if (this.#closed || this.#state.path === 'broken') return;
    this.#open = null;
    this.#state = { ...this.#state, path: 'broken' };
    this.#events.onChange();
  }
}
