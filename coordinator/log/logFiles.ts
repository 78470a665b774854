/**
 * Where the files of the public log are: on disk, or in memory beside a store in memory.
 *
 * They are made from the store's log and can be made anew. Invariant: a file that can be read is whole.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface LogFiles {
  /** Null where there is none. */
  get(path: string): Promise<Uint8Array | null>;
  put(path: string, bytes: Uint8Array): Promise<void>;
  /** A file, or all files of a folder. */
  drop(path: string): Promise<void>;
}

/** Paths are the log's own, never a request's: `parseTilePath` stands before. */
export function diskLogFiles(directory: string): LogFiles {
  return {
    async get(path) {
      const bytes = await readFile(join(directory, path)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      });
      return bytes === null ? null : new Uint8Array(bytes);
    },
    async put(path, bytes) {
      const file = join(directory, path);
      const temporary = `${file}.${randomUUID()}`;
      await mkdir(dirname(file), { recursive: true });
      await writeFile(temporary, bytes);
      await rename(temporary, file);
    },
    drop: (path) => rm(join(directory, path), { recursive: true, force: true }),
  };
}

export function memoryLogFiles(): LogFiles {
  const files = new Map<string, Uint8Array>();
  return {
    get: (path) => Promise.resolve(files.get(path) ?? null),
    put(path, bytes) {
      files.set(path, bytes);
      return Promise.resolve();
    },
    drop(path) {
      for (const name of files.keys()) {
        if (name === path || name.startsWith(`${path}/`)) files.delete(name);
      }
      return Promise.resolve();
    },
  };
}
