/**
 * Items that come one after the other, computed as a chain of jobs, and their results in the same order.
 *
 * A job has its items when it is posted: its shards are drawn by a permutation of all of them. So a stream of items is
 * cut into jobs, of which a few are under way at once; the window bounds memory, and whoever reads slowly slows down
 * whoever writes. Jobs that nobody waits for any more are cancelled.
 */
import type { Job } from '../job.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { BoundedQueue } from './boundedQueue.ts';

export interface ChainOptions<Chunk> {
  /** Posts the items of one chunk. `index` counts the jobs, from 0. */
  readonly post: (chunk: Chunk, index: number) => Promise<Job>;
  readonly itemsOf: (chunk: Chunk) => number;
  /** Jobs that may be under way at once. */
  readonly window: number;
  readonly onJob?: ((job: Job, index: number) => void) | undefined;
  readonly signal: AbortSignal;
}

export interface ChainResult {
  /** Counted over all jobs. */
  readonly item: number;
  /** Null: it could not be computed. */
  readonly outputs: NamedTensors | null;
}

interface Link {
  readonly job: Job;
  readonly items: number;
}

export async function* runChain<Chunk>(
  chunks: AsyncIterable<Chunk>,
  { post, itemsOf, window, onJob, signal }: ChainOptions<Chunk>,
): AsyncGenerator<ChainResult> {
  const queue = new BoundedQueue<Link>(window);
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const producing = (async () => {
    try {
      let index = 0;
      // Room first: a chunk that was read and cannot be posted is memory for nothing.
      await queue.room();
      for await (const chunk of chunks) {
        if (either.aborted) return;
        const job = await post(chunk, index);
        queue.push({ job, items: itemsOf(chunk) });
        onJob?.(job, index);
        index += 1;
        await queue.room();
        if (either.aborted) return;
      }
      queue.end();
    } catch (thrown) {
      queue.end(thrown);
    }
  })();
  const aborted = (): void => queue.end(either.reason);
  either.addEventListener('abort', aborted, { once: true });
  try {
    let base = 0;
    for await (const link of queue) {
      yield* inOrder(link, base, either);
      base += link.items;
    }
  } finally {
    either.removeEventListener('abort', aborted);
    stop.abort();
    queue.end();
    await cancelAll(queue);
    // It may be waiting for values that never come; what it posts after all is cancelled when it is there.
    void producing.then(() => cancelAll(queue));
  }
}

/** Whatever is not read to its end; harmless for a job that has ended. */
const cancelAll = (queue: BoundedQueue<Link>): Promise<unknown> =>
  Promise.allSettled(queue.drain().map(({ job }) => job.cancel(AbortSignal.timeout(CANCEL_MS))));

/** Cancelling is a courtesy to volunteers; nobody waits long for it. */
const CANCEL_MS = 5_000;

/** All items of a job, those without a result too. */
async function* inOrder(
  { job, items }: Link,
  base: number,
  signal: AbortSignal,
): AsyncGenerator<ChainResult> {
  let due = 0;
  for await (const { item, outputs } of job.results({ order: 'item', signal })) {
    for (; due < item; due++) yield { item: base + due, outputs: null };
    yield { item: base + item, outputs };
    due = item + 1;
  }
  for (; due < items; due++) yield { item: base + due, outputs: null };
}
