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
  contributorBalanceSchema,
  contributorViewSchema,
  estimateSchema,
  jobViewSchema,
  keyViewSchema,
  networkSchema,
  type ContributorBalance,
  type ContributorView,
  type Estimate,
  type JobView,
  type KeyView,
  type NetworkView,
} from '../shared/protocol/job.ts';
import {
  balancesPageSchema,
  balanceViewSchema,
  movementViewSchema,
  type BalancesPage,
  type BalanceView,
  type MovementView,
} from '../shared/protocol/ledger.ts';
import { LOG_PATH, logViewSchema, type LogView } from '../shared/protocol/publicLog.ts';
import {
  creditViewSchema,
  receiptSchema,
  shardViewSchema,
  type CreditView,
  type Receipt,
  type ShardView,
} from '../shared/protocol/receipts.ts';
import {
  ownSiteSchema,
  siteDaySchema,
  teamViewSchema,
  type OwnSite,
  type SiteDayView,
  type SiteSpec,
  type TeamView,
} from '../shared/protocol/sharing.ts';
import { BlobUploads } from './blobUploads.ts';
import {
  queryOf,
  randomKey,
  type CallOptions,
  type Page,
  type PageOptions,
  type UploadNotice,
  type UploadOptions,
} from './calls.ts';
import { unexpectedAnswer } from './error.ts';
import { DATA_DEADLINE_MS, Http, type HttpOptions } from './http.ts';
import { Job } from './job.ts';
import { Models } from './models.ts';
import { prepare, sha256, type Submission, type SubmitOptions } from './submission.ts';
import { Webhooks } from './webhooks.ts';

export interface ClientOptions extends HttpOptions {
  /** Where the coordinator is: `http://127.0.0.1:7433`. */
  readonly url: string;
  /** An author's key, or the operator's admin token. */
  readonly key?: string | undefined;
}

const createdKeySchema = z.object({ id: z.string(), key: z.string() });
/** A new key. The coordinator keeps only its hash: `key` is never shown again. */
export type CreatedKey = z.infer<typeof createdKeySchema>;

const pageOf = <T>(row: z.ZodType<T>) =>
  z.object({ rows: z.array(row), next: z.string().nullable().default(null) });

export class IdlewaveClient {
  readonly url: string;
  /** What is published under a name, and served by the Open Inference Protocol. */
  readonly models: Models;
  readonly webhooks: Webhooks;
  readonly #http: Http;
  readonly #uploads: BlobUploads;

  constructor(options: ClientOptions) {
    this.#http = new Http(options);
    this.url = this.#http.url;
    this.webhooks = new Webhooks(this.#http);
    this.#uploads = new BlobUploads(this.#http);
    this.models = new Models(this.#http, this.#uploads);
  }

  /** Uploads what the coordinator lacks and posts the job. Safe to repeat: it carries an idempotency key. */
  async submit(options: SubmitOptions, call: UploadOptions = {}): Promise<Job> {
    return this.post(await prepare(options), options.idempotencyKey ?? randomKey(), call);
  }

  /** The same with what `prepare` made of the options: who posts it again under one key gets the job that there is. */
  async post(
    submission: Submission,
    idempotencyKey: string,
    call: UploadOptions = {},
  ): Promise<Job> {
    const request = {
      method: 'POST',
      path: '/v1/jobs',
      body: { json: submission.spec },
      headers: { 'idempotency-key': idempotencyKey },
      signal: call.signal,
    } as const;
    const view = await this.#uploads.before(submission, call, () =>
      this.#http.json(request, jobViewSchema),
    );
    return new Job(this.#http, view);
  }

  /** What the job would cost, and whether enough contributors are connected. Uploads its data. */
  async estimate(options: SubmitOptions, call: UploadOptions = {}): Promise<Estimate> {
    const submission = await prepare(options);
    const body = { json: submission.spec };
    const request = { method: 'POST', path: '/v1/estimates', body, signal: call.signal } as const;
    return this.#uploads.before(submission, call, () => this.#http.json(request, estimateSchema));
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
    return this.#uploads.one(await sha256(bytes), bytes, call.signal);
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

  async contributor(id: string, call: CallOptions = {}): Promise<ContributorBalance> {
    const path = `/v1/contributors/${encodeURIComponent(id)}`;
    const request = { method: 'GET', path, signal: call.signal } as const;
    return this.#http.json(request, contributorBalanceSchema);
  }

  /** One page of a contributor's credits with their reasons, newest first. */
  async credits(id: string, options: PageOptions = {}): Promise<Page<CreditView>> {
    const path = `/v1/contributors/${encodeURIComponent(id)}/credits`;
    return this.#page(path, creditViewSchema, options, { kind: 'credited' });
  }

  /** The same with the work that earned nothing. */
  async receipts(id: string, options: PageOptions = {}): Promise<Page<Receipt>> {
    const path = `/v1/contributors/${encodeURIComponent(id)}/credits`;
    return this.#page(path, receiptSchema, options);
  }

  /** A shard as anybody may see it; little more than its state before it is final. */
  async shard(id: string, call: CallOptions = {}): Promise<ShardView> {
    const path = `/v1/shards/${encodeURIComponent(id)}`;
    return this.#http.json({ method: 'GET', path, signal: call.signal }, shardViewSchema);
  }

  /** What this key has to spend. */
  async balance(call: CallOptions = {}): Promise<BalanceView> {
    const request = { method: 'GET', path: '/v1/balance', signal: call.signal } as const;
    return this.#http.json(request, balanceViewSchema);
  }

  /** One page of what this key was granted, put aside, got back and transferred, newest first. */
  async movements(options: PageOptions = {}): Promise<Page<MovementView>> {
    return this.#page('/v1/movements', movementViewSchema, options);
  }

  /** Gives credit of this key to another account (`contributor:c_…`, `author:key_…`), once. */
  async transfer(to: string, microCredits: bigint, call: CallOptions = {}): Promise<MovementView> {
    return this.#move('/v1/transfers', { to, microCredits: microCredits.toString() }, call);
  }

  /** Gives credit to a key, once. Operator only. */
  async grant(key: string, microCredits: bigint, call: CallOptions = {}): Promise<MovementView> {
    const path = `/v1/keys/${encodeURIComponent(key)}/grants`;
    return this.#move(path, { microCredits: microCredits.toString() }, call);
  }

  /** Registers a site, which this key owns. Not repeated on failure: each call makes another. */
  async addSite(spec: SiteSpec, call: CallOptions = {}): Promise<OwnSite> {
    const request = { method: 'POST', path: '/v1/sites', repeatable: false } as const;
    return this.#http.json(
      { ...request, body: { json: spec }, signal: call.signal },
      ownSiteSchema,
    );
  }

  /** The sites of this key; all of them for the operator. */
  async sites(call: CallOptions = {}): Promise<readonly OwnSite[]> {
    return this.#rows('/v1/sites', ownSiteSchema, call);
  }

  /** What was shared with a site of this key, day by day, newest first. */
  async siteDays(id: string, call: CallOptions = {}): Promise<readonly SiteDayView[]> {
    return this.#rows(`/v1/sites/${encodeURIComponent(id)}/days`, siteDaySchema, call);
  }

  /** Gives credit of a site of this key to another account, once. */
  async transferOfSite(
    id: string,
    to: string,
    microCredits: bigint,
    call: CallOptions = {},
  ): Promise<MovementView> {
    const path = `/v1/sites/${encodeURIComponent(id)}/transfers`;
    return this.#move(path, { to, microCredits: microCredits.toString() }, call);
  }

  /** All of its `spec` anew; what visitors agreed to before stays. */
  async changeSite(id: string, spec: SiteSpec, call: CallOptions = {}): Promise<OwnSite> {
    const path = `/v1/sites/${encodeURIComponent(id)}`;
    const request = { method: 'PUT', path, body: { json: spec }, signal: call.signal } as const;
    return this.#http.json(request, ownSiteSchema);
  }

  async removeSite(id: string, call: CallOptions = {}): Promise<void> {
    const path = `/v1/sites/${encodeURIComponent(id)}`;
    await this.#http.send({ method: 'DELETE', path, signal: call.signal });
  }

  async team(id: string, call: CallOptions = {}): Promise<TeamView> {
    const path = `/v1/teams/${encodeURIComponent(id)}`;
    return this.#http.json({ method: 'GET', path, signal: call.signal }, teamViewSchema);
  }

  /** One page of all accounts with their balances, and how many entries of the log they are the sum of. */
  async balances(options: PageOptions = {}): Promise<BalancesPage> {
    const path = `/v1/ledger/balances${queryOf(options)}`;
    return this.#http.json({ method: 'GET', path, signal: options.signal }, balancesPageSchema);
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

  /**
   * Operator only. Not repeated on failure: each call makes another key. A prepaid one spends what it is granted, and
   * no more.
   */
  async createKey(
    name: string,
    { prepaid, ...call }: CallOptions & { readonly prepaid?: boolean | undefined } = {},
  ): Promise<CreatedKey> {
    const body = { json: { name, prepaid } };
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

  async #rows<T>(path: string, row: z.ZodType<T>, { signal }: CallOptions): Promise<readonly T[]> {
    const listing = z.object({ rows: z.array(row) });
    return (await this.#http.json({ method: 'GET', path, signal }, listing)).rows;
  }

  async #page<T>(
    path: string,
    row: z.ZodType<T>,
    options: PageOptions,
    filter: Readonly<Record<string, string>> = {},
  ): Promise<Page<T>> {
    const request = {
      method: 'GET',
      path: path + queryOf(options, filter),
      signal: options.signal,
    } as const;
    return this.#http.json(request, pageOf(row));
  }

  /** Repeated under the same key where the answer was lost. */
  #move(path: string, json: object, { signal }: CallOptions): Promise<MovementView> {
    const headers = { 'Idempotency-Key': randomKey() };
    const request = { method: 'POST', path, body: { json }, headers, signal } as const;
    return this.#http.json(request, movementViewSchema);
  }
}

// The package's one entry is this file: what callers of the client must be able to name.
export type { CallOptions, Page, PageOptions, UploadNotice, UploadOptions } from './calls.ts';
export { IdlewaveError, type FailureKind } from './error.ts';
export type { RetryNotice, RetryPolicy } from './http.ts';
export { collectResults, type CollectedResults } from './results.ts';
export type {
  AddedRange,
  ExplainOptions,
  ItemResult,
  Job,
  PagesOptions,
  RaiseOptions,
  ResultsOptions,
  ResultsPage,
} from './job.ts';
export type { AddItemsOptions, ProgramOptions, SubmitOptions } from './submission.ts';
export { verifyWebhook, type WebhookEvent, type WebhookHeaders } from './verifyWebhook.ts';
