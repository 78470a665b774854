/**
 * Which blob directory belongs to a store: the store and the directory hold the same id.
 *
 * Coordinators of one database may have different disks. One that would lead with another directory would miss every
 * blob that was uploaded before: it must not.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from './diskBlobs.ts';

const MARKER = 'store-id';
const MAX_SHOWN_CHARS = 60;

/** The store is led by coordinators with another blob directory than this one's. */
export class BlobHomeError extends Error {
  override name = 'BlobHomeError';
}

/** Why `directory` is not that of a store whose id is `home`; null where it is, or the store has none yet. */
export async function blobHomeProblem(
  directory: string,
  home: string | null,
): Promise<string | null> {
  if (home === null) return null;
  const found = await readMarker(directory);
  if (found === home) return null;
  const came = found === null ? 'no such file' : found.slice(0, MAX_SHOWN_CHARS);
  return (
    `the blob directory ${directory} is not that of this store: expected ${home} in its file ${MARKER}, ` +
    `got ${came}. Give all coordinators of one database the same directory (--blob-store, on a shared disk). ` +
    `Where the blobs were copied here, write ${home} into that file.`
  );
}

/** Settled once, by the first coordinator that leads: the id, in the directory before it is in the store. */
export async function settleBlobHome(
  directory: string,
  store: { read(): Promise<string | null>; keep(home: string): Promise<void> },
): Promise<void> {
  const problem = await blobHomeProblem(directory, await store.read());
  if (problem !== null) throw new BlobHomeError(problem);
  if ((await store.read()) !== null) return;
  // Blobs are named by what they hold: those of an earlier store do no harm.
  const home = (await readMarker(directory)) ?? (await writeMarker(directory));
  await store.keep(home);
}

async function readMarker(directory: string): Promise<string | null> {
  try {
    return (await readFile(join(directory, MARKER), 'utf8')).trim();
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
}

async function writeMarker(directory: string): Promise<string> {
  const home = randomUUID();
  await mkdir(directory, { recursive: true });
  const file = await open(join(directory, MARKER), 'w');
  try {
    await file.writeFile(`${home}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(directory);
  return home;
}
