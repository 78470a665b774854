/**
 * Which blobs a persistent cache holds, how large they are and when each was last used: the bookkeeping of
 * eviction, kept by the caller wherever it likes.
 *
 * Pure. Invariant: after `admit`, the sizes of what is listed and not evicted sum to at most `maxBytes`.
 */
import type { BlobDigest } from '../../shared/ids.ts';

export interface LruEntry {
  readonly digest: BlobDigest;
  readonly bytes: number;
  /** Grows with every use. */
  readonly usedAt: number;
}

/**
 * What must go so that a blob of `bytes` fits: the least recently used first. Null where it would not fit
 * even alone. An entry of the same digest is counted as replaced, and is not listed.
 */
export function admit(
  entries: readonly LruEntry[],
  digest: BlobDigest,
  bytes: number,
  maxBytes: number,
): BlobDigest[] | null {
  if (bytes > maxBytes) return null;
  const others = entries
    .filter((entry) => entry.digest !== digest)
    .sort((a, b) => a.usedAt - b.usedAt);
  let total = others.reduce((sum, entry) => sum + entry.bytes, bytes);
  const evicted: BlobDigest[] = [];
  for (const entry of others) {
    if (total <= maxBytes) break;
    evicted.push(entry.digest);
    total -= entry.bytes;
  }
  return evicted;
}
