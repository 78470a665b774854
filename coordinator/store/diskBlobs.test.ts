import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../shared/digest.ts';
import type { BlobDigest } from '../../shared/ids.ts';
import { blobsConformance } from './conformance.blobs.ts';
import { openDiskBlobs } from './diskBlobs.ts';

const temporary = () => mkdtemp(join(tmpdir(), 'idlewave-blobs-'));

blobsConformance('disk', async () => {
  const directory = await temporary();
  const dispose = () => rm(directory, { recursive: true });
  return { blobs: await openDiskBlobs(directory), dispose };
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

  it('takes nothing for a path but a digest', async () => {
    const blobs = await openDiskBlobs(directory);
    await expect(blobs.get('../../etc/passwd' as BlobDigest)).rejects.toThrow('by its digest');
  });
});
