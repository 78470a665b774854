/** A stream of values cut into jobs: order, back-pressure, failures, and whoever stops reading. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ItemResult, Job } from '../job.ts';
import { BoundedQueue } from './boundedQueue.ts';
import { chunksOf } from './chunks.ts';
import { runChain, type ChainOptions } from './jobChain.ts';

async function* from<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

describe('chunks', () => {
  const options = { first: 2, most: 5, mostBytes: 100, bytesOf: () => 1, lingerMs: 10_000 };
  const all = async <T>(chunks: AsyncIterable<T>): Promise<T[]> => {
    const got: T[] = [];
    for await (const chunk of chunks) got.push(chunk);
    return got;
  };

  it('grow while values come, and hold all of them in order', async () => {
    const chunks = await all(chunksOf(from(Array(14).keys()), options));
    expect(chunks.map(({ length }) => length)).toEqual([2, 4, 5, 3]);
    expect(chunks.flat()).toEqual([...Array(14).keys()]);
  });

  it('end at so many bytes, with at least one value', async () => {
    const sized = { ...options, mostBytes: 10, bytesOf: (value: number) => value };
    expect(await all(chunksOf(from([4, 4, 4, 50, 1]), sized))).toEqual([[4, 4], [4], [50], [1]]);
  });

  it('do not wait for more than comes', async () => {
    let release = (): void => undefined;
    const slow = (async function* () {
      yield 1;
      await new Promise<void>((resolve) => (release = resolve));
      yield 2;
    })();
    const chunks = chunksOf(slow, { ...options, lingerMs: 1 });
    expect((await chunks.next()).value).toEqual([1]);
    release();
    expect((await chunks.next()).value).toEqual([2]);
  });

  it('pass on what came before a failure, then the failure', async () => {
    const broken = (async function* () {
      yield* [1, 2, 3];
      throw new Error('torn');
    })();
    const chunks = chunksOf(broken, options);
    expect((await chunks.next()).value).toEqual([1, 2]);
    expect((await chunks.next()).value).toEqual([3]);
    await expect(chunks.next()).rejects.toThrow('torn');
  });
});

describe('a queue', () => {
  it('makes whoever fills it wait until what was taken is used', async () => {
    const queue = new BoundedQueue<number>(1);
    queue.push(1);
    let hasRoom = false;
    const room = queue.room().then(() => (hasRoom = true));
    const taken = queue[Symbol.asyncIterator]();
    expect((await taken.next()).value).toBe(1);
    await sleep(0);
    expect(hasRoom).toBe(false);
    const next = taken.next();
    await room;
    queue.push(2);
    expect((await next).value).toBe(2);
  });
});

describe('a chain of jobs', () => {
  /** A job whose items settle when they are let; all at once where `free`. */
  function fakes(failing: ReadonlySet<number> = new Set()) {
    const cancelled: number[] = [];
    const posted: number[][] = [];
    const post = async (chunk: number[], index: number): Promise<Job> => {
      posted.push(chunk);
      const results = async function* (): AsyncGenerator<ItemResult> {
        for (const [item, value] of chunk.entries()) {
          if (failing.has(value)) continue;
          const bytes = new Uint8Array([value]);
          yield { item, outputs: { y: { dtype: 'U8', dims: [], bytes } } };
        }
      };
      const cancel = async (): Promise<void> => void cancelled.push(index);
      return { results, cancel } as unknown as Job;
    };
    return { post, cancelled, posted };
  }
  const chain = (
    chunks: AsyncIterable<number[]>,
    options: Pick<ChainOptions<number[]>, 'post'> & Partial<ChainOptions<number[]>>,
  ) =>
    runChain(chunks, {
      itemsOf: ({ length }) => length,
      window: 2,
      signal: new AbortController().signal,
      ...options,
    });
  const CHUNKS = [[10, 11], [12], [13, 14, 15], [16]];

  it('gives every item once, in order, the failed ones too', async () => {
    const { post, cancelled } = fakes(new Set([11, 13, 16]));
    const got: (number | null)[] = [];
    for await (const { item, outputs } of chain(from(CHUNKS), { post })) {
      expect(item).toBe(got.length);
      got.push(outputs?.['y']?.bytes[0] ?? null);
    }
    expect(got).toEqual([10, null, 12, null, 14, 15, null]);
    expect(cancelled).toEqual([]);
  });

  it('posts no more than the window while nobody reads, and cancels what nobody will read', async () => {
    const { post, posted, cancelled } = fakes();
    const results = chain(from(CHUNKS), { post });
    expect((await results.next()).value).toMatchObject({ item: 0 });
    await sleep(0);
    expect(posted).toHaveLength(2);
    await results.return(undefined);
    expect(cancelled).toEqual([0, 1]);
    await sleep(0);
    expect(posted).toHaveLength(2);
  });

  it('gives what there is, then the failure of the source', async () => {
    const { post } = fakes();
    const torn = (async function* () {
      yield [10, 11];
      throw new Error('line 3');
    })();
    const got: number[] = [];
    const reading = (async () => {
      for await (const { item } of chain(torn, { post })) got.push(item);
    })();
    await expect(reading).rejects.toThrow('line 3');
    expect(got).toEqual([0, 1]);
  });

  it('ends with the reason of its signal while it waits for more', async () => {
    const { post } = fakes();
    const stop = new AbortController();
    const never = (async function* () {
      yield [10];
      await new Promise(() => undefined);
    })();
    const results = chain(never, { post, signal: stop.signal });
    await results.next();
    const next = results.next();
    stop.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
  });
});
