/**
 * A blob cache over the browser's Cache API, with a small index of sizes and last uses beside it.
 *
 * Invariant: the index never claims less than the cache holds of our own entries: an entry is indexed before
 * it is written, and written off only after it was deleted. Where the browser gives no storage (no secure
 * context, private mode) the cache is empty and stays so.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { BlobDigest } from '../../shared/ids.ts';
import { MAX_CACHED_BLOB_BYTES } from '../../shared/limits.ts';
import { admit, type LruEntry } from './lruIndex.ts';
import type { BlobCache } from './ports.ts';

interface IndexDb extends DBSchema {
  blobs: { key: BlobDigest; value: LruEntry };
}

const CACHE = 'idlewave-blobs-1';
const DATABASE = 'idlewave-blobs';
/** Of what the browser would give this origin, the part that blobs may take. */
const QUOTA_SHARE = 0.5;

const openIndex = (): Promise<IDBPDatabase<IndexDb>> =>
  openDB<IndexDb>(DATABASE, 1, {
    upgrade(database) {
      database.createObjectStore('blobs', { keyPath: 'digest' });
    },
  });

/** Takes away what every tab of this origin has kept; what is wanted again is fetched again. */
export async function clearBrowserBlobs(): Promise<void> {
  await caches.delete(CACHE);
  const index = await openIndex();
  await index.clear('blobs');
  index.close();
}

export function browserBlobCache(maxBytes = MAX_CACHED_BLOB_BYTES): BlobCache {
  let index: Promise<IDBPDatabase<IndexDb>> | undefined;
  const opened = (): Promise<IDBPDatabase<IndexDb>> => (index ??= openIndex());
  const remove = async (digest: BlobDigest): Promise<void> => {
    await (await caches.open(CACHE)).delete(keyOf(digest));
    await (await opened()).delete('blobs', digest);
  };
  return {
    get: (digest) =>
      orElse(null, async () => {
        const hit = await (await caches.open(CACHE)).match(keyOf(digest));
        if (hit === undefined) return null;
        const bytes = new Uint8Array(await hit.arrayBuffer());
        await (await opened()).put('blobs', entryOf(digest, bytes.byteLength));
        return bytes;
      }),
    read: (digest, start, end) =>
      orElse(null, async () => {
        const hit = await (await caches.open(CACHE)).match(keyOf(digest));
        if (hit === undefined) return null;
        // A blob of a stored response lies where the cache keeps it: only the slice is read.
        const slice = (await hit.blob()).slice(start, end);
        return new Uint8Array(await slice.arrayBuffer());
      }),
    put: (digest, bytes) =>
      orElse(undefined, async () => {
        const db = await opened();
        const limit = Math.min(maxBytes, await quotaBytes());
        const evicted = admit(await db.getAll('blobs'), digest, bytes.byteLength, limit);
        if (evicted === null) return;
        for (const old of evicted) await remove(old);
        await db.put('blobs', entryOf(digest, bytes.byteLength));
        const body = new Response(bytes as Uint8Array<ArrayBuffer>);
        await (await caches.open(CACHE)).put(keyOf(digest), body);
      }),
    delete: (digest) => orElse(undefined, () => remove(digest)),
  };
}

const keyOf = (digest: BlobDigest): string => `/v1/blobs/${digest}`;

const entryOf = (digest: BlobDigest, bytes: number): LruEntry => ({
  digest,
  bytes,
  usedAt: Date.now(),
});

async function quotaBytes(): Promise<number> {
  const { quota } = await navigator.storage.estimate();
  return quota === undefined ? Infinity : quota * QUOTA_SHARE;
}

/** Storage may be refused or taken away at any moment: then the blob is simply not cached. */
async function orElse<T>(fallback: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch {
    return fallback;
  }
}
