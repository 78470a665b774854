/** Items read from blobs: whole small ones, rows of large ones, and what is no tensor file. */
import { describe, expect, it } from 'vitest';
import type { BlobDigest } from '../../shared/ids.ts';
import { encodeTensors } from '../../shared/safetensors.ts';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { digestOf } from '../digest.ts';
import type { BlobStore } from '../store/blobs.ts';
import { memoryBlobs } from '../store/memoryBlobs.ts';
import { JobInputs } from './jobInputs.ts';

const FILE = encodeTensors({
  x: tensorOf(
    'I32',
    [5, 2],
    Int32Array.from({ length: 10 }, (_, i) => i),
  ),
  y: tensorOf('U8', [5], Uint8Array.of(50, 51, 52, 53, 54)),
});

/** A blob store that counts what is read. */
async function storeOf(bytes: Uint8Array) {
  const blobs = memoryBlobs();
  const digest = digestOf(bytes);
  await blobs.put(bytes, digest, 1e9);
  const calls = { get: 0, read: 0 };
  const counting: BlobStore = {
    ...blobs,
    get: (asked) => ((calls.get += 1), blobs.get(asked)),
    read: (asked, start, end) => ((calls.read += 1), blobs.read(asked, start, end)),
  };
  return { inputs: new JobInputs(counting), digest, calls };
}

describe('rows', () => {
  it('come in the asked order, also twice, of every tensor', async () => {
    const { inputs, digest } = await storeOf(FILE);
    const rows = await inputs.rows(digest, [4, 0, 4]);
    expect(rows['x']).toMatchObject({ dtype: 'I32', dims: [3, 2] });
    expect([...valuesOf(rows['x']!)]).toEqual([8, 9, 0, 1, 8, 9]);
    expect([...valuesOf(rows['y']!)]).toEqual([54, 50, 54]);
  });

  it('a small blob is read whole, once', async () => {
    const { inputs, digest, calls } = await storeOf(FILE);
    for (let i = 0; i < 5; i++) await inputs.rows(digest, [i]);
    expect(calls).toEqual({ get: 1, read: 1 }); // the one read is of its header
  });

  it('of a large blob only the rows that are asked for are read', async () => {
    const large = encodeTensors({ x: tensorOf('U8', [65, 1 << 20], new Uint8Array(65 << 20)) });
    large.set([7, 8, 9], large.length - (1 << 20));
    const { inputs, digest, calls } = await storeOf(large);
    const row = (await inputs.rows(digest, [64]))['x']!;
    expect([row.dims, [...row.bytes.subarray(0, 4)]]).toEqual([
      [1, 1 << 20],
      [7, 8, 9, 0],
    ]);
    expect(calls).toEqual({ get: 0, read: 2 });
  });

  it('an item that is not there is a bug', async () => {
    const { inputs, digest } = await storeOf(FILE);
    await expect(inputs.rows(digest, [5])).rejects.toThrow();
  });
});

describe('layouts', () => {
  it('are read once', async () => {
    const { inputs, digest, calls } = await storeOf(FILE);
    const [first, second] = [await inputs.layout(digest, 'f'), await inputs.layout(digest, 'f')];
    expect(first).toEqual(second);
    expect(calls.read).toBe(1);
  });

  it('of a blob that is not there, or is no tensor file, are problems with their field', async () => {
    const { inputs, digest } = await storeOf(new TextEncoder().encode('not tensors at all'));
    const absent = 'e'.repeat(64) as BlobDigest;
    expect(await inputs.layout(absent, 'inputs.constant')).toMatchObject({
      error: {
        code: 'blob-absent',
        field: 'inputs.constant',
        came: absent,
        fix: `upload it first: PUT /v1/blobs/${absent}`,
      },
    });
    expect(await inputs.layout(digest, 'inputs.stacked')).toMatchObject({
      error: { code: 'malformed-tensors', field: 'inputs.stacked' },
    });
  });
});

describe('constants', () => {
  it('are the whole file', async () => {
    const { inputs, digest } = await storeOf(FILE);
    const all = await inputs.all(digest);
    expect(Object.keys(all).sort()).toEqual(['x', 'y']);
    expect(all['x']!.dims).toEqual([5, 2]);
  });
});
