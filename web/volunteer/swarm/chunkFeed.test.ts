/** The coordinator's answers, right and wrong: chunks as they come, and words for what is not as it must be. */
import { describe, expect, it } from 'vitest';
import { chunkRange } from '../../../shared/chunks.ts';
import { ManualClock } from '../testing.ts';
import { httpChunkFeed } from './chunkFeed.ts';
import { areSame, testBlob } from './testing.ts';

const BLOB = testBlob(4);
const SIGNAL = new AbortController().signal;

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | readonly Uint8Array[];
}

function feedOf(answer: (headers: Record<string, string>) => Answer) {
  const asked: string[] = [];
  const feed = httpChunkFeed({
    origin: 'https://coordinator.example',
    clock: new ManualClock(),
    fetch: (url, init) => {
      asked.push(url instanceof URL ? url.href : '');
      const { status = 200, headers, body = '' } = answer(init?.headers as Record<string, string>);
      const parts = typeof body === 'string' ? [new TextEncoder().encode(body)] : [...body];
      const stream = new ReadableStream({
        pull(out) {
          const next = parts.shift();
          if (next === undefined) out.close();
          else out.enqueue(next);
        },
      });
      return Promise.resolve(new Response(stream, { status, ...(headers && { headers }) }));
    },
  });
  const chunks = async (first: number, count: number) => {
    const came: [number, boolean][] = [];
    const result = await feed.chunks(
      BLOB.digest,
      BLOB.bytes.length,
      first,
      count,
      SIGNAL,
      (chunk, bytes) => {
        came.push([chunk, areSame(bytes, BLOB.chunk(chunk))]);
      },
    );
    return { result, came };
  };
  return { feed, asked, chunks };
}

/** What a coordinator answers to a range, in pieces of odd sizes. */
function ranged(
  headers: Record<string, string>,
  change: (bytes: Uint8Array) => Uint8Array,
): Answer {
  const [, start, last] = /^bytes=(\d+)-(\d+)$/.exec(headers['Range']!)!;
  const bytes = change(BLOB.bytes.slice(Number(start), Number(last) + 1));
  const pieces = [0, 1, 70_001, 1_500_000].map((at, i, all) => bytes.subarray(at, all[i + 1]));
  const range = `bytes ${start}-${last}/${BLOB.bytes.length}`;
  return { status: 206, headers: { 'Content-Range': range }, body: pieces };
}

function longer(bytes: Uint8Array): Uint8Array {
  const more = new Uint8Array(bytes.length + 1);
  more.set(bytes);
  return more;
}

describe('chunks', () => {
  it('are told one by one, however the bytes come', async () => {
    const { chunks, asked } = feedOf((headers) => ranged(headers, (bytes) => bytes));
    const { result, came } = await chunks(1, 3);
    expect(result).toEqual({ ok: true, value: null });
    expect(came).toEqual([
      [1, true],
      [2, true],
      [3, true],
    ]);
    expect(asked).toEqual([`https://coordinator.example/v1/blobs/${BLOB.digest}`]);
  });

  it('are asked for by their bytes', async () => {
    let range = '';
    const { chunks } = feedOf((headers) => {
      range = headers['Range']!;
      return { status: 404 };
    });
    expect((await chunks(2, 2)).result).toMatchObject({ error: { kind: 'blob-absent' } });
    const { start } = chunkRange(2, BLOB.bytes.length);
    expect(range).toBe(`bytes=${start}-${BLOB.bytes.length - 1}`);
  });

  it.each<[string, (headers: Record<string, string>) => Answer, string]>([
    ['too few bytes', (h) => ranged(h, (bytes) => bytes.subarray(1)), 'blob-unreachable'],
    ['too many bytes', (h) => ranged(h, (bytes) => longer(bytes)), 'blob-wrong'],
    ['the whole blob', () => ({ body: [BLOB.bytes] }), 'blob-wrong'],
    [
      'another range',
      (h) => ({ ...ranged(h, (bytes) => bytes), headers: { 'Content-Range': 'bytes 0-1/2' } }),
      'blob-wrong',
    ],
    ['an error', () => ({ status: 503 }), 'blob-unreachable'],
  ])('%s in answer is a failure', async (_, answer, kind) => {
    expect((await feedOf(answer).chunks(0, 2)).result).toMatchObject({
      ok: false,
      error: { kind },
    });
  });
});

describe('the list', () => {
  const listed = (list: unknown) =>
    feedOf(() => ({ body: JSON.stringify(list) })).feed.list(BLOB.digest, SIGNAL);

  it('is taken as it is', async () => {
    expect(await listed(BLOB.list)).toEqual({ ok: true, value: BLOB.list });
  });

  it.each([
    ['a chunk too few', { ...BLOB.list, chunks: BLOB.list.chunks.slice(1) }],
    ['chunks of another size', { ...BLOB.list, chunkBytes: 7 }],
    ['no hashes', { ...BLOB.list, chunks: ['x', 'y', 'z', '0'] }],
    ['nothing', null],
  ])('with %s is wrong', async (_, list) => {
    expect(await listed(list)).toMatchObject({ ok: false, error: { kind: 'blob-wrong' } });
  });
});
