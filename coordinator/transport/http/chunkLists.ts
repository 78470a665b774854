/**
 * The hashes of a blob's chunks, made once by reading it and kept for a while.
 *
 * Invariant: one blob is read at a time, however many ask, and at most MAX_KEPT_CHUNK_LISTS lists are kept.
 */
import { createHash } from 'node:crypto';
import type { BlobDigest } from '../../../shared/ids.ts';
import { CHUNK_BYTES, MAX_KEPT_CHUNK_LISTS } from '../../../shared/limits.ts';
import type { ChunkList } from '../../../shared/protocol/swarm.ts';
import type { BlobStore } from '../../store/blobs.ts';

export class ChunkLists {
  readonly #blobs: BlobStore;
  /** The least recently asked for first. */
  readonly #lists = new Map<BlobDigest, Promise<ChunkList | null>>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  /** Null where there is no such blob. Rejects where the disk fails. */
  async of(digest: BlobDigest): Promise<ChunkList | null> {
    const known = this.#lists.get(digest);
    this.#lists.delete(digest);
    const list = known ?? this.#next(digest);
    this.#lists.set(digest, list);
    for (const oldest of this.#lists.keys()) {
      if (this.#lists.size <= MAX_KEPT_CHUNK_LISTS) break;
      this.#lists.delete(oldest);
    }
    // What is not there, or could not be read, may be another time.
    const forget = (): void => {
      if (this.#lists.get(digest) === list) this.#lists.delete(digest);
    };
    const made = await list.catch((error: unknown) => {
      forget();
      throw error;
    });
    if (made === null) forget();
    return made;
  }

  #next(digest: BlobDigest): Promise<ChunkList | null> {
    const list = this.#turn.then(() => listOf(this.#blobs, digest));
    this.#turn = list.catch(() => undefined);
    return list;
  }
}

async function listOf(blobs: BlobStore, digest: BlobDigest): Promise<ChunkList | null> {
  const blob = await blobs.open(digest);
  if (blob === null) return null;
  const chunks: BlobDigest[] = [];
  let hash = createHash('sha256');
  let filled = 0;
  const end = (): void => {
    chunks.push(hash.digest('hex') as BlobDigest);
    hash = createHash('sha256');
    filled = 0;
  };
  for await (const part of blob.stream as unknown as AsyncIterable<Uint8Array>) {
    for (let at = 0; at < part.byteLength;) {
      const piece = part.subarray(at, at + CHUNK_BYTES - filled);
      hash.update(piece);
      at += piece.byteLength;
      filled += piece.byteLength;
      if (filled === CHUNK_BYTES) end();
    }
  }
  if (filled > 0) end();
  return { bytes: blob.bytes, chunkBytes: CHUNK_BYTES, chunks };
}
