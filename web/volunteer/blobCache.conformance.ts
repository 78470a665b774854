/**
 * What every `BlobCache` must do. Each implementation's test calls this with a way to make one.
 */
import { expect, test } from 'vitest';
import { digestOf } from '../../shared/digest.ts';
import type { BlobCache } from './ports.ts';

const blob = (fill: number, bytes = 100): Uint8Array => new Uint8Array(bytes).fill(fill);

/** `make` gives an empty cache that keeps `maxBytes`. */
export function blobCacheConformance(make: (maxBytes: number) => Promise<BlobCache>): void {
  test('gives back what was put, and null for what was not', async () => {
    const cache = await make(1000);
    const bytes = blob(1);
    await cache.put(digestOf(bytes), bytes);
    expect(await cache.get(digestOf(bytes))).toEqual(bytes);
    expect(await cache.get(digestOf(blob(2)))).toBeNull();
  });

  test('reads a part, cut at the end', async () => {
    const cache = await make(1000);
    const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
    await cache.put(digestOf(bytes), bytes);
    expect(await cache.read(digestOf(bytes), 10, 20)).toEqual(bytes.subarray(10, 20));
    expect(await cache.read(digestOf(bytes), 90, 200)).toEqual(bytes.subarray(90));
    expect(await cache.read(digestOf(blob(2)), 0, 1)).toBeNull();
  });

  test('forgets what is deleted', async () => {
    const cache = await make(1000);
    const bytes = blob(1);
    await cache.put(digestOf(bytes), bytes);
    await cache.delete(digestOf(bytes));
    expect(await cache.get(digestOf(bytes))).toBeNull();
    await cache.delete(digestOf(bytes));
  });

  test('evicts the least recently used, and only as much as it must', async () => {
    const cache = await make(250);
    const [a, b, c] = [blob(1), blob(2), blob(3)];
    await cache.put(digestOf(a), a);
    await cache.put(digestOf(b), b);
    await cache.get(digestOf(a));
    await cache.put(digestOf(c), c);
    expect(await cache.get(digestOf(b))).toBeNull();
    expect(await cache.get(digestOf(a))).toEqual(a);
    expect(await cache.get(digestOf(c))).toEqual(c);
  });

  test('putting a blob twice counts it once', async () => {
    const cache = await make(250);
    const [a, b] = [blob(1), blob(2)];
    await cache.put(digestOf(a), a);
    await cache.put(digestOf(a), a);
    await cache.put(digestOf(b), b);
    expect(await cache.get(digestOf(a))).toEqual(a);
    expect(await cache.get(digestOf(b))).toEqual(b);
  });

  test('a blob larger than the cache is not kept and costs nothing else its place', async () => {
    const cache = await make(250);
    const [small, large] = [blob(1), blob(2, 300)];
    await cache.put(digestOf(small), small);
    await cache.put(digestOf(large), large);
    expect(await cache.get(digestOf(large))).toBeNull();
    expect(await cache.get(digestOf(small))).toEqual(small);
  });
}
