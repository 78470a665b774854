/** What every blob store must do. Run by the tests of each implementation. */
import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobDigest } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';
import { USED_AGAIN_MS, type BlobStore } from './blobs.ts';

const MAX_BYTES = 1024 * 1024;
const START_MS = 1_700_000_000_000;
const sha256 = (bytes: Uint8Array) =>
  createHash('sha256').update(bytes).digest('hex') as BlobDigest;

async function* inChunks(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

const collected = async (stream: ReadableStream<Uint8Array>): Promise<Uint8Array> =>
  new Uint8Array(await new Response(stream).arrayBuffer());

export function blobsConformance(
  name: string,
  open: (
    now: () => number,
  ) => Promise<{ readonly blobs: BlobStore; readonly dispose: () => Promise<void> }>,
): void {
  describe(`${name} blobs`, () => {
    let blobs: BlobStore;
    let dispose: () => Promise<void>;
    const bytes = new Uint8Array(randomBytes(300_001));
    const digest = sha256(bytes);
    const digestOfTen = sha256(bytes.subarray(0, 10));
    const clock = { nowMs: START_MS };

    beforeEach(async () => {
      ({ blobs, dispose } = await open(() => clock.nowMs));
      clock.nowMs = START_MS;
    });
    afterEach(() => dispose());

    it('knows nothing of a blob that was never put', async () => {
      expect(await blobs.has(digest)).toBeNull();
      expect(await blobs.get(digest)).toBeNull();
      expect(await blobs.open(digest)).toBeNull();
      expect(await blobs.read(digest, 0, 1)).toBeNull();
      expect(await blobs.need(digest)).toBeNull();
      expect(await blobs.list(null, 9)).toEqual([]);
      expect(await blobs.deleteUnused(digest, Infinity)).toBe(false);
    });

    it.each([
      ['bytes', () => bytes],
      ['chunks', () => inChunks(bytes, 7_777)],
      ['a web stream', () => new Blob([bytes]).stream()],
    ])('keeps %s and gives them back', async (_, source) => {
      expect(await blobs.put(source(), digest, MAX_BYTES)).toEqual(ok({ bytes: bytes.length }));
      expect(await blobs.has(digest)).toBe(bytes.length);
      expect(sha256((await blobs.get(digest))!)).toBe(digest);
      const opened = (await blobs.open(digest))!;
      expect(opened.bytes).toBe(bytes.length);
      expect(sha256(await collected(opened.stream))).toBe(digest);
    });

    it('keeps an empty blob', async () => {
      const empty = new Uint8Array(0);
      expect(await blobs.put(empty, sha256(empty), MAX_BYTES)).toEqual(ok({ bytes: 0 }));
      expect(await blobs.get(sha256(empty))).toEqual(empty);
      expect(await collected((await blobs.open(sha256(empty)))!.stream)).toEqual(empty);
    });

    it.each([
      [0, 10],
      [123_456, 123_457],
      [299_990, 300_001],
      [299_990, 400_000],
      [5, 5],
      [400_000, 400_010],
    ])('reads from %i to %i', async (start, end) => {
      await blobs.put(bytes, digest, MAX_BYTES);
      const expected = bytes.slice(start, end);
      expect(await blobs.read(digest, start, end)).toEqual(expected);
      const opened = (await blobs.open(digest, { start, end }))!;
      expect(opened.bytes).toBe(bytes.length);
      expect(await collected(opened.stream)).toEqual(expected);
    });

    it('refuses bytes of another digest, and keeps nothing', async () => {
      const wrong = sha256(new Uint8Array([1]));
      expect(await blobs.put(inChunks(bytes, 1000), wrong, MAX_BYTES)).toEqual({
        ok: false,
        error: { kind: 'digest-mismatch', came: digest, bytes: bytes.length },
      });
      expect(await blobs.has(wrong)).toBeNull();
      expect(await blobs.has(digest)).toBeNull();
    });

    it('takes exactly the maximum, and not a byte more', async () => {
      expect((await blobs.put(bytes, digest, bytes.length)).ok).toBe(true);
      await blobs.deleteUnused(digest, Infinity);
      const refused = await blobs.put(inChunks(bytes, 1000), digest, bytes.length - 1);
      expect(refused).toEqual({
        ok: false,
        error: { kind: 'too-large', maxBytes: bytes.length - 1 },
      });
      expect(await blobs.has(digest)).toBeNull();
    });

    it('stops reading a source that is too large', async () => {
      let given = 0;
      async function* endless(): AsyncGenerator<Uint8Array> {
        for (;;) {
          given += 1000;
          yield bytes.subarray(0, 1000);
        }
      }
      expect((await blobs.put(endless(), digest, 10_000)).ok).toBe(false);
      expect(given).toBe(11_000);
    });

    it('keeps nothing of a source that failed half way', async () => {
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield bytes.subarray(0, 1000);
        throw new Error('the client went away');
      }
      expect(await blobs.put(broken(), digest, MAX_BYTES)).toEqual({
        ok: false,
        error: { kind: 'interrupted', reason: 'the client went away' },
      });
      expect(await blobs.has(digest)).toBeNull();
    });

    it('takes the same blob many times at once', async () => {
      const puts = await Promise.all(
        Array.from({ length: 8 }, () => blobs.put(inChunks(bytes, 9_999), digest, MAX_BYTES)),
      );
      expect(puts).toEqual(puts.map(() => ok({ bytes: bytes.length })));
      expect(sha256((await blobs.get(digest))!)).toBe(digest);
    });

    it('does not share its bytes with the caller', async () => {
      const own = bytes.slice();
      await blobs.put(own, digest, MAX_BYTES);
      own.fill(0);
      (await blobs.get(digest))!.fill(0);
      expect(sha256((await blobs.get(digest))!)).toBe(digest);
    });

    it('lists what is there by digest, in pages, with when it was used', async () => {
      const all = Array.from({ length: 7 }, (_, i) => Uint8Array.of(i)).map((own) => ({
        own,
        digest: sha256(own),
      }));
      for (const [i, one] of all.entries()) {
        clock.nowMs += i;
        await blobs.put(one.own, one.digest, MAX_BYTES);
      }
      const listed = [...(await blobs.list(null, 3))];
      for (let page = listed; page.length > 0;) {
        page = [...(await blobs.list(listed.at(-1)!.digest, 3))];
        listed.push(...page);
      }
      expect(listed.map((one) => one.digest)).toEqual(all.map((one) => one.digest).sort());
      const times = all.map((_, i) => START_MS + (i * (i + 1)) / 2);
      expect(listed.map(({ usedAtMs }) => usedAtMs).sort()).toEqual(times);
    });

    it('deletes what was used before, and leaves what was put or needed since', async () => {
      await blobs.put(bytes, digest, MAX_BYTES);
      expect(await blobs.deleteUnused(digest, START_MS)).toBe(false);
      expect(await blobs.has(digest)).toBe(bytes.length);
      clock.nowMs += 2 * USED_AGAIN_MS;
      expect(await blobs.need(digest)).toBe(bytes.length);
      expect(await blobs.deleteUnused(digest, clock.nowMs)).toBe(false);
      clock.nowMs += 2 * USED_AGAIN_MS;
      await blobs.put(bytes, digest, MAX_BYTES);
      expect(await blobs.deleteUnused(digest, clock.nowMs)).toBe(false);
      expect(await blobs.deleteUnused(digest, clock.nowMs + 1)).toBe(true);
      expect([await blobs.has(digest), await blobs.need(digest)]).toEqual([null, null]);
      expect(await blobs.list(null, 9)).toEqual([]);
      expect(await blobs.deleteUnused(digest, Infinity)).toBe(false);
    });

    it('says of two that come together which was first: it is needed, or it is gone', async () => {
      for (let round = 0; round < 50; round += 1) {
        await blobs.put(bytes.subarray(0, 10), digestOfTen, MAX_BYTES);
        clock.nowMs += 2 * USED_AGAIN_MS;
        const sinceMs = clock.nowMs;
        const [needed, gone] = await Promise.all([
          blobs.need(digestOfTen),
          blobs.deleteUnused(digestOfTen, sinceMs),
        ]);
        // It may be neither: whoever needed it is told to put it again, and nothing was lost.
        expect(needed !== null && gone, `round ${round}`).toBe(false);
        expect(await blobs.has(digestOfTen), `round ${round}`).toBe(gone ? null : 10);
      }
    });
  });
}
