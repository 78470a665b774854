/**
 * Which chunk of a blob to get from whom: the state of one download, without bytes, clock or network of its own.
 *
 * Chunks of its share, and what is urgent, come from the coordinator; the rest from neighbours, the rarest first.
 * Invariant: a chunk is asked of one neighbour at a time, which said that it has it; nobody is asked for more than
 * REQUESTS_PER_NEIGHBOUR at once; what is there is asked of nobody.
 */
import { ChunkSet } from '../../../shared/chunks.ts';
import type { PeerId } from '../../../shared/ids.ts';

/** One on its way and one behind it: the neighbour's line does not run dry between them. */
export const REQUESTS_PER_NEIGHBOUR = 2;
/** A neighbour passes on at 2 MiB/s what eight may have asked of it twice: 8 s, and as much again. */
export const REQUEST_LAPSES_MS = 20_000;
/** Then it is of no use; at the first one where nothing ever came from it. */
export const MOST_LAPSES = 3;

export interface Request {
  readonly peer: PeerId;
  readonly chunk: number;
}

interface Neighbour {
  has: ChunkSet;
  /** When each was asked for. */
  readonly asked: Map<number, number>;
  /** Asked for, and given up; they may still come. */
  readonly lapsed: Set<number>;
  /** It sent something that was asked for. */
  hasDelivered: boolean;
}

export class ChunkPicker {
  readonly have: ChunkSet;
  #share: ChunkSet;
  readonly #neighbours = new Map<PeerId, Neighbour>();
  /** Being fetched from the coordinator. */
  readonly #feeding = new Set<number>();
  /** Came, and is being checked. */
  readonly #checking = new Set<number>();

  constructor(count: number) {
    this.have = new ChunkSet(count);
    this.#share = ChunkSet.all(count);
  }

  /** From now on these come from the coordinator. */
  setShare(share: ChunkSet): void {
    this.#share = share;
  }

  /** Of its share nothing is missing that is not on its way. */
  get isShareDone(): boolean {
    return [...this.#share].every((chunk) => !this.#isFree(chunk));
  }

  meet(peer: PeerId): void {
    if (this.#neighbours.has(peer)) return;
    const has = new ChunkSet(this.have.count);
    const nothing = { asked: new Map(), lapsed: new Set<number>(), hasDelivered: false };
    this.#neighbours.set(peer, { has, ...nothing });
  }

  /** What was asked of it is asked of others. */
  part(peer: PeerId): void {
    this.#neighbours.delete(peer);
  }

  /** All that it has. */
  announce(peer: PeerId, has: ChunkSet): void {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour !== undefined) neighbour.has = has;
  }

  /** It has one more. */
  got(peer: PeerId, chunk: number): void {
    this.#neighbours.get(peer)?.has.add(chunk);
  }

  /** It passes nothing on until it says again what it has. */
  refused(peer: PeerId, chunk: number): void {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour?.asked.delete(chunk) !== true) return;
    neighbour.has = new ChunkSet(this.have.count);
  }

  /** What to ask for now; it counts as asked. `random` is uniform in [0, 1). */
  pick(nowMs: number, random: () => number): Request[] {
    const requests: Request[] = [];
    const peers = shuffled([...this.#neighbours], random);
    for (let round = 0; round < REQUESTS_PER_NEIGHBOUR; round++) {
      for (const [peer, neighbour] of peers) {
        if (neighbour.asked.size >= REQUESTS_PER_NEIGHBOUR) continue;
        const chunk = this.#rarestOf(neighbour, random);
        if (chunk === null) continue;
        neighbour.asked.set(chunk, nowMs);
        requests.push({ peer, chunk });
      }
    }
    return requests;
  }

  /** Gives up what was asked for too long ago. Neighbours to whom that happened too often come back. */
  lapse(nowMs: number): PeerId[] {
    const useless: PeerId[] = [];
    for (const [peer, { asked, lapsed, hasDelivered }] of this.#neighbours) {
      for (const [chunk, atMs] of asked) {
        if (nowMs - atMs < REQUEST_LAPSES_MS) continue;
        asked.delete(chunk);
        lapsed.add(chunk);
      }
      if (lapsed.size >= (hasDelivered ? MOST_LAPSES : 1)) useless.push(peer);
    }
    return useless;
  }

  /** A chunk came from a neighbour: to be checked, of no use (any more), or nothing that was asked for. */
  came(peer: PeerId, chunk: number): 'check' | 'useless' | 'unasked' {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour === undefined) return 'useless';
    const wasAsked = neighbour.asked.delete(chunk);
    const hadLapsed = neighbour.lapsed.delete(chunk);
    if (!wasAsked && !hadLapsed) return 'unasked';
    neighbour.hasDelivered = true;
    if (this.have.has(chunk) || this.#checking.has(chunk)) return 'useless';
    this.#checking.add(chunk);
    return 'check';
  }

  /** The check is over. */
  checked(chunk: number, isRight: boolean): void {
    this.#checking.delete(chunk);
    if (isRight) this.have.add(chunk);
  }

  /** Chunks of the share that lie side by side, at most so many: they count as being fetched until `fed`. */
  nextRun(most: number): number[] {
    const run: number[] = [];
    for (const chunk of this.#share) {
      if (run.length > 0 && chunk !== run.at(-1)! + 1) break;
      if (run.length === most) break;
      if (this.#isFree(chunk)) run.push(chunk);
      else if (run.length > 0) break;
    }
    for (const chunk of run) this.#feeding.add(chunk);
    return run;
  }

  /** Any chunk that is missing: one that nobody was asked for, else the one that was asked for longest ago. */
  urgent(random: () => number): number | null {
    const missing = [...this.have.missing()].filter(
      (chunk) => !this.#feeding.has(chunk) && !this.#checking.has(chunk),
    );
    const free = missing.filter((chunk) => this.#isFree(chunk));
    const chunk = free.length > 0 ? anyOf(free, random) : this.#longestAsked(missing);
    if (chunk !== null) this.#feeding.add(chunk);
    return chunk;
  }

  /** It came from the coordinator, or will not. */
  fed(chunk: number): void {
    this.#feeding.delete(chunk);
  }

  #isFree(chunk: number): boolean {
    if (this.have.has(chunk) || this.#feeding.has(chunk) || this.#checking.has(chunk)) return false;
    for (const { asked } of this.#neighbours.values()) if (asked.has(chunk)) return false;
    return true;
  }

  #rarestOf(neighbour: Neighbour, random: () => number): number | null {
    let best: number | null = null;
    let bestRank = Infinity;
    for (const chunk of neighbour.has) {
      if (neighbour.lapsed.has(chunk) || !this.#isFree(chunk)) continue;
      let holders = 0;
      for (const { has } of this.#neighbours.values()) if (has.has(chunk)) holders += 1;
      const rank = holders + random();
      if (rank < bestRank) [best, bestRank] = [chunk, rank];
    }
    return best;
  }

  #longestAsked(chunks: readonly number[]): number | null {
    const askedAt = new Map<number, number>();
    for (const { asked } of this.#neighbours.values()) {
      for (const [chunk, atMs] of asked) askedAt.set(chunk, atMs);
    }
    const [longest] = [...chunks].sort((a, b) => (askedAt.get(a) ?? 0) - (askedAt.get(b) ?? 0));
    return longest ?? null;
  }
}

const anyOf = (chunks: readonly number[], random: () => number): number =>
  chunks[Math.floor(random() * chunks.length)]!;

function shuffled<T>(items: T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
