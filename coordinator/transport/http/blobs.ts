/**
 * Routes of blobs: models and inputs, addressed by SHA-256. Reading needs no key: a host is told the digest,
 * and a digest cannot be guessed.
 */
import { z } from '@hono/zod-openapi';
import { stream } from 'hono/streaming';
import { isDigest } from '../../../shared/digest.ts';
import type { BlobDigest } from '../../../shared/ids.ts';
import { MAX_BLOB_BYTES } from '../../../shared/limits.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import { chunkListSchema } from '../../../shared/protocol/swarm.ts';
import { unreachable } from '../../../shared/result.ts';
import type { PutError } from '../../store/blobs.ts';
import { requireAuthor } from './auth.ts';
import { readRange } from './byteRange.ts';
import { ChunkLists } from './chunkLists.ts';
import {
  jsonResponse,
  newApp,
  problemBody,
  problemResponse,
  rawResponse,
  refuse,
  type App,
  type HttpDeps,
} from './context.ts';

/** What is under a digest never changes. */
const FOR_EVER = 'public, max-age=31536000, immutable';

export function blobRoutes(deps: HttpDeps): App {
  const { blobs, metrics } = deps;
  const app = newApp();
  const lists = new ChunkLists(blobs);
  describe(app);
  app.put('/v1/blobs/:digest', requireAuthor(deps), async (c) => {
    const digest = digestOfPath(c.req.param('digest'));
    const declared = Number(c.req.header('Content-Length') ?? 0);
    if (declared > MAX_BLOB_BYTES) return refuse(tooLarge(`${declared} bytes declared`));
    // Whoever uploads it is about to post it.
    if ((await blobs.need(digest)) !== null) return c.json({ digest, stored: false }, 200);
    const put = await blobs.put(c.req.raw.body ?? new Uint8Array(0), digest, MAX_BLOB_BYTES);
    if (put.ok) return c.json({ digest, stored: true, bytes: put.value.bytes }, 201);
    return refuse(problemOfPut(put.error, digest, declared));
  });

  app.get('/v1/blobs/:digest', async (c) => {
    const digest = digestOfPath(c.req.param('digest'));
    const etag = `"${digest}"`;
    if (c.req.header('If-None-Match') === etag) return c.body(null, 304, { ETag: etag });
    const bytes = await blobs.has(digest);
    if (bytes === null) return refuse(absent(digest));
    c.header('ETag', etag);
    c.header('Cache-Control', FOR_EVER);
    c.header('Content-Type', 'application/octet-stream');
    c.header('Accept-Ranges', 'bytes');
    c.header('Content-Length', String(bytes));
    if (c.req.method === 'HEAD') return c.body(null, 200);
    const isSame = (c.req.header('If-Range') ?? etag) === etag;
    const range = isSame ? readRange(c.req.header('Range'), bytes) : null;
    if (range === 'unsatisfiable') {
      const response = problemBody(unsatisfiable(c.req.header('Range') ?? '', bytes));
      response.headers.set('Content-Range', `bytes */${bytes}`);
      metrics.refused('range-not-satisfiable');
      return response;
    }
    const blob = await blobs.open(digest, range ?? undefined);
    if (blob === null) return refuse(absent(digest));
    if (range !== null) {
      c.status(206);
      c.header('Content-Length', String(range.end - range.start));
      c.header('Content-Range', `bytes ${range.start}-${range.end - 1}/${bytes}`);
    }
    const counted = new TransformStream<Uint8Array, Uint8Array>({
      transform(part, out) {
        metrics.blobSent(part.byteLength);
        out.enqueue(part);
      },
    });
    return stream(c, (out) => out.pipe(blob.stream.pipeThrough(counted)));
  });

  app.get('/v1/blobs/:digest/chunks', async (c) => {
    const digest = digestOfPath(c.req.param('digest'));
    const list = (await blobs.has(digest)) === null ? null : await lists.of(digest);
    if (list === null) return refuse(absent(digest));
    c.header('Cache-Control', FOR_EVER);
    return c.json(list);
  });
  return app;
}

/** Bodies of blobs are streams: they go past the routes that check and parse. */
function describe({ openAPIRegistry: registry }: App): void {
  const params = z.object({ digest: z.string().regex(/^[0-9a-f]{64}$/) });
  const path = '/v1/blobs/{digest}';
  const bytes = 'application/octet-stream';
  const stored = z.object({
    digest: z.string(),
    stored: z.boolean(),
    bytes: z.number().optional(),
  });
  registry.registerPath({
    method: 'put',
    path,
    summary: 'Upload a model or inputs under the SHA-256 of the bytes',
    request: { params, body: { required: true, content: { [bytes]: { schema: z.string() } } } },
    responses: {
      200: jsonResponse('It was there already', stored),
      201: jsonResponse('Stored', stored),
      default: problemResponse,
    },
  });
  registry.registerPath({
    method: 'get',
    path,
    summary: 'The bytes of a blob, or a range of them',
    request: { params },
    responses: {
      200: rawResponse('All of it', bytes),
      206: rawResponse('The range that was asked for', bytes),
      304: { description: 'It is what `If-None-Match` says' },
      default: problemResponse,
    },
  });
  registry.registerPath({
    method: 'get',
    path: `${path}/chunks`,
    summary: 'The hashes of a blob’s chunks',
    request: { params },
    responses: { 200: jsonResponse('Its chunks', chunkListSchema), default: problemResponse },
  });
}

function digestOfPath(text: string): BlobDigest {
  if (isDigest(text)) return text;
  return refuse({
    code: 'malformed-path',
    detail: 'the path is not a blob’s',
    expected: 'a SHA-256 digest of 64 lower-case hex digits',
    came: text.slice(0, 80),
  });
}

const absent = (digest: BlobDigest): Problem => ({
  code: 'blob-absent',
  detail: 'there is no such blob',
  came: digest,
});

const unsatisfiable = (came: string, bytes: number): Problem => ({
  code: 'range-not-satisfiable',
  detail: 'the range begins beyond the end of the blob',
  expected: `a range within ${bytes} bytes`,
  came: came.slice(0, 80),
});

function problemOfPut(error: PutError, digest: BlobDigest, declared: number): Problem {
  switch (error.kind) {
    case 'too-large':
      return tooLarge('more than that');
    case 'interrupted':
      return incomplete(declared, error.reason);
    case 'digest-mismatch':
      if (error.bytes < declared) return incomplete(declared, `${error.bytes} bytes`);
      return {
        code: 'digest-mismatch',
        detail: 'the bytes are not those of the digest; nothing was stored',
        expected: digest,
        came: error.came,
        fix: 'send the whole file, under the SHA-256 of its bytes',
      };
    default:
      return unreachable(error satisfies never);
  }
}

/** `declared` is 0 where the upload did not say its length. */
const incomplete = (declared: number, came: string): Problem => ({
  code: 'upload-incomplete',
  detail: 'the upload ended before its last byte; nothing was stored',
  expected: declared > 0 ? `${declared} bytes, as its Content-Length says` : 'the whole body',
  came,
  fix: 'send the file again',
});

const tooLarge = (came: string): Problem => ({
  code: 'body-too-large',
  detail: 'the blob is too large',
  expected: `at most ${MAX_BLOB_BYTES} bytes`,
  came,
  fix: 'split the inputs over several jobs',
});
