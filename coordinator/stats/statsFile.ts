/** A file of statistics as it is served, however often: its bytes, compressed once, and what tells it from others. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { sha256 } from '../digest.ts';

export interface StatsFile {
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly gzip: Uint8Array;
  /** Strong, quoted, of `body`; that of `gzip` is another. */
  readonly etag: string;
  readonly gzipEtag: string;
  readonly madeAtMs: number;
}

const compress = promisify(gzip);

/** `before` itself where nothing has changed. */
export async function statsFile(
  contentType: string,
  text: string,
  madeAtMs: number,
  before: StatsFile | undefined,
): Promise<StatsFile> {
  const body = Buffer.from(text);
  const hash = Buffer.from(sha256(body)).toString('base64url').slice(0, 27);
  const etag = `"${hash}"`;
  if (before?.etag === etag) return before;
  return {
    contentType,
    body,
    gzip: await compress(body),
    etag,
    gzipEtag: `"${hash}-gzip"`,
    madeAtMs,
  };
}
