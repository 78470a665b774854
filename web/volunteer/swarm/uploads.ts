/**
 * Chunks that neighbours asked for, one after the other for each of them, within what this host gives away.
 *
 * Holds no link and no bytes. Invariant: no neighbour has more than MAX_CHUNK_REQUESTS waiting here; what is asked for
 * is answered once, by the chunk or by a refusal.
 */
import type { BlobDigest } from '../../../shared/ids.ts';
import { CHUNK_BYTES, MAX_CHUNK_REQUESTS } from '../../../shared/limits.ts';
import type { ChunkMessage } from '../../../shared/protocol/swarm.ts';
import type { Clock } from '../ports.ts';
import type { ChunkLink } from './chunkPort.ts';
import type { UploadBudget } from './uploadBudget.ts';

export interface UploadsPorts {
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  readonly budget: UploadBudget;
  /** The volunteer shares now. */
  readonly mayShare: () => boolean;
  /** A chunk that is what its hash says, in memory of its own; null where it is not (any more) here. */
  readonly read: (blob: BlobDigest, chunk: number) => Promise<Uint8Array | null>;
  readonly onSent: (bytes: number) => void;
}

type Wish = Pick<Extract<ChunkMessage, { type: 'want' }>, 'blob' | 'chunk'>;

export class Uploads {
  readonly #ports: UploadsPorts;
  readonly #queues = new Map<ChunkLink, Wish[]>();

  constructor(ports: UploadsPorts) {
    this.#ports = ports;
  }

  /** False where the neighbour asks for more than it may. */
  want(link: ChunkLink, wish: Wish): boolean {
    const queue = this.#queues.get(link);
    if (queue === undefined) {
      this.#queues.set(link, [wish]);
      void this.#serve(link);
      return true;
    }
    if (queue.length >= MAX_CHUNK_REQUESTS) return false;
    queue.push(wish);
    return true;
  }

  /** The link has ended. */
  forget(link: ChunkLink): void {
    this.#queues.delete(link);
  }

  /** The first of a queue is the one being served: it counts as waiting until it was answered. */
  async #serve(link: ChunkLink): Promise<void> {
    for (;;) {
      const wish = this.#queues.get(link)?.[0];
      if (wish === undefined) break;
      await this.#answer(link, wish);
      this.#queues.get(link)?.shift();
    }
    this.#queues.delete(link);
  }

  async #answer(link: ChunkLink, { blob, chunk }: Wish): Promise<void> {
    const bytes = (await this.#mayLeave()) ? await this.#ports.read(blob, chunk) : null;
    if (!this.#queues.has(link)) return;
    if (bytes === null) return void link.send({ type: 'refuse', blob, chunk });
    const { byteLength } = bytes;
    if (await link.send({ type: 'chunk', blob, chunk }, bytes)) this.#ports.onSent(byteLength);
  }

  async #mayLeave(): Promise<boolean> {
    const { clock, wallMs, budget, mayShare } = this.#ports;
    if (!mayShare()) return false;
    const waitMs = budget.take(CHUNK_BYTES, clock.nowMs(), wallMs());
    if (waitMs === null) return false;
    if (waitMs > 0) await new Promise<void>((resolve) => clock.after(waitMs, resolve));
    return mayShare();
  }
}
