/**
 * An author's (or operator's) view of one coordinator, over its HTTP. Runs in browsers and in Node.
 *
 * Holds no state of jobs; `submit` and `job` hand out a `Job` that does. Every call has a deadline, takes an
 * `AbortSignal`, and throws only `IdlewaveError` or the signal's reason.
 */
import { z } from 'zod';
import type { BlobDigest } from '../shared/ids.ts';
import { MAX_BLOB_BYTES, MAX_BUNDLE_BYTES } from '../shared/limits.ts';
import {
  contributorViewSchema,
  creditViewSchema,
  estimateSchema,
  jobViewSchema,
  keyViewSchema,
  networkSchema,
  type ContributorView,
  type CreditView,
  type Estimate,
  type JobView,
  type KeyView,
  type NetworkView,
} from '../shared/protocol/job.ts';
import { LOG_PATH, logViewSchema, type LogView } from '../shared/protocol/publicLog.ts';
import { IdlewaveError, unexpectedAnswer } from './error.ts';
import { DATA_DEADLINE_MS, Http, type HttpOptions } from './http.ts';
import { Job } from './job.ts';
import { prepare, sha256, type Submission, type SubmitOptions } from './submission.ts';

export interface ClientOptions extends HttpOptions {
  /** Where the coordinator is: `http://127.0.0.1:7433`. */
  readonly url: string;
  /** An author's key, or the operator's admin token. */
  readonly key?: string | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface PageOptions extends CallOptions {
  /** A `next` of an earlier page; the first page where absent. */
  readonly cursor?: string | undefined;
}

/** One page of a listing. `next` is null on the last. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly next: string | null;
}

/** One blob that went up, or was there already. */
export interface UploadNotice {
  readonly digest: BlobDigest;
  readonly bytes: number;
  readonly sent: boolean;
}

export interface UploadOptions extends CallOptions {
  readonly onUpload?: ((notice: UploadNotice) => void) | undefined;
}

const createdKeySchema = z.object({ id: z.string(), key: z.string() });
/** A new key. The coordinator keeps only its hash: `key` is never shown again. */
export type CreatedKey = z.infer<typeof createdKeySchema>;

const pageOf = <T>(row: z.ZodType<T>) =>
  z.object({ rows: z.array(row), next: z.string().nullable().default(null) });

export class IdlewaveClient {
  readonly url: string;
  readonly #http: Http;

  constructor(options: ClientOptions) {
    this.#http = new Http(options);
    this.url = this.#http.url;
  }

  /** Uploads what the coordinator lacks and posts the job. Safe to repeat: it carries an idempotency key. */
  async submit(options: SubmitOptions, call: UploadOptions = {}): Promise<Job> {
    const submission = await prepare(options);
    await this.#uploadAll(submission, call);
    const view = await this.#http.json(
      {
        method: 'POST',
        path: '/v1/jobs',
        body: { json: submission.spec },
        headers: { 'idempotency-key': options.idempotencyKey ?? randomKey() },
        signal: call.signal,
      },
      jobViewSchema,
    );
    return new Job(this.#http, view);
  }

  /** What the job would cost, and whether enough contributors are connected. Uploads its data. */
  async estimate(options: SubmitOptions, call: UploadOptions = {}): Promise<Estimate> {
    const submission = await prepare(options);
    await this.#uploadAll(submission, call);
    const body = { json: submission.spec };
    const request = { method: 'POST', path: '/v1/estimates', body, signal: call.signal } as const;
    return this.#http.json(request, estimateSchema);
  }

  /** A job posted earlier. */
  async job(id: string, call: CallOptions = {}): Promise<Job> {
    const path = `/v1/jobs/${encodeURIComponent(id)}`;
    const view = await this.#http.json({ method: 'GET', path, signal: call.signal }, jobViewSchema);
    return new Job(this.#http, view);
  }

  /** One page of the key's jobs (of all jobs, for the operator), newest first. */
  async jobs(options: PageOptions = {}): Promise<Page<JobView>> {
    return this.#page('/v1/jobs', jobViewSchema, options);
  }

  /** Every job, page after page. */
  async *allJobs(call: CallOptions = {}): AsyncGenerator<JobView> {
    let cursor: string | undefined;
    do {
      const page = await this.jobs({ ...call, cursor });
      yield* page.rows;
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
  }

  /** Makes sure that the coordinator has these bytes; sends them only where it lacks them. */
  async upload(bytes: Uint8Array, call: CallOptions = {}): Promise<UploadNotice> {
    return this.#upload(await sha256(bytes), bytes, call.signal);
  }

  /** A blob's bytes, checked against its digest. */
  async blob(digest: BlobDigest, call: CallOptions = {}): Promise<Uint8Array> {
    const { body } = await this.#http.send({
      method: 'GET',
      path: `/v1/blobs/${digest}`,
      signal: call.signal,
      deadlineMs: DATA_DEADLINE_MS,
      maxAnswerBytes: MAX_BLOB_BYTES,
    });
    const came = await sha256(body);
    if (came !== digest)
      throw unexpectedAnswer('a blob has other bytes than its name', digest, came);
    return body;
  }

  async network(call: CallOptions = {}): Promise<NetworkView> {
    const request = { method: 'GET', path: '/v1/network', signal: call.signal } as const;
    return this.#http.json(request, networkSchema);
  }

  /** Contributors by credit, highest first. */
  async leaderboard(call: CallOptions = {}): Promise<readonly ContributorView[]> {
    const request = { method: 'GET', path: '/v1/leaderboard', signal: call.signal } as const;
    return (await this.#http.json(request, pageOf(contributorViewSchema))).rows;
  }

  async contributor(id: string, call: CallOptions = {}): Promise<ContributorView> {
    const path = `/v1/contributors/${encodeURIComponent(id)}`;
    const request = { method: 'GET', path, signal: call.signal } as const;
    return this.#http.json(request, contributorViewSchema);
  }

  /** One page of a contributor's credits with their reasons, newest first. */
  async credits(id: string, options: PageOptions = {}): Promise<Page<CreditView>> {
    const path = `/v1/contributors/${encodeURIComponent(id)}/credits`;
    return this.#page(path, creditViewSchema, options);
  }

  /** Where the public log is, and whose signature is on it. */
  async log(call: CallOptions = {}): Promise<LogView> {
    const request = { method: 'GET', path: '/v1/log', signal: call.signal } as const;
    return this.#http.json(request, logViewSchema);
  }

  /** A file of the public log: `checkpoint`, or a tile (`tilePath`, shared/tlog/tiles.ts). */
  async logFile(path: string, call: CallOptions = {}): Promise<Uint8Array> {
    const { body } = await this.#http.send({
      method: 'GET',
      path: `${LOG_PATH}/${path}`,
      signal: call.signal,
      maxAnswerBytes: MAX_BUNDLE_BYTES,
    });
    return body;
  }

  /** Operator only. Not repeated on failure: each call makes another key. */
  async createKey(name: string, call: CallOptions = {}): Promise<CreatedKey> {
    const body = { json: { name } };
    const request = { method: 'POST', path: '/v1/keys', body, repeatable: false } as const;
    return this.#http.json({ ...request, signal: call.signal }, createdKeySchema);
  }

  /** Operator only. */
  async keys(call: CallOptions = {}): Promise<readonly KeyView[]> {
    return (await this.#page('/v1/keys', keyViewSchema, call)).rows;
  }

  /** Operator only. */
  async revokeKey(id: string, call: CallOptions = {}): Promise<void> {
    const path = `/v1/keys/${encodeURIComponent(id)}`;
    await this.#http.send({ method: 'DELETE', path, signal: call.signal });
  }

  async #page<T>(path: string, row: z.ZodType<T>, options: PageOptions): Promise<Page<T>> {
    const { cursor, signal } = options;
    const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    return this.#http.json({ method: 'GET', path: path + query, signal }, pageOf(row));
  }

  async #uploadAll({ blobs }: Submission, call: UploadOptions): Promise<void> {
    for (const { digest, bytes } of blobs) {
      // Awaited apart: the arguments of an optional call are not evaluated where there is no callback.
      const notice = await this.#upload(digest, bytes, call.signal);
      call.onUpload?.(notice);
    }
  }

  async #upload(
    digest: BlobDigest,
    bytes: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<UploadNotice> {
    const path = `/v1/blobs/${digest}`;
    const sent = !(await this.#has(path, signal));
    if (sent) {
      const body = { bytes };
      const request = { method: 'PUT', path, body, signal, deadlineMs: DATA_DEADLINE_MS } as const;
      await this.#http.send(request);
    }
    return { digest, bytes: bytes.byteLength, sent };
  }

  async #has(path: string, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      await this.#http.send({ method: 'HEAD', path, signal });
      return true;
    } catch (thrown) {
      if (thrown instanceof IdlewaveError && thrown.problem.status === 404) return false;
      throw thrown;
    }
  }
}

/** 128 bits as hex. `crypto.randomUUID` is missing on pages without https. */
function randomKey(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// The package's one entry is this file: what callers of the client must be able to name.
export { IdlewaveError } from './error.ts';
export type { FailureKind } from './error.ts';
export type { RetryNotice, RetryPolicy } from './http.ts';
export { collectResults, type CollectedResults } from './results.ts';
export type { ExplainOptions, Job, ResultsOptions, ResultsPage } from './job.ts';
export type { ProgramOptions, SubmitOptions } from './submission.ts';
