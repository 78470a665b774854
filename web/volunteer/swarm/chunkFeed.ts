/**
 * Chunks and their hashes from the coordinator, over HTTP. One attempt each; patience is the caller's.
 *
 * Nothing is checked against a hash here. Invariant: no more is read than was asked for.
 */
import { chunkCount, chunkRange } from '../../../shared/chunks.ts';
import type { BlobDigest } from '../../../shared/ids.ts';
import { BLOB_DEADLINE_MS } from '../../../shared/limits.ts';
import { checkValue } from '../../../shared/protocol/parse.ts';
import { describeProblem } from '../../../shared/protocol/problem.ts';
import { chunkListSchema, type ChunkList } from '../../../shared/protocol/swarm.ts';
import { fail, messageOf, ok, type Result } from '../../../shared/result.ts';
import type { BlobFailure, Clock } from '../ports.ts';

export interface ChunkFeed {
  list(blob: BlobDigest, signal: AbortSignal): Promise<Result<ChunkList, BlobFailure>>;
  /** `count` chunks from `first` on, each told as soon as it is whole. `bytes` are the blob's. */
  chunks(
    blob: BlobDigest,
    bytes: number,
    first: number,
    count: number,
    signal: AbortSignal,
    onChunk: (chunk: number, bytes: Uint8Array) => void,
  ): Promise<Result<null, BlobFailure>>;
}

export interface HttpFeedPorts {
  /** The coordinator's origin. */
  readonly origin: string;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
}

export function httpChunkFeed({ origin, clock, fetch }: HttpFeedPorts): ChunkFeed {
  /** What `read` makes of the answer, within the deadline. */
  const ask = async <T>(
    blob: BlobDigest,
    path: string,
    headers: Record<string, string>,
    signal: AbortSignal,
    read: (response: Response) => Promise<Result<T, BlobFailure>>,
  ): Promise<Result<T, BlobFailure>> => {
    const name = `blob ${blob.slice(0, 8)}`;
    const deadline = new AbortController();
    const cancelDeadline = clock.after(BLOB_DEADLINE_MS, () => deadline.abort());
    try {
      const response = await fetch(new URL(`/v1/blobs/${blob}${path}`, origin), {
        headers,
        signal: AbortSignal.any([signal, deadline.signal]),
      });
      if (response.ok) return await read(response);
      await response.body?.cancel();
      const kind = response.status === 404 ? 'blob-absent' : 'blob-unreachable';
      return fail({ kind, message: `${name}: the coordinator answered ${response.status}` });
    } catch (thrown) {
      const message = `${name} could not be fetched: ${messageOf(thrown, 200)}`;
      return fail({ kind: 'blob-unreachable', message });
    } finally {
      cancelDeadline();
    }
  };
  return {
    list: (blob, signal) =>
      ask(blob, '/chunks', {}, signal, async (response) => {
        const list = checkValue((await response.json()) as unknown, chunkListSchema);
        if (!list.ok) return wrong(`the list of chunks: ${describeProblem(list.error)}`);
        const { bytes, chunks } = list.value;
        if (chunks.length === chunkCount(bytes)) return ok(list.value);
        return wrong(
          `expected ${chunkCount(bytes)} chunks of ${bytes} bytes, came ${chunks.length}`,
        );
      }),
    chunks(blob, bytes, first, count, signal, onChunk) {
      const { start } = chunkRange(first, bytes);
      const { end } = chunkRange(first + count - 1, bytes);
      const headers = { Range: `bytes=${start}-${end - 1}` };
      return ask(blob, '', headers, signal, async (response) => {
        const came = response.headers.get('Content-Range');
        if (response.status !== 206 || came !== `bytes ${start}-${end - 1}/${bytes}`) {
          await response.body?.cancel();
          return wrong(`expected bytes ${start}-${end - 1}/${bytes}, came ${came ?? 'all'}`);
        }
        return readChunks(response, bytes, first, count, onChunk);
      });
    },
  };
}

async function readChunks(
  response: Response,
  blobBytes: number,
  first: number,
  count: number,
  onChunk: (chunk: number, bytes: Uint8Array) => void,
): Promise<Result<null, BlobFailure>> {
  const end = first + count;
  const roomFor = (chunk: number): Uint8Array => {
    const range = chunkRange(chunk, blobBytes);
    return new Uint8Array(range.end - range.start);
  };
  const reader = response.body?.getReader();
  let chunk = first;
  let whole = roomFor(first);
  let filled = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) break;
    for (let at = 0; at < value.byteLength;) {
      if (chunk === end) {
        await reader?.cancel();
        return wrong('expected a part of a blob, came more bytes than that');
      }
      const piece = value.subarray(at, at + whole.byteLength - filled);
      whole.set(piece, filled);
      at += piece.byteLength;
      filled += piece.byteLength;
      if (filled < whole.byteLength) continue;
      onChunk(chunk, whole);
      chunk += 1;
      if (chunk < end) whole = roomFor(chunk);
      filled = 0;
    }
  }
  if (chunk === end) return ok(null);
  return fail({ kind: 'blob-unreachable', message: 'a part of a blob ended early' });
}

const wrong = (message: string): Result<never, BlobFailure> =>
  fail({ kind: 'blob-wrong', message });
