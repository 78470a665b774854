/**
 * Routes of blobs: models and inputs, addressed by SHA-256. Reading needs no key: a host is told the digest,
 * and a digest cannot be guessed.
 */
import { stream } from 'hono/streaming';
import { isDigest } from '../../../shared/digest.ts';
import type { BlobDigest } from '../../../shared/ids.ts';
import { MAX_BLOB_BYTES } from '../../../shared/limits.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import { unreachable } from '../../../shared/result.ts';
import type { PutError } from '../../store/blobs.ts';
import { requireAuthor } from './auth.ts';
import { newApp, refuse, type App, type HttpDeps } from './context.ts';

export function blobRoutes({ blobs, keys }: HttpDeps): App {
  const app = newApp();
  app.put('/v1/blobs/:digest', requireAuthor(keys), async (c) => {
    const digest = digestOfPath(c.req.param('digest'));
    const declared = Number(c.req.header('Content-Length') ?? 0);
    if (declared > MAX_BLOB_BYTES) return refuse(tooLarge(`${declared} bytes declared`));
    if ((await blobs.has(digest)) !== null) return c.json({ digest, stored: false }, 200);
    const put = await blobs.put(c.req.raw.body ?? new Uint8Array(0), digest, MAX_BLOB_BYTES);
    if (put.ok) return c.json({ digest, stored: true, bytes: put.value.bytes }, 201);
    return refuse(problemOfPut(put.error, digest, declared));
  });

  app.get('/v1/blobs/:digest', async (c) => {
    const digest = digestOfPath(c.req.param('digest'));
    const etag = `"${digest}"`;
    if (c.req.header('If-None-Match') === etag) return c.body(null, 304, { ETag: etag });
    const blob = await blobs.open(digest);
    if (blob === null) {
      return refuse({ code: 'blob-absent', detail: 'there is no such blob', came: digest });
    }
    c.header('ETag', etag);
    c.header('Cache-Control', 'public, max-age=31536000, immutable');
    c.header('Content-Type', 'application/octet-stream');
    c.header('Content-Length', String(blob.bytes));
    if (c.req.method === 'HEAD') {
      await blob.stream.cancel();
      return c.body(null, 200);
    }
    return stream(c, (out) => out.pipe(blob.stream));
  });
  return app;
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
