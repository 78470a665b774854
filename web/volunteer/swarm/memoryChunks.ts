/**
 * Neighbours of one process: the whole port, without a network. For tests, and for several hosts in one place.
 *
 * What is sent is copied, and comes later, in order. Invariant: two meet only where one calls and the other waits.
 */
import type { PeerId } from '../../../shared/ids.ts';
import type { ChunkMessage } from '../../../shared/protocol/swarm.ts';
import { fail, ok, type Result } from '../../../shared/result.ts';
import type { ChunkLink, ChunkLinkHandlers, ChunkPort } from './chunkPort.ts';

interface End {
  readonly handlers: ChunkLinkHandlers;
  readonly reached: (result: Result<ChunkLink, string>) => void;
}

interface Sent {
  readonly message: ChunkMessage;
  readonly bytes: Uint8Array | null;
}

export class MemoryChunks implements ChunkPort {
  readonly #waiting = new Map<string, { caller?: End; called?: End }>();
  readonly #open = new Map<PeerId, Set<() => void>>();
  /** Looks at a message on its way, and may change it; null loses it. */
  onWay: (sent: Sent, from: PeerId, to: PeerId) => Sent | null = (sent) => sent;

  enter({ peer: self }: Parameters<ChunkPort['enter']>[0]): ReturnType<ChunkPort['enter']> {
    return {
      meet: (peer, calls, handlers) =>
        new Promise((reached) => {
          const key = calls ? `${self}>${peer}` : `${peer}>${self}`;
          const pair = this.#waiting.get(key) ?? {};
          pair[calls ? 'caller' : 'called'] = { handlers, reached };
          this.#waiting.set(key, pair);
          const { caller, called } = pair;
          if (caller === undefined || called === undefined) return;
          this.#waiting.delete(key);
          if (calls) this.#connect(self, peer, caller, called);
          else this.#connect(peer, self, caller, called);
        }),
      leave: () => {
        this.cut(self);
      },
    };
  }

  /** Ends every link of a peer, also those that are being made. */
  cut(peer: PeerId): void {
    for (const end of [...(this.#open.get(peer) ?? [])]) end();
    for (const [key, { caller, called }] of this.#waiting) {
      if (!key.split('>').includes(peer)) continue;
      this.#waiting.delete(key);
      for (const end of [caller, called]) end?.reached(fail('the peer left'));
    }
  }

  #connect(caller: PeerId, called: PeerId, a: End, b: End): void {
    let isOpen = true;
    const end = (): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#open.get(caller)?.delete(end);
      this.#open.get(called)?.delete(end);
      setTimeout(() => {
        a.handlers.onEnd();
        b.handlers.onEnd();
      }, 0);
    };
    for (const peer of [caller, called]) {
      this.#open.set(peer, (this.#open.get(peer) ?? new Set()).add(end));
    }
    const linkOf = (from: PeerId, to: PeerId, other: ChunkLinkHandlers): ChunkLink => ({
      send(message, bytes) {
        const copy = bytes === undefined ? null : new Uint8Array(bytes);
        const sent = isOpen ? onWay({ message, bytes: copy }, from, to) : null;
        if (sent !== null) {
          setTimeout(() => {
            if (isOpen) other.onMessage(sent.message, sent.bytes);
          }, 0);
        }
        return Promise.resolve(isOpen);
      },
      close: end,
    });
    const onWay: MemoryChunks['onWay'] = (...sent) => this.onWay(...sent);
    a.reached(ok(linkOf(caller, called, b.handlers)));
    b.reached(ok(linkOf(called, caller, a.handlers)));
  }
}
