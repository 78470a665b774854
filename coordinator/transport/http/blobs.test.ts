/** Blobs over HTTP: stored once, under their digest only, and read by anyone who knows it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../digest.ts';
import { HttpRig } from '../testing/httpRig.ts';

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
    expect(problem).toMatchObject({ code: 'digest-mismatch', came: 'interrupted' });
    expect(await http.links.blobs.has(digest)).toBeNull();
  });
});
