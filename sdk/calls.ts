/**
 * What every call of the client takes and gives besides its own: signals, pages, notices of uploads, keys.
 */
import type { BlobDigest } from '../shared/ids.ts';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface PageOptions extends CallOptions {
  /** A `next` of an earlier page; the first page where absent. */
  readonly cursor?: string | undefined;
}

/** One page of a listing. `next` is null on the last. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly next: string | null;
}

/** One blob that went up, or was there already. */
export interface UploadNotice {
  readonly digest: BlobDigest;
  readonly bytes: number;
  readonly sent: boolean;
  /** Bytes that were there from an attempt that was cut off. */
  readonly resumedAt: number;
}

export interface UploadOptions extends CallOptions {
  readonly onUpload?: ((notice: UploadNotice) => void) | undefined;
}

export function queryOf(
  { cursor }: PageOptions,
  filter: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams(cursor === undefined ? filter : { ...filter, cursor });
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** 128 bits as hex. `crypto.randomUUID` is missing on pages without https. */
export function randomKey(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
