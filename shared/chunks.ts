/**
 * The chunks of a blob: which bytes each is, and sets of them as they are sent.
 *
 * Not their hashes (`chunkListSchema`, shared/protocol/swarm.ts). Invariant: a set knows how many chunks there are and
 * never holds another.
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { CHUNK_BYTES } from './limits.ts';
import { assert } from './result.ts';

export const chunkCount = (blobBytes: number): number => Math.ceil(blobBytes / CHUNK_BYTES);

/** Bytes from `start` up to, not including, `end`. */
export function chunkRange(chunk: number, blobBytes: number): { start: number; end: number } {
  const start = chunk * CHUNK_BYTES;
  assert(chunk >= 0 && start < blobBytes, `chunkRange: there is no chunk ${chunk}`);
  return { start, end: Math.min(start + CHUNK_BYTES, blobBytes) };
}

export class ChunkSet {
  /** Chunks of the blob, in the set or not. */
  readonly count: number;
  readonly #bits: Uint8Array;
  #size = 0;

  constructor(count: number, chunks: Iterable<number> = []) {
    this.count = count;
    this.#bits = new Uint8Array(Math.ceil(count / 8));
    for (const chunk of chunks) this.add(chunk);
  }

  static all(count: number): ChunkSet {
    return new ChunkSet(
      count,
      Array.from({ length: count }, (_, chunk) => chunk),
    );
  }

  /** Of `toHex`; null where the text is not a set of that many chunks. */
  static parse(hex: string, count: number): ChunkSet | null {
    const set = new ChunkSet(count);
    if (!/^[0-9a-f]*$/.test(hex) || hex.length !== 2 * set.#bits.length) return null;
    const bits = hexToBytes(hex);
    for (let chunk = 0; chunk < 8 * bits.length; chunk++) {
      if ((bits[chunk >> 3]! & (1 << (chunk & 7))) === 0) continue;
      if (chunk >= count) return null;
      set.add(chunk);
    }
    return set;
  }

  /** Bit `chunk % 8` of byte `chunk / 8`, as lower-case hex. */
  toHex(): string {
    return bytesToHex(this.#bits);
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size === this.count;
  }

  has(chunk: number): boolean {
    return ((this.#bits[chunk >> 3] ?? 0) & (1 << (chunk & 7))) !== 0;
  }

  add(chunk: number): void {
    assert(chunk >= 0 && chunk < this.count, `ChunkSet: there is no chunk ${chunk}`);
    if (this.has(chunk)) return;
    this.#bits[chunk >> 3]! |= 1 << (chunk & 7);
    this.#size += 1;
  }

  delete(chunk: number): void {
    if (!this.has(chunk)) return;
    this.#bits[chunk >> 3]! &= ~(1 << (chunk & 7));
    this.#size -= 1;
  }

  /** Ascending. */
  *[Symbol.iterator](): Iterator<number> {
    for (let chunk = 0; chunk < this.count; chunk++) if (this.has(chunk)) yield chunk;
  }

  /** Those that are not in the set, ascending. */
  *missing(): Iterable<number> {
    for (let chunk = 0; chunk < this.count; chunk++) if (!this.has(chunk)) yield chunk;
  }
}
