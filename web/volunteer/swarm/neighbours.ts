/**
 * The links to this host's neighbours in all its swarms: one for each neighbour, whatever number of blobs they share.
 *
 * Reads what comes, and says what it is to whoever has to act on it. Invariant: a neighbour that breaks the rules of
 * chunk messages is told of once, and heard no more.
 */
import { Allowance } from '../../../shared/allowance.ts';
import type { BlobDigest, PeerId } from '../../../shared/ids.ts';
import { MAX_CHUNK_MESSAGES } from '../../../shared/limits.ts';
import { checkValue } from '../../../shared/protocol/parse.ts';
import {
  chunkMessageSchema,
  type ChunkMessage,
  type SwarmPlace,
} from '../../../shared/protocol/swarm.ts';
import type { Clock } from '../ports.ts';
import type { ChunkLink, ChunkPort, ChunkPresence } from './chunkPort.ts';

export type LostWhy = 'unreachable' | 'silent' | 'wrong-chunk';

export interface NeighbourEvents {
  /** It can be spoken to. */
  onOpen(peer: PeerId, blob: BlobDigest): void;
  /** False where it may not say that. */
  onMessage(
    peer: PeerId,
    link: ChunkLink,
    message: ChunkMessage,
    bytes: Uint8Array | null,
  ): boolean;
  /** It shares this blob with us no more. */
  onParted(peer: PeerId, blob: BlobDigest): void;
  /** A link that was open is no more. */
  onClosed(link: ChunkLink): void;
  /** It was of no use: the coordinator does not know. */
  onLost(peer: PeerId, blobs: readonly BlobDigest[], why: LostWhy): void;
}

interface Neighbour {
  readonly peer: PeerId;
  readonly blobs: Set<BlobDigest>;
  link: ChunkLink | null;
  readonly allowance: Allowance;
}

export class Neighbours {
  readonly #port: ChunkPort;
  readonly #clock: Clock;
  readonly #events: NeighbourEvents;
  readonly #known = new Map<PeerId, Neighbour>();
  #presence: { readonly self: PeerId; readonly at: ChunkPresence } | null = null;

  constructor(port: ChunkPort, clock: Clock, events: NeighbourEvents) {
    this.#port = port;
    this.#clock = clock;
    this.#events = events;
  }

  /** The neighbours for a blob are these, from now on. */
  place({ blob, self, iceServers, neighbours }: SwarmPlace): void {
    if (this.#presence?.self !== self.peer) this.leave();
    const wanted = new Set(neighbours.map(({ peer }) => peer));
    for (const neighbour of [...this.#known.values()]) {
      if (!wanted.has(neighbour.peer)) this.#unshare(neighbour, blob);
    }
    for (const { peer, calls } of neighbours) {
      const known = this.#known.get(peer);
      if (known === undefined) {
        this.#presence ??= { self: self.peer, at: this.#port.enter(self, iceServers) };
        this.#meet(this.#presence.at, peer, calls, blob);
      } else if (!known.blobs.has(blob)) {
        known.blobs.add(blob);
        if (known.link !== null) this.#events.onOpen(peer, blob);
      }
    }
  }

  /** No neighbours for a blob any more. */
  end(blob: BlobDigest): void {
    for (const neighbour of [...this.#known.values()]) this.#unshare(neighbour, blob);
  }

  /** It is of no use, or breaks the rules. */
  drop(peer: PeerId, why: LostWhy): void {
    const neighbour = this.#known.get(peer);
    if (neighbour !== undefined) this.#lose(neighbour, why);
  }

  send(peer: PeerId, message: ChunkMessage): void {
    void this.#known.get(peer)?.link?.send(message);
  }

  /** To all with whom the blob is shared. */
  tell(message: ChunkMessage): void {
    for (const { link, blobs } of this.#known.values()) {
      if (blobs.has(message.blob)) void link?.send(message);
    }
  }

  /** All links end. */
  leave(): void {
    for (const neighbour of [...this.#known.values()]) this.#forget(neighbour);
    this.#presence?.at.leave();
    this.#presence = null;
  }

  #meet(presence: ChunkPresence, peer: PeerId, calls: boolean, blob: BlobDigest): void {
    const neighbour: Neighbour = {
      peer,
      blobs: new Set([blob]),
      link: null,
      allowance: new Allowance(MAX_CHUNK_MESSAGES, this.#clock.nowMs()),
    };
    this.#known.set(peer, neighbour);
    const isKnown = (): boolean => this.#known.get(peer) === neighbour;
    const met = presence.meet(peer, calls, {
      onMessage: (message, bytes) => {
        if (isKnown()) this.#take(neighbour, message, bytes);
      },
      onEnd: () => {
        if (isKnown()) this.#lose(neighbour, 'unreachable');
      },
    });
    met.then(
      (link) => {
        if (!isKnown()) return void (link.ok && link.value.close());
        if (!link.ok) return this.#lose(neighbour, 'unreachable');
        neighbour.link = link.value;
        for (const shared of neighbour.blobs) this.#events.onOpen(peer, shared);
      },
      () => {
        if (isKnown()) this.#lose(neighbour, 'unreachable');
      },
    );
  }

  #take(neighbour: Neighbour, value: unknown, bytes: Uint8Array | null): void {
    const { link, peer } = neighbour;
    const message = checkValue(value, chunkMessageSchema);
    const isRight = message.ok && neighbour.allowance.take(this.#clock.nowMs());
    if (link === null) return;
    if (!isRight || !this.#events.onMessage(peer, link, message.value, bytes)) {
      this.#lose(neighbour, 'silent');
    }
  }

  #unshare(neighbour: Neighbour, blob: BlobDigest): void {
    if (!neighbour.blobs.delete(blob)) return;
    this.#events.onParted(neighbour.peer, blob);
    if (neighbour.blobs.size === 0) this.#forget(neighbour);
  }

  #lose(neighbour: Neighbour, why: LostWhy): void {
    const { peer } = neighbour;
    const blobs = [...neighbour.blobs];
    this.#forget(neighbour);
    this.#events.onLost(peer, blobs, why);
  }

  #forget({ peer, blobs, link }: Neighbour): void {
    this.#known.delete(peer);
    for (const blob of blobs) this.#events.onParted(peer, blob);
    if (link === null) return;
    this.#events.onClosed(link);
    link.close();
  }
}
