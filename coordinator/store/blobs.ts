/**
 * The blob store port: models and inputs, addressed by SHA-256 and immutable.
 *
 * A blob is there whole or not at all. It is not the place of outputs (`store.ts`), and it keeps no account of
 * who needs a blob: the caller deletes. Every implementation passes `conformance.blobs.ts`.
 */
import type { BlobDigest } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';

export type BlobSource = Uint8Array | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;

export type PutError =
  | { readonly kind: 'digest-mismatch'; readonly came: BlobDigest; readonly bytes: number }
  | { readonly kind: 'too-large'; readonly maxBytes: number }
  /** The source failed before its end: a client that went away. */
  | { readonly kind: 'interrupted'; readonly reason: string };

/** Bytes from `start` up to, not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface OpenedBlob {
  /** Size of the whole blob, whatever the range. */
  readonly bytes: number;
  /** To be read to its end or cancelled. */
  readonly stream: ReadableStream<Uint8Array>;
}

export interface BlobStore {
  /**
   * Takes a source in, at most `maxBytes` of it, and keeps it where its SHA-256 is `expected`. Durable when it
   * resolves. Putting a blob that is there, or two at the same moment, is harmless. A failing disk throws.
   */
  put(
    source: BlobSource,
    expected: BlobDigest,
    maxBytes: number,
  ): Promise<Result<{ readonly bytes: number }, PutError>>;
  get(digest: BlobDigest): Promise<Uint8Array | null>;
  /** A range beyond the end is cut there. */
  open(digest: BlobDigest, range?: ByteRange): Promise<OpenedBlob | null>;
  /** The bytes from `start` up to `end`, fewer where the blob ends before. */
  read(digest: BlobDigest, start: number, end: number): Promise<Uint8Array | null>;
  /** Its size in bytes; null where it is not there. */
  has(digest: BlobDigest): Promise<number | null>;
  /** True where it was there. */
  delete(digest: BlobDigest): Promise<boolean>;
}

export const chunksOf = (source: BlobSource): AsyncIterable<Uint8Array> | Uint8Array[] =>
  source instanceof Uint8Array ? [source] : (source as AsyncIterable<Uint8Array>);
