import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { digestOf } from '../../shared/digest.ts';
import { blobCacheConformance } from './blobCache.conformance.ts';
import { nodeBlobCache } from './nodeBlobCache.ts';

const directories: string[] = [];
const directory = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'idlewave-cache-'));
  directories.push(path);
  return path;
};
afterAll(async () => {
  for (const path of directories) await rm(path, { recursive: true, force: true });
});

describe('nodeBlobCache', () => {
  blobCacheConformance(async (maxBytes) => nodeBlobCache(await directory(), maxBytes));

  test('keeps blobs for the next process', async () => {
    const path = await directory();
    const bytes = new Uint8Array([1, 2, 3]);
    await nodeBlobCache(path).put(digestOf(bytes), bytes);
    expect(await nodeBlobCache(path).get(digestOf(bytes))).toEqual(bytes);
  });

  test('a directory that cannot be written is an empty cache, not an error', async () => {
    const cache = nodeBlobCache('/dev/null/nowhere');
    const bytes = new Uint8Array([1]);
    await cache.put(digestOf(bytes), bytes);
    expect(await cache.get(digestOf(bytes))).toBeNull();
  });
});
