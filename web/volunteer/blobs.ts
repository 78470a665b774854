/**
 * Blobs of the coordinator by digest: from the cache, else over HTTP, and always checked.
 *
 * Invariant: bytes leave here only when their SHA-256 is the digest that was asked for, wherever they came
 * from; a cached blob that is spoiled is deleted and fetched anew.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import { digestOf } from '../../shared/digest.ts';
import type { BlobDigest } from '../../shared/ids.ts';
import { BLOB_DEADLINE_MS, MAX_BLOB_BYTES } from '../../shared/limits.ts';
import { fail, messageOf, ok, type Result } from '../../shared/result.ts';
import type { BlobCache, BlobFailure, BlobSource, Clock } from './ports.ts';

export interface HttpBlobPorts {
  /** The coordinator's origin. */
  readonly origin: string;
  readonly cache: BlobCache;
  readonly clock: Clock;
  readonly random: () => number;
  readonly fetch: typeof fetch;
}

/** Attempts at one blob: a coordinator that restarts is back within seconds. */
const ATTEMPTS = 4;
const FIRST_RETRY_MS = 1_000;

export function httpBlobSource(ports: HttpBlobPorts): BlobSource {
  return {
    async get(digest, signal) {
      const cached = await ports.cache.get(digest);
      if (cached !== null) {
        if ((await sha256Hex(cached)) === digest) return ok(cached);
        await ports.cache.delete(digest);
      }
      const fetched = await fetchPatiently(ports, digest, signal);
      if (fetched.ok) await ports.cache.put(digest, fetched.value);
      return fetched;
    },
  };
}

/** The part of WebCrypto that is used, in words that both DOM and Node types know. */
interface Digesting {
  digest(algorithm: string, bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
}

/** WebCrypto's SHA-256 where the context is secure (10 times faster), else our own. */
export async function sha256Hex(bytes: Uint8Array): Promise<BlobDigest> {
  const { subtle } = (globalThis as { crypto?: { subtle?: Digesting } }).crypto ?? {};
  if (subtle === undefined) return digestOf(bytes);
  const hash = await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return bytesToHex(new Uint8Array(hash)) as BlobDigest;
}

async function fetchPatiently(
  ports: HttpBlobPorts,
  digest: BlobDigest,
  signal: AbortSignal,
): Promise<Result<Uint8Array, BlobFailure>> {
  for (let attempt = 1; ; attempt++) {
    const result = await fetchOnce(ports, digest, signal);
    const mayMend = !result.ok && result.error.kind === 'blob-unreachable' && !signal.aborted;
    if (!mayMend || attempt >= ATTEMPTS) return result;
    const delayMs = FIRST_RETRY_MS * 2 ** (attempt - 1) * (0.5 + ports.random() / 2);
    await new Promise<void>((resolve) => ports.clock.after(delayMs, resolve));
  }
}

async function fetchOnce(
  ports: HttpBlobPorts,
  digest: BlobDigest,
  signal: AbortSignal,
): Promise<Result<Uint8Array, BlobFailure>> {
  const short = digest.slice(0, 8);
  const deadline = new AbortController();
  const cancelDeadline = ports.clock.after(BLOB_DEADLINE_MS, () => deadline.abort());
  try {
    const response = await ports.fetch(new URL(`/v1/blobs/${digest}`, ports.origin), {
      signal: AbortSignal.any([signal, deadline.signal]),
    });
    if (response.status === 404) {
      return fail({ kind: 'blob-absent', message: `the coordinator does not have blob ${short}` });
    }
    if (!response.ok) {
      const message = `blob ${short}: the coordinator answered ${response.status}`;
      return fail({ kind: 'blob-unreachable', message });
    }
    const bytes = await readBounded(response);
    if (bytes === null) {
      const message = `blob ${short} is larger than ${MAX_BLOB_BYTES} bytes`;
      return fail({ kind: 'blob-too-large', message });
    }
    const came = await sha256Hex(bytes);
    if (came === digest) return ok(bytes);
    const message = `blob ${short}: expected SHA-256 ${digest}, came ${came}`;
    return fail({ kind: 'blob-wrong', message });
  } catch (thrown) {
    const message = `blob ${short} could not be fetched: ${messageOf(thrown, 200)}`;
    return fail({ kind: 'blob-unreachable', message });
  } finally {
    cancelDeadline();
  }
}

/** The body, or null once it passes the limit; nothing is buffered beyond it. */
async function readBounded(response: Response): Promise<Uint8Array | null> {
  if (response.body === null) return new Uint8Array(0);
  const parts: Uint8Array[] = [];
  let total = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    total += value.byteLength;
    if (total > MAX_BLOB_BYTES) {
      await reader.cancel();
      return null;
    }
    parts.push(value);
  }
  const whole = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
