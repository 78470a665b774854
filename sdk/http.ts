/**
 * Requests to one coordinator: a deadline for each, and retries for what may be sent twice.
 *
 * Knows nothing of jobs. A coordinator that has answered before may be restarting and is waited for; one
 * that never answered is given up soon, because its address is probably wrong. Runs in browsers and Node.
 */
import type { z } from 'zod';
import { BLOB_DEADLINE_MS, MAX_JSON_BODY_BYTES } from '../shared/limits.ts';
import { checkValue, parseJson, readJson } from '../shared/protocol/parse.ts';
import { problemSchema, type ProblemDetails } from '../shared/protocol/problem.ts';
import { messageOf } from '../shared/result.ts';
import { formatBytes } from '../shared/units.ts';
import { IdlewaveError, invalid, unexpectedAnswer, unreachable } from './error.ts';
import { sleep } from './sleep.ts';

export interface RetryPolicy {
  /** How long to try where this client has never had an answer. */
  readonly firstPatienceMs: number;
  /** How long to try after it has: the coordinator may be restarting. */
  readonly patienceMs: number;
  /** Waits are drawn from 0 to this, doubled each time ("full jitter"), up to `maxDelayMs`. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/** A restart with a migration takes a minute or two; jobs outlast it, so their watchers should. */
export const DEFAULT_RETRY: RetryPolicy = {
  firstPatienceMs: 3_000,
  patienceMs: 300_000,
  baseDelayMs: 250,
  maxDelayMs: 10_000,
};

/** A small request; the coordinator answers in milliseconds, an estimate runs one item first. */
export const REQUEST_DEADLINE_MS = 60_000;
/** JSON answers: a page of 500 job views is about 1 MiB. */
const MAX_JSON_ANSWER_BYTES = 64 * MAX_JSON_BODY_BYTES;

/** Statuses of a coordinator, or of a proxy before it, that will answer differently in a while. */
const PASSING_STATUS = new Set([429, 502, 503, 504]);

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** From the coordinator's root: `/v1/jobs`. */
  readonly path: string;
  /** A value is sent as JSON, bytes as they are. */
  readonly body?: { readonly json: unknown } | { readonly bytes: Uint8Array };
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs?: number;
  /** False only where sending twice would do something twice. */
  readonly repeatable?: boolean;
  readonly maxAnswerBytes?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** A request that will be tried again. */
export interface RetryNotice {
  readonly why: string;
  readonly attempt: number;
  readonly waitMs: number;
}

export interface HttpOptions {
  readonly url: string;
  readonly key?: string | undefined;
  readonly fetch?: typeof fetch | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
}

/** What one attempt came to, where it did not succeed and another may. */
interface Passing {
  readonly why: string;
  readonly error: IdlewaveError;
  /** The server's own wish, from Retry-After. */
  readonly waitMs: number;
}

export class Http {
  readonly url: string;
  readonly retry: RetryPolicy;
  readonly #key: string | undefined;
  readonly #fetch: typeof fetch;
  readonly #onRetry: (notice: RetryNotice) => void;
  #hasAnswered = false;

  constructor(options: HttpOptions) {
    this.url = coordinatorUrl(options.url);
    this.retry = { ...DEFAULT_RETRY, ...options.retry };
    this.#key = options.key;
    // Called without a receiver: browsers refuse `fetch` as a method of another object.
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#onRetry = options.onRetry ?? (() => undefined);
  }

  /** Any 2xx answer, read whole. Throws `IdlewaveError`, or the signal's reason. */
  async send(request: Request): Promise<Answer> {
    return this.#persist(request, async (signal) => {
      const deadline = AbortSignal.timeout(request.deadlineMs ?? REQUEST_DEADLINE_MS);
      const both = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
      const response = await this.#open(request, both);
      const body = await readBounded(response, request.maxAnswerBytes ?? MAX_JSON_ANSWER_BYTES);
      return { status: response.status, headers: response.headers, body };
    });
  }

  /** A 2xx answer's JSON, checked. */
  async json<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
    const { body } = await this.send(request);
    const parsed = parseJson(new TextDecoder().decode(body), schema);
    if (parsed.ok) return parsed.value;
    const { detail, field, came } = parsed.error;
    const where = field === undefined ? request.path : `${request.path}, field ${field}`;
    throw unexpectedAnswer(`the answer to ${request.method} ${where}`, detail, came ?? 'other');
  }

  /**
   * A 2xx answer whose body is still open. The head has the usual deadline and retries, the body has neither:
   * the caller's signal ends it. A coordinator that has too many streams (429) is not asked again.
   */
  async stream(request: Request, signal: AbortSignal): Promise<Response> {
    return this.#persist({ ...request, signal }, async () => {
      const head = new AbortController();
      const timer = setTimeout(() => head.abort(timedOut()), REQUEST_DEADLINE_MS);
      try {
        return await this.#open(request, AbortSignal.any([signal, head.signal]));
      } catch (thrown) {
        const final = thrown instanceof PassingRefusal && thrown.error.problem.status === 429;
        throw final ? thrown.error : thrown;
      } finally {
        clearTimeout(timer);
      }
    });
  }

  /** Tries until `attempt` succeeds, fails for good, or patience ends. */
  async #persist<T>(
    request: Request,
    attempt: (signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    const startedMs = performance.now();
    for (let tries = 1; ; tries++) {
      request.signal?.throwIfAborted();
      let passing: Passing;
      try {
        return await attempt(request.signal);
      } catch (thrown) {
        request.signal?.throwIfAborted();
        passing = this.#passing(thrown, request);
      }
      const patienceMs = this.#hasAnswered ? this.retry.patienceMs : this.retry.firstPatienceMs;
      const waitMs = Math.max(passing.waitMs, this.#delayMs(tries));
      const spentMs = performance.now() - startedMs;
      if (request.repeatable === false || spentMs + waitMs > patienceMs) throw passing.error;
      this.#onRetry({ why: passing.why, attempt: tries, waitMs });
      await sleep(waitMs, request.signal);
    }
  }

  #delayMs(tries: number): number {
    const { baseDelayMs, maxDelayMs } = this.retry;
    return Math.random() * Math.min(maxDelayMs, baseDelayMs * 2 ** Math.min(tries, 20));
  }

  /** Throws on where trying again cannot help. */
  #passing(thrown: unknown, request: Request): Passing {
    if (thrown instanceof PassingRefusal) {
      const { problem } = thrown.error;
      return { why: problem.detail, error: thrown.error, waitMs: thrown.waitMs };
    }
    if (thrown instanceof IdlewaveError) throw thrown;
    const why = causeOf(thrown);
    const detail = `${request.method} ${this.url}${request.path}: ${why}`;
    const fix = `check that a coordinator runs at ${this.url} and that this machine reaches it`;
    return { why, error: unreachable(detail, fix, thrown), waitMs: 0 };
  }

  async #open(request: Request, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { ...request.headers };
    if (this.#key !== undefined) headers['authorization'] = `Bearer ${this.#key}`;
    let body: string | Uint8Array<ArrayBuffer> | undefined;
    if (request.body !== undefined && 'json' in request.body) {
      headers['content-type'] = 'application/json';
      body = JSON.stringify(request.body.json);
    } else if (request.body !== undefined) {
      headers['content-type'] ??= 'application/octet-stream';
      body = request.body.bytes as Uint8Array<ArrayBuffer>;
    }
    const { method } = request;
    const init: RequestInit = { method, headers, signal, ...(body === undefined ? {} : { body }) };
    const response = await this.#fetch(this.url + request.path, init);
    if (response.ok) {
      this.#hasAnswered = true;
      return response;
    }
    const error = await refusal(response, request, this.url);
    if (!PASSING_STATUS.has(response.status)) {
      this.#hasAnswered = true;
      throw error;
    }
    const seconds = Number(response.headers.get('retry-after') ?? 0);
    throw new PassingRefusal(error, Number.isFinite(seconds) ? seconds * 1000 : 0);
  }
}

/** Without a trailing slash, so that paths can be appended. */
function coordinatorUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') {
    return (url.origin + url.pathname).replace(/\/+$/, '');
  }
  throw invalid({
    code: 'invalid-field',
    field: 'url',
    detail: 'the coordinator URL is not one',
    expected: 'such as http://127.0.0.1:7433',
    came: JSON.stringify(text.slice(0, 200)),
  });
}

/** Bytes of an answer of unknown size, refused as soon as they pass the bound. */
export async function readBounded(response: Response, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let total = 0;
  const reader = bodyOf(response)?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    total += value.byteLength;
    if (total > maxBytes) {
      await reader.cancel();
      throw unexpectedAnswer('an answer is too large', `at most ${formatBytes(maxBytes)}`, 'more');
    }
    parts.push(value);
  }
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

/** `fetch` bodies are streams of bytes; Node's types leave the chunk open. */
export const bodyOf = (response: Response): ReadableStream<Uint8Array> | null =>
  response.body as ReadableStream<Uint8Array> | null;

/** Uploads and downloads of data: a slow line may take long. */
export const DATA_DEADLINE_MS = BLOB_DEADLINE_MS;

/** The reason that `AbortSignal.timeout` gives. */
const timedOut = (): DOMException => new DOMException('timed out', 'TimeoutError');

class PassingRefusal extends Error {
  readonly error: IdlewaveError;
  readonly waitMs: number;
  constructor(error: IdlewaveError, waitMs: number) {
    super(error.message);
    this.error = error;
    this.waitMs = waitMs;
  }
}

/** The coordinator's problem where it sent one; a proxy's page, or a HEAD's empty body, becomes one. */
async function refusal(response: Response, request: Request, url: string): Promise<IdlewaveError> {
  const body = await readBounded(response, MAX_JSON_BODY_BYTES);
  const json = readJson(new TextDecoder().decode(body));
  const problem = json.ok ? checkValue(json.value, problemSchema) : json;
  if (problem.ok) return new IdlewaveError('refused', problem.value);
  const { status } = response;
  const known = STATUS_PROBLEMS[status] ?? { code: `http-${status}` };
  const details: ProblemDetails = {
    type: `urn:idlewave:problem:${known.code}`,
    title: known.code.replaceAll('-', ' '),
    status,
    detail: `${request.method} ${url}${request.path} was answered with status ${status}`,
    ...known,
  };
  return new IdlewaveError('refused', details);
}

const STATUS_PROBLEMS: Readonly<Record<number, { code: string; fix?: string }>> = {
  401: { code: 'not-authenticated', fix: 'pass a key that the coordinator knows' },
  403: { code: 'not-allowed' },
  404: { code: 'not-found', fix: 'check the URL: it is the coordinator, without a path' },
  413: { code: 'body-too-large' },
  503: { code: 'not-ready' },
};

/** `fetch failed` hides the reason in its cause: ECONNREFUSED and its like. */
function causeOf(thrown: unknown): string {
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') {
    return 'no answer within the deadline';
  }
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  if (cause === undefined) return messageOf(thrown, 300);
  const code = (cause as { code?: unknown }).code;
  return messageOf(cause, 300) || (typeof code === 'string' ? code : messageOf(thrown, 300));
}
