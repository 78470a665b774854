/**
 * Batches: a file of requests to one model becomes one job, and its results become two files.
 *
 * A batch is a record and what follows from it: every step can be taken again, by another coordinator after a crash, and
 * comes to the same (the job by its idempotency key, the files by their ids).
 */
import { randomBytes } from 'node:crypto';
import { makeBatchId, type BlobDigest, type JobId, type KeyId } from '../../shared/ids.ts';
import { MAX_OPEN_BATCHES_PER_KEY } from '../../shared/limits.ts';
import { INFER_URL, type BatchError, type CreateBatch } from '../../shared/protocol/batches.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { assert, fail, messageOf, ok, type Result } from '../../shared/result.ts';
import { encodeTensors } from '../../shared/safetensors.ts';
import type { Job } from '../core/state.ts';
import { digestOf } from '../digest.ts';
import type { Engine } from '../engine/engine.ts';
import { OneByOne } from '../engine/oneByOne.ts';
import type { JobDesk, Payer } from '../jobs/jobDesk.ts';
import type { AuthorRecord, AuthorRecords } from '../store/authorRecords.ts';
import type { BlobStore } from '../store/blobs.ts';
import type { Page, Store } from '../store/store.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import { batchView } from './batchView.ts';
import { readBatchFile, type BatchPlan } from './batchFile.ts';
import { writeBatch } from './batchOutput.ts';
import type { Files } from './files.ts';
import { endOf, resultsOf } from './jobOutcome.ts';
import type { Models, ModelVersion } from './models.ts';
import { specOf } from './modelServer.ts';

/** The longest that a batch may take: `COMPLETION_WINDOW`. */
const WINDOW_MS = 24 * 3_600_000;
const LIST_ROWS = 500;

/** What a batch was created with: it never changes. */
export interface BatchOrder {
  readonly request: CreateBatch;
  readonly payer: Payer;
  /** What the file held: it may be deleted while the batch runs. */
  readonly file: BlobDigest;
  /** As it was then: it may be withdrawn, or have a newer version. */
  readonly model: { readonly name: string; readonly version: ModelVersion };
  readonly expiresAtMs: number;
}

/** What an author did to it, or the time: the reason why it ends with what it has. */
export type BatchStop = 'cancelled' | 'expired';

export interface BatchCounts {
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
}

export type BatchState =
  | { readonly kind: 'validating' }
  | { readonly kind: 'failed'; readonly errors: readonly BatchError[]; readonly atMs: number }
  | BatchRun
  | (Omit<BatchRun, 'kind'> & {
      readonly kind: 'ended';
      readonly counts: BatchCounts;
      readonly outputFile: string | null;
      readonly errorFile: string | null;
      readonly finalizingAtMs: number;
      readonly atMs: number;
    });

export interface BatchRun {
  readonly kind: 'running';
  /** Null where no line could be asked. */
  readonly job: JobId | null;
  readonly lines: number;
  /** Lines that were asked. */
  readonly asked: number;
  readonly startedAtMs: number;
  readonly stop: { readonly why: BatchStop; readonly atMs: number } | null;
}

/** What is stored under a batch's id. */
export interface Batch {
  readonly order: BatchOrder;
  readonly state: BatchState;
}

export interface BatchesDeps {
  readonly records: AuthorRecords;
  readonly files: Files;
  readonly models: Models;
  readonly desk: Pick<JobDesk, 'post'>;
  readonly engine: Pick<Engine, 'runningJob' | 'watchers' | 'durable' | 'jobs'>;
  readonly store: Pick<Store, 'job' | 'endedShards' | 'output'>;
  readonly blobs: Pick<BlobStore, 'put' | 'need'>;
  /** Resolves when it is certain to be told, under the same id however often it is asked for. */
  readonly webhooks: Pick<Webhooks, 'batchEnded'>;
  readonly now: () => number;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

export class Batches {
  readonly #deps: BatchesDeps;
  readonly #closed = new AbortController();
  /** By author, one after the other: how many are open is counted. */
  readonly #creating = new OneByOne();
  /** Batches that are worked on, with what ends their waiting. */
  readonly #open = new Map<
    string,
    { readonly done: Promise<void>; readonly stop: AbortController }
  >();

  constructor(deps: BatchesDeps) {
    this.#deps = deps;
  }

  /** Takes up what was open when a coordinator last ran. */
  async start(): Promise<void> {
    const { records } = this.#deps;
    let cursor: string | null = null;
    do {
      const page: Page<AuthorRecord<'openBatch'>> = await records.list(
        'openBatch',
        null,
        cursor,
        LIST_ROWS,
      );
      for (const { id } of page.rows) {
        const record = await records.get('batch', id);
        if (record !== null && isOpen(record.body)) this.#work(record);
        else await this.#closeBatch(id);
      }
      cursor = page.next;
    } while (cursor !== null);
  }

  /** What is open is taken up by the next coordinator. */
  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.all([...this.#open.values()].map(({ done }) => done));
  }

  async create(
    payer: Payer,
    request: CreateBatch,
  ): Promise<Result<AuthorRecord<'batch'>, Problem>> {
    const { records, files, models, blobs, now } = this.#deps;
    const file = await files.find(payer.key, request.input_file_id);
    if (file?.body.purpose !== 'batch') return fail(noSuchFile(request.input_file_id));
    // It may be deleted before the batch is written down: its bytes stay.
    if ((await blobs.need(file.body.digest)) === null)
      return fail(noSuchFile(request.input_file_id));
    const [, name = '', , version = null] = INFER_URL.exec(request.endpoint) ?? [];
    const model = await models.find(name, version);
    if (!model.ok) return model;
    return this.#creating.run(payer.key, async () => {
      const open = await records.count('openBatch', payer.key);
      if (open >= MAX_OPEN_BATCHES_PER_KEY) return fail(TOO_MANY);
      const createdAtMs = now();
      const order: BatchOrder = {
        request,
        payer,
        file: file.body.digest,
        model: { name, version: model.value.version },
        expiresAtMs: createdAtMs + WINDOW_MS,
      };
      const named = { id: makeBatchId(randomBytes), author: payer.key, createdAtMs };
      const state: BatchState = { kind: 'validating' };
      const record: AuthorRecord<'batch'> = { ...named, kind: 'batch', body: { order, state } };
      await records.put({ ...named, kind: 'openBatch', body: null });
      await records.put(record);
      this.#work(record);
      return ok(record);
    });
  }

  /** Of this author, or of anybody where null; another's is not there. */
  async find(author: KeyId | null, id: string): Promise<AuthorRecord<'batch'> | null> {
    const record = await this.#deps.records.get('batch', id);
    return record !== null && (author === null || record.author === author) ? record : null;
  }

  /** Ends it with what it has; harmless where it has ended. */
  async cancel({ id }: AuthorRecord<'batch'>): Promise<AuthorRecord<'batch'>> {
    this.#open.get(id)?.stop.abort('cancelled' satisfies BatchStop);
    await this.#open.get(id)?.done;
    const record = await this.#deps.records.get('batch', id);
    assert(record !== null, `cancel: batch ${id} is there`);
    return record;
  }

  /** How many lines are done, of one that runs by its job. */
  countsOf({ state }: Batch): BatchCounts {
    switch (state.kind) {
      case 'validating':
      case 'failed':
        return { total: 0, completed: 0, failed: 0 };
      case 'ended':
        return state.counts;
      case 'running': {
        const { lines: total, asked } = state;
        const job = state.job === null ? null : this.#deps.engine.runningJob(state.job);
        const share = job === null ? 1 : job.counts.settledItems / job.items;
        return { total, completed: Math.floor(asked * share), failed: total - asked };
      }
      default:
        return state satisfies never;
    }
  }

  #work(record: AuthorRecord<'batch'>): void {
    const stop = new AbortController();
    const done = this.#runToItsEnd(record, stop.signal).finally(() => this.#open.delete(record.id));
    this.#open.set(record.id, { done, stop });
  }

  async #runToItsEnd(record: AuthorRecord<'batch'>, stop: AbortSignal): Promise<void> {
    try {
      await this.#run(record, stop);
      await this.#closeBatch(record.id);
    } catch (thrown) {
      // While it closes, waiting is broken off: the next coordinator goes on.
      if (!this.#closed.signal.aborted)
        this.#deps.log('batch-error', { batch: record.id, error: messageOf(thrown) });
    }
  }

  /** Its end is told before it is forgotten that it was open. */
  async #closeBatch(id: string): Promise<void> {
    const { records, webhooks } = this.#deps;
    const ended = await records.get('batch', id);
    if (ended !== null) {
      const { state } = ended.body;
      assert(state.kind === 'failed' || state.kind === 'ended', `batch ${id} has ended`);
      const view = batchView(ended, this.countsOf(ended.body));
      await webhooks.batchEnded(ended.author, view, state.atMs);
    }
    await records.delete('openBatch', id);
  }

  async #run(record: AuthorRecord<'batch'>, stop: AbortSignal): Promise<void> {
    const { files, now } = this.#deps;
    const { order } = record.body;
    const bytes = await files.content(order.file);
    const plan = await readBatchFile(bytes, order.request.endpoint, order.model.version);
    if (!plan.ok) return this.#fail(record, plan.error);
    const run = await this.#start(record, plan.value);
    if (!run.ok) {
      const { code, detail, field } = run.error;
      return this.#fail(record, [{ code, message: detail, param: field ?? null, line: null }]);
    }
    const { job, stopped } = await this.#wait(record, run.value, stop);
    const finalizingAtMs = now();
    const found = job === null ? null : await resultsOf(this.#deps, job);
    // Deleted before they were written: by their author, or while no coordinator ran.
    const gone = found?.ok === false ? found.error : null;
    const unanswered = gone ?? (stopped === null ? ITEM_FAILED : STOPPED[stopped.why]);
    const { id } = record;
    const written = await writeBatch({
      id,
      model: order.model,
      plan: plan.value,
      results: found?.ok === true ? found.value : null,
      unanswered,
    });
    const keep = async (what: 'output' | 'error', lines: Uint8Array): Promise<string | null> => {
      if (lines.byteLength === 0) return null;
      const fileId = `${id.replace(/^batch_/, 'file_')}_${what}`;
      const filename = `${id}_${what}.jsonl`;
      await files.put(record.author, { id: fileId, filename, purpose: 'batch_output' }, lines);
      return fileId;
    };
    const { completed, failed } = written;
    await this.#put(record, {
      ...run.value,
      stop: stopped,
      kind: 'ended',
      counts: { total: plan.value.lines.length, completed, failed },
      outputFile: await keep('output', written.output),
      errorFile: await keep('error', written.errors),
      finalizingAtMs,
      atMs: now(),
    });
  }

  /** Posts its job, once. */
  async #start(
    record: AuthorRecord<'batch'>,
    { items, lines, stacked }: BatchPlan,
  ): Promise<Result<BatchRun, Problem>> {
    const { order, state } = record.body;
    if (state.kind === 'running') return ok(state);
    const { blobs, desk, now } = this.#deps;
    const asked = lines.filter((line) => line.asked.ok).length;
    let job: JobId | null = null;
    if (items > 0) {
      const { model, payer } = order;
      const file = encodeTensors(stacked);
      const digest = digestOf(file);
      const put = await blobs.put(file, digest, file.byteLength);
      assert(put.ok, 'batches: bytes that are here can be stored');
      const spec = specOf(model.version, model.name, digest);
      const posted = await desk.post(payer, spec, record.id, model.version.known);
      if (!posted.ok) return posted;
      job = posted.value.job.id;
    }
    const counts = { lines: lines.length, asked };
    const run: BatchRun = { kind: 'running', job, ...counts, startedAtMs: now(), stop: null };
    await this.#put(record, run);
    return ok(run);
  }

  /** Until its job has ended, or is ended by its author or the time. */
  async #wait(
    record: AuthorRecord<'batch'>,
    run: BatchRun,
    stop: AbortSignal,
  ): Promise<{ readonly job: Job | null; readonly stopped: BatchRun['stop'] }> {
    if (run.job === null) return { job: null, stopped: null };
    const { engine, now } = this.#deps;
    const left = Math.max(0, record.body.order.expiresAtMs - now());
    const expired = AbortSignal.timeout(left);
    let stopped = run.stop;
    const signal = AbortSignal.any([this.#closed.signal, stop, expired]);
    try {
      if (stopped === null) return { job: await endOf(this.#deps, run.job, signal), stopped };
    } catch (thrown) {
      if (this.#closed.signal.aborted || !signal.aborted) throw thrown;
      const why: BatchStop = stop.aborted ? 'cancelled' : 'expired';
      stopped = { why, atMs: now() };
      await this.#put(record, { ...run, stop: stopped });
    }
    await engine.jobs.cancel(run.job);
    return { job: await endOf(this.#deps, run.job, this.#closed.signal), stopped };
  }

  #fail(record: AuthorRecord<'batch'>, errors: readonly BatchError[]): Promise<void> {
    return this.#put(record, { kind: 'failed', errors, atMs: this.#deps.now() });
  }

  #put(record: AuthorRecord<'batch'>, state: BatchState): Promise<void> {
    return this.#deps.records.put({ ...record, body: { order: record.body.order, state } });
  }
}

const isOpen = ({ state }: Batch): boolean => state.kind !== 'failed' && state.kind !== 'ended';

const noSuchFile = (came: string): Problem => ({
  code: 'not-found',
  detail: 'you have no such file for a batch',
  field: 'input_file_id',
  came,
  fix: 'upload it first: POST /v1/files with the purpose "batch"',
});

const TOO_MANY: Problem = {
  code: 'too-many-batches',
  detail: 'too many batches of this key have not ended',
  expected: `at most ${MAX_OPEN_BATCHES_PER_KEY}`,
  fix: 'wait for one to end, or cancel one',
};

const ITEM_FAILED: Problem = {
  code: 'item-failed',
  detail: 'an item of the request could not be computed by any volunteer',
  fix: 'look at its inputs; the job’s explanation says what the volunteers reported',
};

const STOPPED: Readonly<Record<BatchStop, Problem>> = {
  cancelled: {
    code: 'batch-cancelled',
    detail: 'the batch was cancelled before this was answered',
  },
  expired: {
    code: 'batch-expired',
    detail: 'the time of the batch was over before this was answered',
    fix: 'send what is missing as another batch',
  },
};
