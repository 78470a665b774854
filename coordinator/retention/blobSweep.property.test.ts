/**
 * Authors that post, delete and upload, and two coordinators that both believe they lead and sweep, in random interleavings
 * of every call to the stores: what a record names is there, and what nothing names for long is gone.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BlobDigest } from '../../shared/ids.ts';
import { BLOB_GRACE_MS } from '../../shared/retention.ts';
import { digestOf } from '../digest.ts';
import { memoryBlobs } from '../store/memoryBlobs.ts';
import { openMemoryStore } from '../store/memoryStore.ts';
import type { AuthorRecord } from '../store/authorRecords.ts';
import { NO_CHANGES, author, jobId, makeJob } from '../store/testing/records.ts';
import { BlobSweep } from './blobSweep.ts';

const BLOBS = [0, 1].map((byte) => Uint8Array.of(byte));
const HOUR_MS = 3_600_000;
/** The longest that anybody takes from needing a blob to the record that names it. */
const LONGEST_POST_MS = 20 * HOUR_MS;

const aTask = fc.record({
  blob: fc.nat(BLOBS.length - 1),
  kind: fc.constantFrom('job', 'job', 'file', 'upload'),
  /** Whether what was named is let go again. */
  isDropped: fc.boolean(),
});
const aLife = fc.record({
  authors: fc.array(fc.array(aTask, { minLength: 2, maxLength: 6 }), {
    minLength: 1,
    maxLength: 2,
  }),
  /** That pass at once: few, or more than a blob is left alone for. */
  hours: fc.array(fc.constantFrom(0, 5, 26), { minLength: 3, maxLength: 12 }),
  sweeps: fc.tuple(fc.integer({ min: 1, max: 8 }), fc.nat(8)),
});

it('never loses a blob that is named, and loses every other in the end', { timeout: 120_000 }, () =>
  fc.assert(
    fc.asyncProperty(fc.scheduler(), aLife, async (scheduler, { authors, hours, sweeps }) => {
      let nowMs = 1_700_000_000_000;
      const now = () => nowMs;
      const store = await openMemoryStore();
      const blobs = memoryBlobs(now);
      const usedAtMs = new Map<BlobDigest, number>();
      const openSinceMs = new Set<{ readonly atMs: number }>();
      let names = 0;
      const pause = () => scheduler.schedule(Promise.resolve());
      const missing = async () => {
        const all = BLOBS.map(digestOf);
        const named = await store.retention.namedOf(all);
        const found = await Promise.all(all.map((digest) => blobs.has(digest)));
        return all.filter((digest, i) => named.has(digest) && found[i] === null);
      };

      const act = async ({ blob, kind, isDropped }: (typeof authors)[number][number]) => {
        const bytes = BLOBS[blob]!;
        const digest = digestOf(bytes);
        const put = async () => {
          await pause();
          usedAtMs.set(digest, nowMs);
          await blobs.put(bytes, digest, 9);
        };
        if (kind === 'upload') return put();
        const post = { atMs: nowMs };
        openSinceMs.add(post);
        const need = async () => {
          const found = await blobs.need(digest);
          if (found !== null) usedAtMs.set(digest, nowMs);
          await pause();
          return found !== null;
        };
        const isHere = (await need()) || (await put(), await need());
        if (!isHere) return void openSinceMs.delete(post);
        const name = String(names++);
        const job = makeJob(name, { stacked: digest, constants: null });
        const body = { digest } as AuthorRecord<'file'>['body'];
        const file = { kind: 'file', id: name, author: author(1), createdAtMs: 1, body } as const;
        await (kind === 'job'
          ? store.commit({ ...NO_CHANGES, jobs: [job] })
          : store.authorRecords.put(file));
        openSinceMs.delete(post);
        expect(await missing()).toEqual([]);
        await pause();
        if (!isDropped) return;
        if (kind === 'file') return void (await store.authorRecords.delete('file', name));
        const ended = { ...job, state: { kind: 'done', endedAtMs: nowMs } } as const;
        await store.commit({ ...NO_CHANGES, jobs: [ended] });
        await pause();
        await store.retention.deleteResults(jobId(name), nowMs, 'author');
      };

      const seams: ConstructorParameters<typeof BlobSweep>[0] = {
        now,
        log: () => undefined,
        store: {
          retention: {
            ...store.retention,
            async namedOf(asked) {
              await pause();
              const named = await store.retention.namedOf(asked);
              await pause();
              return named;
            },
          },
        },
        blobs: {
          async list(after, limit) {
            await pause();
            return blobs.list(after, limit);
          },
          async deleteUnused(digest, sinceMs) {
            await pause();
            const gone = await blobs.deleteUnused(digest, sinceMs);
            if (gone) expect(nowMs - usedAtMs.get(digest)!).toBeGreaterThan(BLOB_GRACE_MS);
            expect(await missing()).toEqual([]);
            return gone;
          },
        },
      };
      const inTurn = async <T>(all: readonly T[], each: (one: T) => Promise<unknown>) => {
        for (const one of all) {
          await pause();
          await each(one);
        }
      };
      const passing = inTurn(hours, async (count) => {
        const oldest = Math.min(nowMs, ...[...openSinceMs].map(({ atMs }) => atMs));
        nowMs += Math.min(count * HOUR_MS, oldest + LONGEST_POST_MS - nowMs);
      });
      const sweeping = sweeps.map((steps) =>
        inTurn(Array.from({ length: steps }), () => new BlobSweep(seams).step()),
      );
      await scheduler.waitFor(
        Promise.all([passing, ...sweeping, ...authors.map((tasks) => inTurn(tasks, act))]),
      );

      nowMs += 2 * BLOB_GRACE_MS;
      const last = new BlobSweep({ store, blobs, now, log: () => undefined });
      while (await last.step());
      const left = (await blobs.list(null, 9)).map(({ digest }) => digest);
      expect(left).toEqual([...(await store.retention.namedOf(BLOBS.map(digestOf)))].sort());
    }),
    { numRuns: 3_000 },
  ),
);
