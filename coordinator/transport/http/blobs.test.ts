/** Blobs over HTTP: stored once, under their digest only, and read by anyone who knows it. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHUNK_BYTES } from '../../../shared/limits.ts';
import { chunkListSchema } from '../../../shared/protocol/swarm.ts';
import { digestOf } from '../../digest.ts';
import { openDiskBlobs } from '../../store/diskBlobs.ts';
import { memoryBlobs } from '../../store/memoryBlobs.ts';
import { HttpRig } from '../testing/httpRig.ts';
import { buildApp } from './app.ts';
import { ChunkLists } from './chunkLists.ts';

let http: HttpRig;
beforeAll(async () => {
  http = await HttpRig.started();
});
afterAll(() => http.close());

const BYTES = new Uint8Array(200_000).map((_, i) => i * 7);
const DIGEST = digestOf(BYTES);
const PATH = `/v1/blobs/${DIGEST}`;

describe('blobs', () => {
  it('are stored once; the second time their body is not needed', async () => {
    const first = await http.ask(PATH, { method: 'PUT', body: BYTES });
    expect([first.status, await first.json()]).toEqual([
      201,
      { digest: DIGEST, stored: true, bytes: BYTES.length },
    ]);
    const second = await http.ask(PATH, { method: 'PUT', body: BYTES });
    expect([second.status, await second.json()]).toEqual([200, { digest: DIGEST, stored: false }]);
  });

  it('may come as a stream of unknown length', async () => {
    const chunks = [BYTES.subarray(0, 10), BYTES.subarray(10, 500)];
    const digest = digestOf(BYTES.subarray(0, 500));
    const body = new ReadableStream<Uint8Array>({
      pull(out) {
        const next = chunks.shift();
        if (next === undefined) out.close();
        else out.enqueue(next);
      },
    });
    const put = await http.ask(`/v1/blobs/${digest}`, { method: 'PUT', body });
    expect(put.status).toBe(201);
  });

  it('of no bytes are blobs', async () => {
    const digest = digestOf(new Uint8Array(0));
    expect(
      (await http.ask(`/v1/blobs/${digest}`, { method: 'PUT', body: new Uint8Array(0) })).status,
    ).toBe(201);
    const got = await http.ask(`/v1/blobs/${digest}`);
    expect([got.status, (await got.arrayBuffer()).byteLength]).toEqual([200, 0]);
  });

  it('GET needs no key, and may be cached for ever', async () => {
    const got = await http.ask(PATH, { key: null });
    expect(got.status).toBe(200);
    expect(Object.fromEntries(got.headers)).toMatchObject({
      etag: `"${DIGEST}"`,
      'content-length': String(BYTES.length),
      'content-type': 'application/octet-stream',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect(digestOf(new Uint8Array(await got.arrayBuffer()))).toBe(DIGEST);
  });

  it('HEAD says the size, without the bytes', async () => {
    const head = await http.ask(PATH, { method: 'HEAD', key: null });
    expect([head.status, head.headers.get('Content-Length')]).toEqual([200, String(BYTES.length)]);
    expect((await head.arrayBuffer()).byteLength).toBe(0);
    expect(
      (await http.ask(`/v1/blobs/${'e'.repeat(64)}`, { method: 'HEAD', key: null })).status,
    ).toBe(404);
  });

  it('a known ETag is answered with 304', async () => {
    const got = await http.ask(PATH, { key: null, headers: { 'If-None-Match': `"${DIGEST}"` } });
    expect([got.status, await got.text(), got.headers.get('ETag')]).toEqual([
      304,
      '',
      `"${DIGEST}"`,
    ]);
  });

  it('a mismatch names both digests and stores neither', async () => {
    const wrong = digestOf(Uint8Array.of(1));
    const problem = await http.problem(`/v1/blobs/${wrong}`, {
      method: 'PUT',
      body: Uint8Array.of(2),
    });
    expect(problem).toMatchObject({
      code: 'digest-mismatch',
      expected: wrong,
      came: digestOf(Uint8Array.of(2)),
    });
    for (const digest of [wrong, digestOf(Uint8Array.of(2))])
      expect(await http.links.blobs.has(digest)).toBeNull();
  });

  it('an upload that breaks off stores nothing', async () => {
    const digest = digestOf(Uint8Array.of(9, 9, 9));
    const body = new ReadableStream<Uint8Array>({
      start(out) {
        out.enqueue(Uint8Array.of(9));
        out.error(new Error('the line was cut'));
      },
    });
    const problem = await http.problem(`/v1/blobs/${digest}`, { method: 'PUT', body });
    expect(problem).toMatchObject({ code: 'upload-incomplete', came: 'the line was cut' });
    expect(await http.links.blobs.has(digest)).toBeNull();
  });

  it('an upload shorter than its Content-Length says so; one that is only wrong does not', async () => {
    const digest = digestOf(Uint8Array.of(8, 8, 8));
    const put = (length: number) =>
      http.problem(`/v1/blobs/${digest}`, {
        method: 'PUT',
        body: Uint8Array.of(8, 8),
        headers: { 'Content-Length': String(length) },
      });
    expect(await put(3)).toMatchObject({ code: 'upload-incomplete', status: 400, came: '2 bytes' });
    expect(await put(2)).toMatchObject({ code: 'digest-mismatch' });
    expect(await http.links.blobs.has(digest)).toBeNull();
  });
});

describe('ranges', () => {
  const part = async (range: string, headers: Record<string, string> = {}) => {
    const response = await http.ask(PATH, { key: null, headers: { Range: range, ...headers } });
    return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
  };

  it('are answered with their bytes and their place', async () => {
    const { response, bytes } = await part('bytes=1000-70999');
    expect(response.status).toBe(206);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-range': `bytes 1000-70999/${BYTES.length}`,
      'content-length': '70000',
      'accept-ranges': 'bytes',
      etag: `"${DIGEST}"`,
    });
    expect(bytes).toEqual(BYTES.subarray(1000, 71_000));
    const last = await part('bytes=-10');
    expect([last.response.status, last.bytes]).toEqual([206, BYTES.subarray(-10)]);
  });

  it('of another blob, by If-Range, are not given: the whole comes', async () => {
    const etag = `"${DIGEST}"`;
    expect((await part('bytes=0-9', { 'If-Range': etag })).response.status).toBe(206);
    const other = await part('bytes=0-9', { 'If-Range': '"another"' });
    expect([other.response.status, other.bytes.length]).toEqual([200, BYTES.length]);
  });

  it('beyond the end are refused in words, with the size', async () => {
    const { response, bytes } = await part(`bytes=${BYTES.length}-`);
    expect([response.status, response.headers.get('Content-Range')]).toEqual([
      416,
      `bytes */${BYTES.length}`,
    ]);
    expect(JSON.parse(new TextDecoder().decode(bytes))).toMatchObject({
      code: 'range-not-satisfiable',
    });
  });

  it('what was sent is counted', async () => {
    const sent = async (): Promise<number> => {
      const name = 'idlewave_blob_sent_bytes_total';
      const metric = await http.links.metrics.registry.getSingleMetric(name)!.get();
      return metric.values[0]!.value;
    };
    const before = await sent();
    await part('bytes=5-14');
    await http.ask(PATH, { method: 'HEAD', key: null });
    expect((await sent()) - before).toBe(10);
  });
});

describe('the list of chunks', () => {
  it('has the hash of every chunk, the short last one too', async () => {
    const bytes = new Uint8Array(2 * CHUNK_BYTES + 5).map((_, i) => (i * 31) >> 7);
    const digest = await http.upload(bytes);
    const list = chunkListSchema.parse(
      await http.json(`/v1/blobs/${digest}/chunks`, { key: null }),
    );
    const parts = [0, 1, 2].map((i) => bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES));
    expect(list).toEqual({
      bytes: bytes.length,
      chunkBytes: CHUNK_BYTES,
      chunks: parts.map((chunk) => digestOf(chunk)),
    });
  });

  it('of no bytes is empty; of nothing there is none', async () => {
    const digest = await http.upload(new Uint8Array(0));
    expect(await http.json(`/v1/blobs/${digest}/chunks`)).toMatchObject({ bytes: 0, chunks: [] });
    const problem = await http.problem(`/v1/blobs/${'e'.repeat(64)}/chunks`);
    expect(problem).toMatchObject({ code: 'blob-absent', status: 404 });
  });

  it('is made by reading the blob once, however many ask', async () => {
    let reads = 0;
    const blobs = memoryBlobs();
    const digest = digestOf(BYTES);
    await blobs.put(BYTES, digest, BYTES.length);
    const lists = new ChunkLists({
      ...blobs,
      open: (...asked) => {
        reads += 1;
        return blobs.open(...asked);
      },
    });
    await Promise.all([lists.of(digest), lists.of(digest)]);
    await lists.of(digest);
    expect(reads).toBe(1);
  });

  it('of a blob that was not there is made when it is', async () => {
    const blobs = memoryBlobs();
    const lists = new ChunkLists(blobs);
    const digest = digestOf(BYTES);
    expect(await lists.of(digest)).toBeNull();
    await blobs.put(BYTES, digest, BYTES.length);
    expect(await lists.of(digest)).toMatchObject({ bytes: BYTES.length });
  });
});

describe('over a socket that breaks', () => {
  let directory: string;
  let server: Server;
  let port: number;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'idlewave-blobs-'));
    const app = buildApp({ ...http.deps, blobs: await openDiskBlobs(directory) }, null);
    const answer = getRequestListener(app.fetch);
    server = createServer((request, response) => void answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true });
  });
  const incoming = () => readdir(join(directory, 'incoming'));

  it.each(['Content-Length: 100', 'Transfer-Encoding: chunked'])(
    'half an upload with %s is counted as such, and no part of it stays',
    async (length) => {
      const { 'upload-incomplete': before = 0 } = await http.links.refused();
      const socket = connect(port, '127.0.0.1');
      const head = `Host: x\r\nAuthorization: Bearer ${http.key}\r\n${length}`;
      const body = length.startsWith('T') ? '5\r\nhello\r\n' : 'hello';
      socket.write(`PUT ${PATH} HTTP/1.1\r\n${head}\r\n\r\n${body}`);
      await expect.poll(incoming).toHaveLength(1);
      socket.destroy();
      await expect.poll(incoming).toEqual([]);
      await expect
        .poll(() => http.links.refused())
        .toMatchObject({ 'upload-incomplete': before + 1 });
      // Beside what comes in slices, which this did not.
      const left = await readdir(directory, { recursive: true });
      expect(left.sort()).toEqual(['incoming', 'leaving', 'uploads']);
    },
  );
});
