/** Parts for tests of swarms: a blob of several chunks, and a coordinator's feed that answers when told to. */
import { chunkRange } from '../../../shared/chunks.ts';
import { digestOf } from '../../../shared/digest.ts';
import type { BlobDigest } from '../../../shared/ids.ts';
import { CHUNK_BYTES } from '../../../shared/limits.ts';
import type { ChunkList } from '../../../shared/protocol/swarm.ts';
import { fail, ok, type Result } from '../../../shared/result.ts';
import type { BlobFailure } from '../ports.ts';
import type { ChunkFeed } from './chunkFeed.ts';

export interface TestBlob {
  readonly digest: BlobDigest;
  readonly bytes: Uint8Array;
  readonly list: ChunkList;
  chunk(index: number): Uint8Array;
}

/** Every chunk differs from every other; the last is shorter. */
export function testBlob(chunks: number): TestBlob {
  const bytes = new Uint8Array(chunks * CHUNK_BYTES - 1000);
  for (let i = 0; i < bytes.length; i += 1000) bytes[i] = i / 1000 + (i >> 20);
  const chunk = (index: number): Uint8Array => {
    const { start, end } = chunkRange(index, bytes.length);
    return bytes.slice(start, end);
  };
  const hashes = Array.from({ length: chunks }, (_, i) => digestOf(chunk(i)));
  const list: ChunkList = { bytes: bytes.length, chunkBytes: CHUNK_BYTES, chunks: hashes };
  return { digest: digestOf(bytes), bytes, list, chunk };
}

/** The matcher of the test runner takes seconds for a megabyte. */
export const areSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

/** Answers at once, in chunks; `fails` makes the next answers failures. */
export class TestFeed implements ChunkFeed {
  readonly asked: number[] = [];
  fails: BlobFailure['kind'] | null = null;
  /** Changes a chunk on its way. */
  onWay: (chunk: number, bytes: Uint8Array) => Uint8Array = (_, bytes) => bytes;
  readonly #blob: TestBlob;
  list: ChunkFeed['list'];

  constructor(blob: TestBlob) {
    this.#blob = blob;
    this.list = () => Promise.resolve(this.#answer(blob.list));
  }

  chunks(...[, , first, count, , onChunk]: Parameters<ChunkFeed['chunks']>) {
    const result = this.#answer(null);
    for (let chunk = first; chunk < first + count; chunk++) {
      this.asked.push(chunk);
      if (result.ok) onChunk(chunk, this.onWay(chunk, this.#blob.chunk(chunk)));
    }
    return Promise.resolve(result);
  }

  #answer<T>(value: T): Result<T, BlobFailure> {
    return this.fails === null ? ok(value) : fail({ kind: this.fails, message: 'it failed' });
  }
}
