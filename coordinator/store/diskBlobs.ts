/**
 * Blobs in a directory: `aa/bb/<digest>`, where aa and bb begin the digest.
 *
 * Invariant: a file under its digest is whole and was on the disk before it got that name. What is being
 * written stands in `incoming/`, which is emptied at open: the directory belongs to one coordinator.
 *
 * A blob was last used when its file was last modified. Deleting looks at that with the file out of the way, in `leaving/`:
 * `need` sets the time and then looks whether the file is in its place. Where it is, it is taken out of the way later, if at
 * all, and its time is seen; where it is not, whoever asked is told that it is not there. So they cannot both be right,
 * also where two coordinators share the disk because one does not know yet that it leads no more. What stands in `leaving/`
 * at open goes back: nobody had decided about it.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  type FileHandle,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { isDigest } from '../../shared/digest.ts';
import type { BlobDigest } from '../../shared/ids.ts';
import { assert, fail, messageOf, ok, type Result } from '../../shared/result.ts';
import {
  USED_AGAIN_MS,
  chunksOf,
  type BlobSource,
  type BlobStore,
  type ByteRange,
  type OpenedBlob,
  type PutError,
  type StoredBlob,
} from './blobs.ts';

/** Makes the directory where it is absent; throws where it cannot be written. */
export async function openDiskBlobs(
  directory: string,
  now: () => number = Date.now,
): Promise<BlobStore> {
  const incoming = join(directory, 'incoming');
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming, { recursive: true });
  const blobs = new DiskBlobs(directory, incoming, now);
  await blobs.restore();
  return blobs;
}

class DiskBlobs implements BlobStore {
  readonly uploads: string;
  readonly #directory: string;
  readonly #incoming: string;
  readonly #leaving: string;
  readonly #now: () => number;

  constructor(directory: string, incoming: string, now: () => number) {
    this.uploads = join(directory, 'uploads');
    this.#directory = directory;
    this.#incoming = incoming;
    this.#leaving = join(directory, 'leaving');
    this.#now = now;
  }

  /** To be called once, before anything else. */
  async restore(): Promise<void> {
    await mkdir(this.#leaving, { recursive: true });
    for (const name of await readdir(this.#leaving)) {
      const [digest = ''] = name.split('.');
      if (isDigest(digest)) await this.#putBack(join(this.#leaving, name), digest);
    }
  }

  async put(
    source: BlobSource,
    expected: BlobDigest,
    maxBytes: number,
  ): Promise<Result<{ readonly bytes: number }, PutError>> {
    const path = this.#pathOf(expected);
    const temporary = join(this.#incoming, randomUUID());
    const file = await open(temporary, 'wx');
    try {
      const written = await write(file, source, maxBytes);
      if (!written.ok) return written;
      const { bytes, digest } = written.value;
      if (digest !== expected) return fail({ kind: 'digest-mismatch', came: digest, bytes });
      await setUsed(temporary, this.#now());
      await file.sync();
      await mkdir(dirname(path), { recursive: true });
      await rename(temporary, path);
      for (const folder of [dirname(path), dirname(dirname(path)), this.#directory]) {
        await syncDirectory(folder);
      }
      return ok({ bytes });
    } finally {
      await file.close();
      await rm(temporary, { force: true });
    }
  }

  async get(digest: BlobDigest): Promise<Uint8Array | null> {
    const bytes = await orNull(readFile(this.#pathOf(digest)));
    return bytes && new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  async open(digest: BlobDigest, range?: ByteRange): Promise<OpenedBlob | null> {
    const file = await orNull(open(this.#pathOf(digest), 'r'));
    if (file === null) return null;
    try {
      const { size: bytes } = await file.stat();
      const start = range?.start ?? 0;
      const end = Math.min(range?.end ?? bytes, bytes);
      // `createReadStream` counts to and including the end, so an empty range needs its own stream.
      const readable =
        start < end
          ? createReadStream('', { fd: file, start, end: end - 1, highWaterMark: 256 * 1024 })
          : Readable.from([]);
      if (start >= end) await file.close();
      return { bytes, stream: Readable.toWeb(readable) as ReadableStream<Uint8Array> };
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
  }

  async read(digest: BlobDigest, start: number, end: number): Promise<Uint8Array | null> {
    const file = await orNull(open(this.#pathOf(digest), 'r'));
    if (file === null) return null;
    try {
      const { size } = await file.stat();
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      let done = 0;
      while (done < bytes.byteLength) {
        const { bytesRead } = await file.read(bytes, done, bytes.byteLength - done, start + done);
        assert(bytesRead > 0, `blob ${digest} shrank while it was read`);
        done += bytesRead;
      }
      return bytes;
    } finally {
      await file.close();
    }
  }

  async has(digest: BlobDigest): Promise<number | null> {
    const found = await orNull(stat(this.#pathOf(digest)));
    return found && found.size;
  }

  async need(digest: BlobDigest): Promise<number | null> {
    const path = this.#pathOf(digest);
    const found = await orNull(stat(path));
    if (found === null || usedAtMs(found) > this.#now() - USED_AGAIN_MS) return found && found.size;
    await orNull(setUsed(path, this.#now()));
    return this.has(digest);
  }

  async list(after: BlobDigest | null, limit: number): Promise<readonly StoredBlob[]> {
    const found: StoredBlob[] = [];
    for (const first of await foldersIn(this.#directory, after?.slice(0, 2))) {
      const isSame = first === after?.slice(0, 2);
      const folder = join(this.#directory, first);
      for (const second of await foldersIn(folder, isSame ? after?.slice(2, 4) : undefined)) {
        const names = ((await orNull(readdir(join(folder, second)))) ?? []).filter(isDigest).sort();
        for (const digest of names) {
          if (after !== null && digest <= after) continue;
          const file = await orNull(stat(this.#pathOf(digest)));
          if (file !== null) found.push({ digest, usedAtMs: usedAtMs(file) });
          if (found.length === limit) return found;
        }
      }
    }
    return found;
  }

  async deleteUnused(digest: BlobDigest, sinceMs: number): Promise<boolean> {
    const path = this.#pathOf(digest);
    const found = await orNull(stat(path));
    if (found === null || usedAtMs(found) >= sinceMs) return false;
    const aside = join(this.#leaving, `${digest}.${randomUUID()}`);
    await orNull(rename(path, aside));
    const taken = await orNull(stat(aside));
    // Another coordinator has taken it away, or put back what this one took.
    if (taken === null) return false;
    // Needed since it was looked at.
    if (usedAtMs(taken) >= sinceMs) {
      await this.#putBack(aside, digest);
      return false;
    }
    await rm(aside, { force: true });
    return true;
  }

  /** What is in its place by now is the same, and newer. */
  async #putBack(aside: string, digest: BlobDigest): Promise<void> {
    if ((await this.has(digest)) === null) await orNull(rename(aside, this.#pathOf(digest)));
    else await rm(aside, { force: true });
  }

  #pathOf(digest: BlobDigest): string {
    // A digest becomes a path: nothing else may.
    assert(isDigest(digest), 'a blob is named by its digest');
    return join(this.#directory, digest.slice(0, 2), digest.slice(2, 4), digest);
  }
}

async function write(
  file: FileHandle,
  source: BlobSource,
  maxBytes: number,
): Promise<Result<{ bytes: number; digest: BlobDigest }, PutError>> {
  const hash = createHash('sha256');
  let bytes = 0;
  const chunks = chunksOf(source);
  const reader =
    Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  for (;;) {
    // Only reading from the source may be interrupted; a disk that fails is thrown.
    let next: IteratorResult<Uint8Array>;
    try {
      next = await reader.next();
    } catch (thrown) {
      return fail({ kind: 'interrupted', reason: messageOf(thrown) });
    }
    if (next.done === true) break;
    const chunk = next.value;
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      // The rest of an upload is not wanted; an error while it is dropped changes nothing.
      await Promise.resolve(reader.return?.()).catch(() => undefined);
      return fail({ kind: 'too-large', maxBytes });
    }
    hash.update(chunk);
    await file.appendFile(chunk);
  }
  return ok({ bytes, digest: hash.digest('hex') as BlobDigest });
}

/** Disks keep fractions of a second that are not quite those that were set. */
const usedAtMs = ({ mtimeMs }: { readonly mtimeMs: number }): number => Math.round(mtimeMs);
const setUsed = (path: string, atMs: number): Promise<void> =>
  utimes(path, atMs / 1_000, atMs / 1_000);

/** Those that begin digests, in order, from `from` on. */
async function foldersIn(directory: string, from = ''): Promise<string[]> {
  const names = (await orNull(readdir(directory))) ?? [];
  return names.filter((name) => /^[0-9a-f]{2}$/.test(name) && name >= from).sort();
}

/** Makes the names in a directory as durable as the files. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
}
