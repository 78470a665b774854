/**
 * One job as its author follows it: state, events, results, cancellation.
 *
 * `view` is the last state that was seen, never older than the one before. A coordinator that restarts
 * interrupts nothing here: streams reconnect and results go on after the last sequence.
 */
import type { JobId } from '../shared/ids.ts';
import { addedItemsSchema, type AddedItems } from '../shared/protocol/addedItems.ts';
import {
  FAILED_TENSOR,
  ITEM_TENSOR,
  RESULTS_MORE_HEADER,
  RESULTS_NEXT_HEADER,
  jobExplanationSchema,
  jobViewSchema,
  type JobChange,
  type JobExplanation,
  type JobView,
} from '../shared/protocol/job.ts';
import { parseJson } from '../shared/protocol/parse.ts';
import { decodeTensors } from '../shared/safetensors.ts';
import {
  describeSpec,
  itemOf,
  valuesOf,
  type NamedTensors,
  type Tensor,
} from '../shared/tensor.ts';
import { BlobUploads } from './blobUploads.ts';
import { randomKey, type UploadOptions } from './calls.ts';
import { IdlewaveError, unexpectedAnswer } from './error.ts';
import { eventStream } from './eventStream.ts';
import { DATA_DEADLINE_MS, type Http } from './http.ts';
import { latestOf } from './latest.ts';
import { sleep } from './sleep.ts';
import { prepareItems, type AddItemsOptions } from './submission.ts';

export interface PagesOptions {
  /** A `next` of an earlier page: only what settled after it. 0, the beginning, where absent. */
  readonly after?: number | undefined;
  /** Go on until the job has ended, waiting for what settles; else stop at what is there now. */
  readonly follow?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ResultsOptions {
  /** As soon as they settle (the default), or by item; what comes early then waits in memory. */
  readonly order?: 'settled' | 'item' | undefined;
  /** Until the job has ended (the default); else only what is there now. */
  readonly follow?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What became of one item. */
export interface ItemResult {
  readonly item: number;
  /** Of the item's shape; null where it could not be computed. */
  readonly outputs: NamedTensors | null;
}

/** Verified outputs of some items, in the order in which they settled. */
export interface ResultsPage {
  /** Item indices; row i of every output belongs to `items[i]`. */
  readonly items: Uint32Array;
  /** Every tensor is `[items.length, ...itemShape]`. */
  readonly outputs: NamedTensors;
  /** Items of this part of the job that could not be computed. */
  readonly failed: Uint32Array;
  /** Pass it as `after` to go on behind this page. */
  readonly next: number;
}

export interface ExplainOptions {
  /** One shard by its number, from 0; else those that are open and the last ones that ended. */
  readonly shard?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The items `[firstItem, firstItem + items)` of a job. */
export interface AddedRange {
  readonly firstItem: number;
  readonly items: number;
}

export interface RaiseOptions {
  /** The most that the whole job may cost then, in micro-credits; no bound where absent. */
  readonly budget?: bigint | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A page is at most 16 MiB, or one shard of 8 MiB, and its header. */
const MAX_PAGE_ANSWER_BYTES = 32 * 1024 * 1024;
/** Between looks at a job whose events cannot be streamed. */
const POLL_MS = 2_000;
/** Looks before the stream is tried again. */
const POLLS = 15;

export class Job {
  readonly id: JobId;
  readonly #http: Http;
  readonly #path: string;
  #view: JobView;

  /** Made by `IdlewaveClient`. */
  constructor(http: Http, view: JobView) {
    this.id = view.id;
    this.#http = http;
    this.#path = `/v1/jobs/${encodeURIComponent(view.id)}`;
    this.#view = view;
  }

  /** The state that was seen last. */
  get view(): JobView {
    return this.#view;
  }

  async refresh(signal?: AbortSignal): Promise<JobView> {
    this.#view = await this.#ask('GET', '', undefined, signal);
    return this.#view;
  }

  /** Stops the job; what settled stays. Harmless where it has ended already. */
  async cancel(signal?: AbortSignal): Promise<JobView> {
    this.#view = await this.#ask('POST', '/cancel', {}, signal);
    return this.#view;
  }

  /**
   * Deletes the results of a job that has ended, before their time; asking for them is refused from then on as
   * `results-deleted`. What it was, what it cost and what the public log says of it stays. Throws a problem `job-running`.
   */
  async deleteResults(signal?: AbortSignal): Promise<JobView> {
    this.#view = await this.#ask('DELETE', '/results', undefined, signal);
    return this.#view;
  }

  /**
   * Nothing more of it is given to volunteers until `resume`; what they have of it still counts, and its price stays put
   * aside. Throws a problem `job-ended` where it has ended.
   */
  async pause(signal?: AbortSignal): Promise<JobView> {
    this.#view = await this.#ask('POST', '/pause', {}, signal);
    return this.#view;
  }

  /** Goes on. Harmless where it is not paused; throws a problem `job-ended` where it has ended. */
  async resume(signal?: AbortSignal): Promise<JobView> {
    this.#view = await this.#ask('POST', '/resume', {}, signal);
    return this.#view;
  }

  /**
   * Offers more for what is left, in percent of the list price; what that adds to the price is put aside at once. Throws a
   * problem `rate-lowered`, `budget-too-small`, `balance-too-small` or `job-ended`, and nothing has changed then.
   */
  async raise(ratePercent: number, { budget, signal }: RaiseOptions = {}): Promise<JobView> {
    const change: JobChange = {
      ratePercent,
      ...(budget === undefined ? {} : { budget: `${budget}` }),
    };
    this.#view = await this.#ask('PATCH', '', change, signal);
    return this.#view;
  }

  /**
   * Adds items to a job that is open, behind those it has, and puts aside what they cost; uploads what the coordinator lacks of
   * their inputs. Safe to repeat. Throws a problem `job-closed`, `job-ended`, `job-full`, `lot-too-small`, `budget-too-small`
   * or `balance-too-small`, and nothing has changed then.
   */
  async addItems(options: AddItemsOptions, call: UploadOptions = {}): Promise<AddedRange> {
    const { asked, blobs } = await prepareItems(options);
    const request = {
      method: 'POST',
      path: `${this.#path}/items`,
      body: { json: asked },
      headers: { 'idempotency-key': options.idempotencyKey ?? randomKey() },
      signal: call.signal,
    } as const;
    const uploads = new BlobUploads(this.#http);
    const ask = () => this.#http.json<AddedItems>(request, addedItemsSchema);
    const { job, firstItem, items } = await uploads.before({ blobs }, call, ask);
    this.#view = job;
    return { firstItem, items };
  }

  /** Takes no more items: it ends when those it has are done. Harmless where it takes none, or has ended. */
  async close(signal?: AbortSignal): Promise<JobView> {
    this.#view = await this.#ask('POST', '/close', {}, signal);
    return this.#view;
  }

  /** Lets the coordinator's own recomputation be the second opinion where contributors are too few. */
  async useReferee(signal?: AbortSignal): Promise<JobView> {
    this.#view = await this.#ask('POST', '/second-opinion', { secondOpinion: 'referee' }, signal);
    return this.#view;
  }

  /** What the job waits for; and of its shards who computed them, what was checked, and what may still be wrong. */
  async explain({ shard, signal }: ExplainOptions = {}): Promise<JobExplanation> {
    const query = shard === undefined ? '' : `?shard=${shard}`;
    const path = `${this.#path}/explain${query}`;
    return this.#http.json({ method: 'GET', path, signal }, jobExplanationSchema);
  }

  /** The state now, then each one that differs, up to and with the one in which the job has ended. */
  async *events(signal?: AbortSignal): AsyncGenerator<JobView> {
    let last: string | undefined;
    for (let quiet = 0; ; quiet++) {
      for await (const view of this.#watchOnce(signal)) {
        const text = JSON.stringify(view);
        if (text === last) continue;
        last = text;
        quiet = 0;
        this.#view = view;
        yield view;
        if (hasEnded(view)) return;
      }
      // The stream ended or broke and the job goes on. A server that ends streams at once is asked ever less.
      await sleep(Math.random() * Math.min(POLL_MS, 100 * 2 ** Math.min(quiet, 10)), signal);
    }
  }

  /** The state in which the job ended: `done`, `failed` or `cancelled`. */
  async done(signal?: AbortSignal): Promise<JobView> {
    for await (const view of this.events(signal)) if (hasEnded(view)) return view;
    return this.#view;
  }

  /** Item by item, each once; items that are cancelled never come. */
  async *results(options: ResultsOptions = {}): AsyncGenerator<ItemResult> {
    const { order = 'settled', follow = true, signal } = options;
    const early = new Map<number, ItemResult>();
    let due = 0;
    for await (const page of this.pages({ follow, signal })) {
      for (const result of itemsOf(page)) {
        if (order === 'settled') yield result;
        else early.set(result.item, result);
      }
      for (let next = early.get(due); next !== undefined; next = early.get(++due)) {
        early.delete(due);
        yield next;
      }
    }
    // Of a job that was cancelled: what stood behind items that never came.
    yield* [...early.values()].sort((a, b) => a.item - b.item);
  }

  /** Settled results in the order in which they settled; every item at most once. */
  async *pages(options: PagesOptions = {}): AsyncGenerator<ResultsPage> {
    const { follow = false, signal } = options;
    let after = options.after ?? 0;
    const stop = new AbortController();
    const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const latest = follow ? latestOf(this.events(both)) : undefined;
    try {
      let seen: JobView | undefined;
      for (;;) {
        // Ended before the last look: nothing can come after it.
        const last = latest === undefined || (seen !== undefined && hasEnded(seen));
        for (;;) {
          const { page, next, more } = await this.#page(after, signal);
          after = next;
          if (page !== null) yield page;
          if (!more) break;
        }
        if (last) return;
        seen = (await latest.after(seen)) ?? this.#view;
      }
    } finally {
      stop.abort();
    }
  }

  /** One stream, or one spell of polling where the coordinator has too many streams. */
  async *#watchOnce(signal: AbortSignal | undefined): AsyncGenerator<JobView> {
    try {
      for await (const { event, data } of eventStream(this.#http, `${this.#path}/events`, signal)) {
        if (event !== 'job') continue;
        const view = parseJson(data, jobViewSchema);
        if (view.ok) yield view.value;
        else throw unexpectedAnswer('a job event', view.error.detail, view.error.came ?? 'other');
      }
    } catch (thrown) {
      if (!(thrown instanceof IdlewaveError && thrown.problem.status === 429)) throw thrown;
      for (let poll = 0; poll < POLLS; poll++) {
        yield await this.#ask('GET', '', undefined, signal);
        await sleep(POLL_MS, signal);
      }
    }
  }

  async #ask(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    tail: string,
    json: unknown,
    signal?: AbortSignal,
  ) {
    const body = json === undefined ? {} : { body: { json } };
    const request = { method, path: this.#path + tail, signal, ...body };
    return this.#http.json<JobView>(request, jobViewSchema);
  }

  /** `page` is null where nothing settled after the sequence; shards that failed move `next` all the same. */
  async #page(after: number, signal?: AbortSignal): Promise<PageAnswer> {
    const path = `${this.#path}/results?after=${after}`;
    const { status, headers, body } = await this.#http.send({
      method: 'GET',
      path,
      signal,
      deadlineMs: DATA_DEADLINE_MS,
      maxAnswerBytes: MAX_PAGE_ANSWER_BYTES,
    });
    const told = headers.get(RESULTS_NEXT_HEADER);
    const next = told === null && status === 204 ? after : Number(told ?? NaN);
    const more = headers.get(RESULTS_MORE_HEADER) === 'true';
    // A place that does not move while more is promised would be asked for again and again.
    if (
      !Number.isSafeInteger(next) ||
      next < after ||
      (next === after && (more || status !== 204))
    ) {
      const expected = `header ${RESULTS_NEXT_HEADER}, a number past ${after}`;
      throw unexpectedAnswer(`the answer to GET ${path}`, expected, told ?? 'nothing');
    }
    return { page: status === 204 ? null : { ...decodePage(body), next }, next, more };
  }
}

interface PageAnswer {
  readonly page: ResultsPage | null;
  readonly next: number;
  readonly more: boolean;
}

function* itemsOf({ items, outputs, failed }: ResultsPage): Generator<ItemResult> {
  for (const [row, item] of items.entries()) {
    const own = Object.entries(outputs).map(([name, rows]) => [name, itemOf(rows, row)] as const);
    yield { item, outputs: Object.fromEntries(own) };
  }
  for (const item of failed) yield { item, outputs: null };
}

export const hasEnded = (view: JobView): boolean => view.state !== 'running';

function decodePage(body: Uint8Array): Omit<ResultsPage, 'next'> {
  const tensors = decodeTensors(body);
  if (!tensors.ok) {
    throw unexpectedAnswer('a page of results', tensors.error.expected, tensors.error.came);
  }
  const { [ITEM_TENSOR]: item, [FAILED_TENSOR]: failed, ...outputs } = tensors.value;
  const items = indicesOf(ITEM_TENSOR, item);
  for (const [name, tensor] of Object.entries(outputs)) {
    if (tensor.dims[0] === items.length) continue;
    const expected = `output "${name}" with ${items.length} rows`;
    throw unexpectedAnswer('a page of results', expected, describeSpec(tensor));
  }
  return { items, outputs, failed: indicesOf(FAILED_TENSOR, failed) };
}

function indicesOf(name: string, tensor: Tensor | undefined): Uint32Array {
  if (tensor?.dtype === 'U32' && tensor.dims.length === 1) return valuesOf(tensor) as Uint32Array;
  const came = tensor === undefined ? 'nothing' : describeSpec(tensor);
  throw unexpectedAnswer('a page of results', `tensor "${name}" U32[n]`, came);
}
