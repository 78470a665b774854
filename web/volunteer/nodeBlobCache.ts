/**
 * A blob cache in a directory, for Node hosts. A file's modification time is when it was last used.
 *
 * Several hosts may share the directory: a file appears whole (temporary name, then rename), and one that
 * another process removed is simply not there.
 */
import {
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { isDigest } from '../../shared/digest.ts';
import { MAX_CACHED_BLOB_BYTES } from '../../shared/limits.ts';
import { admit, type LruEntry } from './lruIndex.ts';
import type { BlobCache } from './ports.ts';

export function nodeBlobCache(directory: string, maxBytes = MAX_CACHED_BLOB_BYTES): BlobCache {
  /** File systems keep milliseconds at best: uses in one millisecond still differ by this. */
  let lastUse = 0;
  const nextUse = (): Date => {
    lastUse = Math.max(Date.now(), lastUse + 1);
    return new Date(lastUse);
  };
  const touch = async (path: string): Promise<void> => {
    const now = nextUse();
    await utimes(path, now, now);
  };
  return {
    async get(digest) {
      const path = join(directory, digest);
      try {
        const bytes = await readFile(path);
        await touch(path);
        return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      } catch {
        return null;
      }
    },
    async read(digest, start, end) {
      try {
        const file = await open(join(directory, digest), 'r');
        try {
          const { size } = await file.stat();
          const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
          const { bytesRead } = await file.read(bytes, 0, bytes.byteLength, start);
          return bytesRead === bytes.byteLength ? bytes : null;
        } finally {
          await file.close();
        }
      } catch {
        return null;
      }
    },
    async put(digest, bytes) {
      const path = join(directory, digest);
      const temporary = `${path}.${process.pid}.tmp`;
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        const evicted = admit(await listed(directory), digest, bytes.byteLength, maxBytes);
        if (evicted === null) return;
        for (const old of evicted) await rm(join(directory, old), { force: true });
        await writeFile(temporary, bytes);
        await touch(temporary);
        await rename(temporary, path);
      } catch {
        // A full or read-only disk: the blob is fetched again next time.
        await rm(temporary, { force: true }).catch(() => undefined);
      }
    },
    async delete(digest) {
      await rm(join(directory, digest), { force: true }).catch(() => undefined);
    },
  };
}

async function listed(directory: string): Promise<LruEntry[]> {
  const entries: LruEntry[] = [];
  for (const name of await readdir(directory)) {
    if (!isDigest(name)) continue;
    const file = await stat(join(directory, name)).catch(() => null);
    if (file !== null) entries.push({ digest: name, bytes: file.size, usedAt: file.mtimeMs });
  }
  return entries;
}
