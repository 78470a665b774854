/** Pages of results: in the order of settlement, bounded, with what failed. */
import { describe, expect, it } from 'vitest';
import { MAX_PAGE_ROWS, MAX_RESULTS_PAGE_BYTES } from '../../shared/limits.ts';
import { FAILED_TENSOR, ITEM_TENSOR } from '../../shared/protocol/job.ts';
import { decodeTensors, encodeTensors } from '../../shared/safetensors.ts';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { itemsOf } from '../core/lots.ts';
import { digest, jobOf, shardOf } from '../core/testing/work.ts';
import type { Job, Shard } from '../core/state.ts';
import { openMemoryStore } from '../store/memoryStore.ts';
import { NO_CHANGES } from '../store/testing/records.ts';
import type { StoredOutput } from '../store/store.ts';
import { resultsAfter as answerTo, type ResultsPage } from './results.ts';

/** Shards end in the order given; `failed` ones have no output. */
async function storeWith(
  job: Job,
  order: readonly { index: number; failed?: boolean }[],
  width = 1,
) {
  const store = await openMemoryStore();
  const itemsOfShard = itemsOf(job);
  const shards: Shard[] = [];
  const outputs: StoredOutput[] = [];
  order.forEach(({ index, failed = false }, i) => {
    const shard = shardOf(job, index);
    const sequence = i + 1;
    if (failed) {
      shards.push({ ...shard, state: { kind: 'failed', sequence, reason: 'r', atMs: 1 } });
      return;
    }
    const items = itemsOfShard(shard);
    const values = new Uint32Array(shard.items * width);
    items.forEach((item, row) => values.fill(3 * item, row * width, (row + 1) * width));
    const dims = width === 1 ? [shard.items] : [shard.items, width];
    const bytes = encodeTensors({ hits: tensorOf('U32', dims, values) });
    const output = digest(`output ${index}`);
    outputs.push({ shard: shard.id, digest: output, bytes });
    shards.push({ ...shard, state: { kind: 'settled', sequence, output, by: 'quorum', atMs: 1 } });
  });
  await store.commit({ ...NO_CHANGES, jobs: [job], shards, outputs });
  return store;
}

/** Of a job whose results are there. */
async function resultsAfter(...asked: Parameters<typeof answerTo>): Promise<ResultsPage> {
  const page = await answerTo(...asked);
  if (!page.ok) throw new Error(page.error.detail);
  return page.value;
}

function read(file: Uint8Array | null) {
  const tensors = decodeTensors(file!);
  if (!tensors.ok) throw new Error(tensors.error.came);
  const numbers = (name: string) => [...(valuesOf(tensors.value[name]!) as Uint32Array)];
  return { items: numbers(ITEM_TENSOR), failed: numbers(FAILED_TENSOR), hits: numbers('hits') };
}

describe('resultsAfter', () => {
  it('refuses what was deleted, before it is read and while it is', async () => {
    const job = jobOf({ state: { kind: 'done', endedAtMs: 1 } });
    const store = await storeWith(job, [{ index: 0 }]);
    const atMs = Date.UTC(2026, 10, 23);
    await store.retention.deleteResults(job.id, atMs, 'author');
    const said = { code: 'results-deleted', came: job.id };
    // As it was when the request came: its outputs go while they are read.
    expect(await answerTo(store, job, 0)).toMatchObject({ ok: true });
    expect(await store.retention.pruneResults(job.id, 1)).toBe(true);
    for (const each of [job, (await store.job(job.id))!])
      expect(await answerTo(store, each, 0)).toMatchObject({
        error: { ...said, detail: expect.stringContaining('2026-11-23T00:00:00.000Z') as string },
      });
    const expired = jobOf({
      state: {
        kind: 'done',
        endedAtMs: 1,
        results: { kind: 'deleted', atMs, why: 'time', isPruned: true },
      },
    });
    expect(await answerTo(store, expired, 0)).toMatchObject({
      error: { ...said, detail: expect.stringContaining('kept as long as') as string },
    });
  });

  it('nothing yet is no page', async () => {
    const job = jobOf();
    expect(await resultsAfter(await storeWith(job, []), job, 0)).toEqual({
      file: null,
      next: 0,
      more: false,
    });
  });

  it('every row names its item; shards come as they settled, failed items beside', async () => {
    const job = jobOf({ items: 25, shards: 3 });
    const store = await storeWith(job, [{ index: 2 }, { index: 0, failed: true }, { index: 1 }]);
    const page = await resultsAfter(store, job, 0);
    expect(page).toMatchObject({ next: 3, more: false });
    const { items, failed, hits } = read(page.file);
    expect(items).toHaveLength(15);
    expect(failed).toHaveLength(10);
    expect([...items, ...failed].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 25 }, (_, i) => i),
    );
    expect(hits).toEqual(items.map((item) => 3 * item));
    const later = await resultsAfter(store, job, 2);
    expect(read(later.file).items).toEqual(items.slice(5));
  });

  it('a page of failed items alone has empty outputs', async () => {
    const job = jobOf({ items: 10, shards: 1 });
    const page = await resultsAfter(await storeWith(job, [{ index: 0, failed: true }]), job, 0);
    expect(read(page.file)).toMatchObject({ items: [], hits: [] });
    expect(read(page.file).failed).toHaveLength(10);
  });

  it('a page holds a bounded number of bytes, but one shard at least', async () => {
    const width = Math.ceil((0.6 * MAX_RESULTS_PAGE_BYTES) / 4);
    const outputs = { hits: { dtype: 'U32', dims: [width] } } as const;
    const job = jobOf({
      items: 3,
      itemsPerShard: 1,
      shards: 3,
      facts: { ...jobOf().facts, outputs },
    });
    const store = await storeWith(job, [{ index: 0 }, { index: 1 }, { index: 2 }], width);
    let after = 0;
    const pages: [number, boolean][] = [];
    while (after < 3) {
      const { next, more } = await resultsAfter(store, job, after);
      pages.push([next, more]);
      after = next;
    }
    expect(pages).toEqual([
      [1, true],
      [2, true],
      [3, false],
    ]);
  });

  it('a page holds a bounded number of shards', async () => {
    const count = MAX_PAGE_ROWS + 1;
    const job = jobOf({ items: count, itemsPerShard: 1, shards: count });
    const store = await storeWith(
      job,
      Array.from({ length: count }, (_, index) => ({ index })),
    );
    const first = await resultsAfter(store, job, 0);
    expect(first).toMatchObject({ next: MAX_PAGE_ROWS, more: true });
    expect(await resultsAfter(store, job, first.next)).toMatchObject({ next: count, more: false });
  });
});
