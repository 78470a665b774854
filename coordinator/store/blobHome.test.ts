import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { BlobHomeError, blobHomeProblem, settleBlobHome } from './blobHome.ts';

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'idlewave-home-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return join(directory, 'blobs');
}

/** A store's memory of its home. */
function memory(home: string | null = null) {
  const kept = { home };
  return {
    kept,
    read: () => Promise.resolve(kept.home),
    async keep(next: string) {
      kept.home = next;
    },
  };
}

it('the first to lead settles it, whoever leads later finds it', async () => {
  const directory = await folder();
  const store = memory();
  expect(await blobHomeProblem(directory, null)).toBeNull();
  await settleBlobHome(directory, store);
  const { home } = store.kept;
  expect(home).toMatch(/^[0-9a-f-]{36}$/);
  expect(await blobHomeProblem(directory, home)).toBeNull();
  await settleBlobHome(directory, store);
  expect(store.kept.home).toBe(home);
});

it('another directory, new or of another store, is refused with what to do', async () => {
  const store = memory();
  await settleBlobHome(await folder(), store);
  const { home } = store.kept;
  const empty = await folder();
  expect(await blobHomeProblem(empty, home)).toContain(`expected ${home} in its file store-id`);
  await expect(settleBlobHome(empty, store)).rejects.toThrow(BlobHomeError);
  const others = await folder();
  await settleBlobHome(others, memory());
  const theirs = (await readFile(join(others, 'store-id'), 'utf8')).trim();
  await expect(settleBlobHome(others, store)).rejects.toThrow(`got ${theirs}`);
  // As the message says.
  await writeFile(join(others, 'store-id'), `${home}\n`);
  expect(await blobHomeProblem(others, home)).toBeNull();
});

it('a start that was cut off between directory and store is taken up again', async () => {
  const directory = await folder();
  const store = memory();
  const cut = { read: store.read, keep: () => Promise.reject(new Error('cut off')) };
  await expect(settleBlobHome(directory, cut)).rejects.toThrow('cut off');
  await settleBlobHome(directory, store);
  expect(await blobHomeProblem(directory, store.kept.home)).toBeNull();
});
