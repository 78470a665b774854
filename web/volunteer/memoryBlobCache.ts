/**
 * A blob cache in memory: for browsers without storage, for Node hosts without a directory, for tests.
 *
 * Invariant: never more than `maxBytes`; a blob larger than that is not kept.
 */
import type { BlobDigest } from '../../shared/ids.ts';
import { MAX_CACHED_BLOB_BYTES } from '../../shared/limits.ts';
import type { BlobCache } from './ports.ts';

export function memoryBlobCache(maxBytes = MAX_CACHED_BLOB_BYTES): BlobCache {
  /** In order of use, the least recent first. */
  const blobs = new Map<BlobDigest, Uint8Array>();
  const drop = (digest: BlobDigest): void => {
    total -= blobs.get(digest)?.byteLength ?? 0;
    blobs.delete(digest);
  };
  let total = 0;
  return {
    get(digest) {
      const bytes = blobs.get(digest);
      if (bytes === undefined) return Promise.resolve(null);
      blobs.delete(digest);
      blobs.set(digest, bytes);
      return Promise.resolve(bytes);
    },
    read(digest, start, end) {
      return Promise.resolve(blobs.get(digest)?.slice(start, end) ?? null);
    },
    put(digest, bytes) {
      drop(digest);
      if (bytes.byteLength <= maxBytes) {
        blobs.set(digest, bytes);
        total += bytes.byteLength;
      }
      for (const oldest of blobs.keys()) {
        if (total <= maxBytes) break;
        drop(oldest);
      }
      return Promise.resolve();
    },
    delete(digest) {
      drop(digest);
      return Promise.resolve();
    },
  };
}
