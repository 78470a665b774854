/** Blobs in memory, for tests and the simulator: the whole port, nothing durable. */
import { createHash } from 'node:crypto';
import type { BlobDigest } from '../../shared/ids.ts';
import { fail, messageOf, ok } from '../../shared/result.ts';
import { chunksOf, type BlobStore } from './blobs.ts';

export function memoryBlobs(now: () => number = Date.now): BlobStore {
  const blobs = new Map<BlobDigest, Uint8Array>();
  const usedAtMs = new Map<BlobDigest, number>();
  return {
    uploads: null,
    async put(source, expected, maxBytes) {
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      try {
        for await (const chunk of chunksOf(source)) {
          bytes += chunk.byteLength;
          if (bytes > maxBytes) return fail({ kind: 'too-large', maxBytes });
          chunks.push(Uint8Array.from(chunk));
        }
      } catch (thrown) {
        return fail({ kind: 'interrupted', reason: messageOf(thrown) });
      }
      const whole = new Uint8Array(Buffer.concat(chunks));
      const came = createHash('sha256').update(whole).digest('hex') as BlobDigest;
      if (came !== expected) return fail({ kind: 'digest-mismatch', came, bytes });
      blobs.set(expected, whole);
      usedAtMs.set(expected, now());
      return ok({ bytes });
    },
    async get(digest) {
      return blobs.get(digest)?.slice() ?? null;
    },
    async open(digest, range) {
      const whole = blobs.get(digest);
      if (whole === undefined) return null;
      const part = whole.slice(range?.start ?? 0, range?.end ?? whole.byteLength);
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          if (part.byteLength > 0) controller.enqueue(part);
          controller.close();
        },
      });
      return { bytes: whole.byteLength, stream };
    },
    async read(digest, start, end) {
      return blobs.get(digest)?.slice(start, end) ?? null;
    },
    async has(digest) {
      return blobs.get(digest)?.byteLength ?? null;
    },
    async need(digest) {
      if (blobs.has(digest)) usedAtMs.set(digest, now());
      return blobs.get(digest)?.byteLength ?? null;
    },
    async list(after, limit) {
      return [...usedAtMs]
        .map(([digest, atMs]) => ({ digest, usedAtMs: atMs }))
        .filter(({ digest }) => after === null || digest > after)
        .sort((a, b) => (a.digest < b.digest ? -1 : 1))
        .slice(0, limit);
    },
    async deleteUnused(digest, sinceMs) {
      if (usedAtMs.get(digest)! >= sinceMs) return false;
      usedAtMs.delete(digest);
      return blobs.delete(digest);
    },
  };
}
