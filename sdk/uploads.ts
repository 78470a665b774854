/**
 * Sends a large blob in slices, from where it was cut off before: tus 1.0, under the blob's digest, so that another process on
 * another day goes on too.
 */
import type { BlobDigest } from '../shared/ids.ts';
import { IdlewaveError, unreachable } from './error.ts';
import { DATA_DEADLINE_MS, type Answer, type Http } from './http.ts';
import { sleep } from './sleep.ts';

/** What is smaller is sent whole: beginning anew costs little. */
export const RESUMABLE_BYTES = 8 * 1024 * 1024;
/** Of one request: a cut costs at most what of it was on its way. */
const SLICE_BYTES = 8 * 1024 * 1024;
/** Answers in a row after which nothing more had come. */
const MOST_STALLS = 12;
const STALL_MS = 500;

const PROTOCOL = { 'tus-resumable': '1.0.0' };

/** Where it began; null where this coordinator takes blobs whole only, or no more in slices now. */
export async function uploadInSlices(
  http: Http,
  digest: BlobDigest,
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<{ readonly resumedAt: number } | null> {
  const path = `/v1/uploads/${digest}`;
  const begun = await offsetAt(http, path, signal);
  if (begun === null && !(await create(http, digest, bytes.byteLength, signal))) return null;
  let offset = begun ?? 0;
  for (let stalls = 0; stalls <= MOST_STALLS;) {
    // One that has all its bytes and was not finished is finished by an empty slice.
    const slice = bytes.subarray(offset, offset + SLICE_BYTES);
    const sent = await unlessStatus([404, 409, 410, 423], patch(http, path, offset, slice, signal));
    if (sent === bytes.byteLength) return { resumedAt: begun ?? 0 };
    // Another request of ours may still hold it, have taken more than its answer told, or have finished it.
    const now = sent ?? (await offsetAt(http, path, signal));
    if (now === null) {
      if (await isStored(http, digest, signal)) return { resumedAt: begun ?? 0 };
      if (!(await create(http, digest, bytes.byteLength, signal))) return null;
    }
    stalls = (now ?? 0) > offset ? 0 : stalls + 1;
    if (stalls > 0) await sleep(STALL_MS, signal);
    offset = now ?? 0;
  }
  throw stalled(offset, bytes.byteLength);
}

async function create(
  http: Http,
  digest: BlobDigest,
  length: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const metadata = `digest ${btoa(digest)}`;
  const headers = { ...PROTOCOL, 'upload-length': String(length), 'upload-metadata': metadata };
  const request = { method: 'POST', path: '/v1/uploads', headers, signal } as const;
  return (await unlessStatus([404, 409], http.send(request))) !== null;
}

async function isStored(
  http: Http,
  digest: BlobDigest,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const asked = http.send({ method: 'HEAD', path: `/v1/blobs/${digest}`, signal });
  return (await unlessStatus([404], asked)) !== null;
}

/** Null where there is no such upload. */
async function offsetAt(
  http: Http,
  path: string,
  signal: AbortSignal | undefined,
): Promise<number | null> {
  const asked = http.send({ method: 'HEAD', path, headers: PROTOCOL, signal });
  const answer = await unlessStatus([404, 410], asked);
  return answer && offsetOf(answer);
}

async function patch(
  http: Http,
  path: string,
  offset: number,
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<number> {
  const headers = {
    ...PROTOCOL,
    'upload-offset': String(offset),
    'content-type': 'application/offset+octet-stream',
  };
  const deadlineMs = DATA_DEADLINE_MS;
  return offsetOf(
    await http.send({ method: 'PATCH', path, headers, body: { bytes }, signal, deadlineMs }),
  );
}

const offsetOf = ({ headers }: Answer): number => Number(headers.get('upload-offset') ?? 0);

/** Null where it is refused with one of these statuses. */
async function unlessStatus<T>(statuses: readonly number[], asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (thrown) {
    const status = thrown instanceof IdlewaveError ? thrown.problem.status : undefined;
    if (status !== undefined && statuses.includes(status)) return null;
    throw thrown;
  }
}

const stalled = (offset: number, length: number): IdlewaveError =>
  unreachable(
    `the upload stands at ${offset} of ${length} bytes`,
    'try again: it goes on from there',
  );
