import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../shared/digest.ts';
import type { BlobDigest } from '../../shared/ids.ts';
import { blobsConformance } from './conformance.blobs.ts';
import { openDiskBlobs } from './diskBlobs.ts';

const temporary = () => mkdtemp(join(tmpdir(), 'idlewave-blobs-'));

blobsConformance('disk', async (now) => {
  const directory = await temporary();
  const dispose = () => rm(directory, { recursive: true });
  return { blobs: await openDiskBlobs(directory, now), dispose };
});

describe('openDiskBlobs', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await temporary();
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('finds what an earlier run put, under its digest', async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const digest = digestOf(bytes);
    await (await openDiskBlobs(directory)).put(bytes, digest, 10);
    expect(await (await openDiskBlobs(directory)).get(digest)).toEqual(bytes);
    expect(await readdir(join(directory, digest.slice(0, 2), digest.slice(2, 4)))).toEqual([
      digest,
    ]);
  });

  it('leaves no temporary file, and removes those of a crashed run', async () => {
    const blobs = await openDiskBlobs(directory);
    const bytes = new Uint8Array(100);
    await blobs.put(bytes, digestOf(bytes), 100);
    await blobs.put(bytes, digestOf(new Uint8Array(1)), 100);
    await blobs.put(bytes, digestOf(bytes), 99);
    expect(await readdir(join(directory, 'incoming'))).toEqual([]);
    await writeFile(join(directory, 'incoming', 'left-behind'), 'half a blob');
    await openDiskBlobs(directory);
    expect(await readdir(join(directory, 'incoming'))).toEqual([]);
  });

  it('puts back what a run was about to delete when it crashed, unless it is there anew', async () => {
    const all = [1, 2].map((byte) => ({
      bytes: Uint8Array.of(byte),
      digest: digestOf(Uint8Array.of(byte)),
    }));
    const [gone, anew] = all as [(typeof all)[number], (typeof all)[number]];
    const blobs = await openDiskBlobs(directory);
    for (const { bytes, digest } of all) {
      await blobs.put(bytes, digest, 10);
      const path = join(directory, digest.slice(0, 2), digest.slice(2, 4), digest);
      await rename(path, join(directory, 'leaving', `${digest}.some-run`));
    }
    await blobs.put(anew.bytes, anew.digest, 10);
    const again = await openDiskBlobs(directory);
    expect(await again.get(gone.digest)).toEqual(gone.bytes);
    expect(await again.get(anew.digest)).toEqual(anew.bytes);
    expect(await readdir(join(directory, 'leaving'))).toEqual([]);
  });

  it('lists blobs alone: uploads and the mark of its store are none', async () => {
    const blobs = await openDiskBlobs(directory);
    await mkdir(join(directory, 'uploads'));
    const digest = digestOf(new Uint8Array(0));
    await writeFile(join(directory, 'uploads', `operator.${digest}`), 'half');
    await writeFile(join(directory, 'store-id'), 'id');
    expect(await blobs.list(null, 9)).toEqual([]);
  });

  it('takes nothing for a path but a digest', async () => {
    const blobs = await openDiskBlobs(directory);
    await expect(blobs.get('../../etc/passwd' as BlobDigest)).rejects.toThrow('by its digest');
  });
});
