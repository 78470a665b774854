/**
 * Blobs that are whole in this host's cache, and chunks of them to pass on.
 *
 * Invariant: a chunk leaves here only after its hash was checked. A disk may spoil what it keeps, and whoever sends a
 * wrong chunk is cut off.
 */
import { ChunkSet, chunkCount, chunkRange } from '../../../shared/chunks.ts';
import type { BlobDigest } from '../../../shared/ids.ts';
import { sha256Hex } from '../blobs.ts';
import type { BlobCache } from '../ports.ts';
import type { ChunkFeed } from './chunkFeed.ts';

export class Holdings {
  readonly #cache: BlobCache;
  readonly #feed: Pick<ChunkFeed, 'list'>;
  /** Sizes of blobs that were seen in the cache. */
  readonly #bytes = new Map<BlobDigest, number>();
  readonly #lists = new Map<BlobDigest, readonly BlobDigest[]>();

  constructor(cache: BlobCache, feed: Pick<ChunkFeed, 'list'>) {
    this.#cache = cache;
    this.#feed = feed;
  }

  /** It was put into the cache. False where that did not keep it. */
  async keep(blob: BlobDigest, bytes: Uint8Array): Promise<boolean> {
    await this.#cache.put(blob, bytes);
    const isKept = (await this.#cache.read(blob, 0, 1)) !== null;
    if (isKept) this.#bytes.set(blob, bytes.byteLength);
    return isKept;
  }

  /** All of it, from the cache, checked; null where it is not there. */
  async find(blob: BlobDigest): Promise<Uint8Array | null> {
    const cached = await this.#cache.get(blob);
    if (cached === null || (await sha256Hex(cached)) !== blob) {
      this.#bytes.delete(blob);
      return null;
    }
    this.#bytes.set(blob, cached.byteLength);
    return cached;
  }

  bytesOf(blob: BlobDigest): number | undefined {
    return this.#bytes.get(blob);
  }

  /** All chunks of it; null where it is not held. */
  chunksOf(blob: BlobDigest): ChunkSet | null {
    const bytes = this.#bytes.get(blob);
    return bytes === undefined ? null : ChunkSet.all(chunkCount(bytes));
  }

  /** A chunk that is what its hash says; else the blob is not held any more, and the next `find` is the judge. */
  async read(blob: BlobDigest, chunk: number): Promise<Uint8Array | null> {
    const bytes = this.#bytes.get(blob);
    if (bytes === undefined || chunk >= chunkCount(bytes)) return null;
    const { start, end } = chunkRange(chunk, bytes);
    const [cached, list] = await Promise.all([
      this.#cache.read(blob, start, end),
      this.#listOf(blob),
    ]);
    if (cached !== null && (await sha256Hex(cached)) === list?.[chunk]) return cached;
    this.#bytes.delete(blob);
    return null;
  }

  async #listOf(blob: BlobDigest): Promise<readonly BlobDigest[] | undefined> {
    if (!this.#lists.has(blob)) {
      const list = await this.#feed.list(blob, new AbortController().signal);
      if (list.ok) this.#lists.set(blob, list.value.chunks);
    }
    return this.#lists.get(blob);
  }
}
