/**
 * Peers of one process: the whole port, without a network. For tests, and for several hosts in one place.
 *
 * What is sent is copied, and comes later, in order. Invariant: two presences meet only where one connects and the other
 * accepts, each by the other's name.
 */
import type { PeerId } from '../../shared/ids.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import type {
  ActivationKey,
  Neighbour,
  NeighbourHandlers,
  PeerPort,
  PeerPresence,
} from './ports.ts';

interface End {
  readonly handlers: NeighbourHandlers;
  readonly reached: (result: Result<Neighbour, string>) => void;
}

interface Sent {
  readonly key: ActivationKey;
  readonly tensors: NamedTensors;
}

export class MemoryPeers implements PeerPort {
  readonly ways = ['relay'] as const;
  /** Ends that wait for the other one: by caller and called. */
  readonly #waiting = new Map<string, { caller?: End; called?: End }>();
  /** Open connections of each peer, as what ends them. */
  readonly #open = new Map<PeerId, Set<(why: string) => void>>();
  /** Looks at an activation on its way, and may change it; null loses it. */
  onWay: (sent: Sent, from: PeerId, to: PeerId) => Sent | null = (sent) => sent;

  enter({ self: { peer } }: Parameters<PeerPort['enter']>[0]): PeerPresence {
    return {
      connect: (other, handlers) => this.#meet(peer, other, 'caller', handlers),
      accept: (other, handlers) => this.#meet(other, peer, 'called', handlers),
      leave: () => {
        this.cut(peer, 'the peer left');
      },
    };
  }

  /** Ends every connection of a peer, also those that are being made, as where its machine vanishes. */
  cut(peer: PeerId, why: string): void {
    for (const end of [...(this.#open.get(peer) ?? [])]) end(why);
    for (const [key, { caller, called }] of this.#waiting) {
      if (!key.split('>').includes(peer)) continue;
      this.#waiting.delete(key);
      for (const end of [caller, called]) end?.reached(fail(why));
    }
  }

  #meet(
    caller: PeerId,
    called: PeerId,
    side: 'caller' | 'called',
    handlers: NeighbourHandlers,
  ): Promise<Result<Neighbour, string>> {
    return new Promise((reached) => {
      const key = `${caller}>${called}`;
      const pair = this.#waiting.get(key) ?? {};
      pair[side] = { handlers, reached };
      this.#waiting.set(key, pair);
      if (pair.caller === undefined || pair.called === undefined) return;
      this.#waiting.delete(key);
      this.#connect(caller, called, pair.caller, pair.called);
    });
  }

  #connect(caller: PeerId, called: PeerId, a: End, b: End): void {
    let isOpen = true;
    const end = (why: string): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#open.get(caller)?.delete(end);
      this.#open.get(called)?.delete(end);
      a.handlers.onEnd(why);
      b.handlers.onEnd(why);
    };
    for (const peer of [caller, called]) {
      this.#open.set(peer, (this.#open.get(peer) ?? new Set()).add(end));
    }
    const neighbour = (from: PeerId, to: PeerId, other: NeighbourHandlers): Neighbour => {
      let bytes = 0;
      const later = (deliver: () => void): void => {
        setTimeout(() => {
          if (isOpen) deliver();
        }, 0);
      };
      return {
        path: 'relayed',
        send: (key, tensors) => {
          const sent = this.onWay({ key, tensors: copyOf(tensors) }, from, to);
          if (sent === null) return;
          for (const tensor of Object.values(sent.tensors)) bytes += tensor.bytes.byteLength;
          later(() => {
            other.onActivation(sent.key, sent.tensors);
          });
        },
        ack: (key) => {
          later(() => {
            other.onAck(key);
          });
        },
        release: () => undefined,
        stats: () => Promise.resolve({ rttMs: 0, bytes }),
        close: () => {
          end('the neighbour closed the connection');
        },
      };
    };
    a.reached(ok(neighbour(caller, called, b.handlers)));
    b.reached(ok(neighbour(called, caller, a.handlers)));
  }
}

const copyOf = (tensors: NamedTensors): NamedTensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      { ...tensor, bytes: new Uint8Array(tensor.bytes) },
    ]),
  );
