/**
 * The blob store port: models and inputs, addressed by SHA-256 and immutable.
 *
 * A blob is there whole or not at all. It is not the place of outputs (`store.ts`), and it keeps no account of
 * who needs a blob, only of when somebody last did: by that a sweep (`retention/blobSweep.ts`) knows what it must leave.
 * Every implementation passes `conformance.blobs.ts`.
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

export interface StoredBlob {
  readonly digest: BlobDigest;
  /** When it was last put, or needed. */
  readonly usedAtMs: number;
}

/**
 * How exactly `usedAtMs` is kept: what is needed a thousand times a minute is not written down as often. Much less than what a
 * sweep leaves alone (`BLOB_GRACE_MS`).
 */
export const USED_AGAIN_MS = 3_600_000;

export interface BlobStore {
  /** A directory for what comes in parts, on the same disk; null where blobs are in memory. */
  readonly uploads: string | null;
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
  /**
   * As `has`, for whoever is about to name it in a record: it counts as used now. Where it says that the blob is there, no
   * `deleteUnused` that looks for older ones takes it away, whichever of them comes first.
   */
  need(digest: BlobDigest): Promise<number | null>;
  /** In the order of their digests, behind `after`. */
  list(after: BlobDigest | null, limit: number): Promise<readonly StoredBlob[]>;
  /** Deletes it unless it was used at `sinceMs` or later. True where it is gone now. */
  deleteUnused(digest: BlobDigest, sinceMs: number): Promise<boolean>;
}

export const chunksOf = (source: BlobSource): AsyncIterable<Uint8Array> | Uint8Array[] =>
  source instanceof Uint8Array ? [source] : (source as AsyncIterable<Uint8Array>);
