/** The HTTP application over the memory store, with the real referee and checker, asked without a socket. */
import { randomBytes } from 'node:crypto';
import type { JobView } from '../../../shared/protocol/job.ts';
import type { ProblemDetails } from '../../../shared/protocol/problem.ts';
import { workerChecker, type WorkerChecker } from '../../check/workerChecker.ts';
import { RecordingPosts } from '../../webhooks/testing/recordingPosts.ts';
import { Webhooks } from '../../webhooks/webhooks.ts';
import type { Checker } from '../../engine/checkQueue.ts';
import { JobDesk } from '../../jobs/jobDesk.ts';
import { memoryLogFiles } from '../../log/logFiles.ts';
import { PublicLog } from '../../log/publicLog.ts';
import type { Referee } from '../../referee/referee.ts';
import { workerReferee } from '../../referee/workerReferee.ts';
import { digestOf } from '../../digest.ts';
import type { JobEnds } from '../../engine/engineOptions.ts';
import { EngineRig } from '../../engine/testing/engineRig.ts';
import { serving } from '../../serving/serving.ts';
import { PublicStats } from '../../stats/publicStats.ts';
import { LinkCodes } from '../account/linkCodes.ts';
import { SignedRequests } from '../account/signedRequests.ts';
import { buildApp } from '../http/app.ts';
import type { App, HttpDeps } from '../http/context.ts';
import { RequestLimits } from '../http/requestLimits.ts';
import type { BuiltSite } from '../http/site.ts';
import { Keys } from '../keys.ts';
import { Callers } from '../members/callers.ts';
import { LinkRig, ORIGIN } from './linkRig.ts';

/** A job of ten items that the referee analyses in a millisecond. */
export const KERNEL_SPEC = {
  name: 'ball',
  program: {
    kind: 'kernel',
    kernel: 'montecarlo@1',
    params: { dimensions: 2, samplesPerItem: 64, seed: 7 },
  },
  items: 10,
} as const;

export interface AskOptions {
  readonly method?: string;
  /** Sent as JSON unless it is text or bytes. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Null asks without a key; the author's where absent. */
  readonly key?: string | null;
}

export class HttpRig {
  readonly links: LinkRig;
  readonly keys: Keys;
  readonly deps: HttpDeps;
  readonly publicLog: PublicLog;
  /** Made by hand: it has no timer. */
  readonly stats: PublicStats;
  readonly app: App;
  /** Takes every webhook that is not meant for a private address. */
  readonly posts = new RecordingPosts();
  readonly referee: Referee;
  readonly checker: WorkerChecker;
  /** An author's key. */
  key = '';

  constructor(links: LinkRig, secret: string, site: BuiltSite | null) {
    this.links = links;
    const { rig, blobs } = links;
    const { engine, store } = rig;
    const now = () => rig.nowMs;
    this.referee = workerReferee();
    this.checker = workerChecker(links.deps.inputs);
    this.keys = new Keys(store, secret, now);
    const { inputs, byeTokens } = links.deps;
    const { metrics } = links;
    const desk = new JobDesk({ store, blobs, inputs, referee: this.referee, engine, now });
    const log = (event: string) => void links.logged.push(event);
    this.publicLog = new PublicLog({ store, files: memoryLogFiles(), secret, log });
    this.publicLog.start();
    this.stats = new PublicStats({ store, now, log });
    const { keys, publicLog, stats } = this;
    const { authorRecords: records } = store;
    const webhooks = new Webhooks({
      records,
      transport: this.posts,
      networks: 'public',
      now,
      random: randomBytes,
      chance: () => 0.5,
      log,
    });
    const served = serving({ records, store, blobs, desk, engine, inputs, webhooks, now, log });
    this.deps = {
      ...{ ...served, webhooks },
      ...{ engine, store, blobs, desk, keys, publicLog, stats, metrics, byeTokens, now, log },
      callers: new Callers({ publicOrigin: ORIGIN, trustedProxies: 1 }),
      requests: new RequestLimits(now),
      signedRequests: new SignedRequests(now, randomBytes),
      linkCodes: new LinkCodes(now, randomBytes),
    };
    this.app = buildApp(this.deps, site);
  }

  static async started(site: BuiltSite | null = null): Promise<HttpRig> {
    const checker: Checker = { check: (...report) => http.checker.check(...report) };
    const jobEnds: JobEnds = {
      eventOf: (job) => http.deps.webhooks.eventOf(job),
      committed: (event) => http.deps.webhooks.committed(event),
    };
    const rig = await EngineRig.started({ checker, jobEnds });
    const http = new HttpRig(new LinkRig(rig), randomBytes(32).toString('hex'), site);
    http.key = (await http.keys.create('author')).key;
    return http;
  }

  async close(): Promise<void> {
    await this.deps.batches.close();
    await this.links.rig.engine.stop();
    await this.deps.webhooks.close();
    await this.publicLog.close();
    await this.referee.close();
    await this.checker.close();
  }

  async ask(
    path: string,
    { method, body, headers, key = this.key }: AskOptions = {},
  ): Promise<Response> {
    const isRaw =
      typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream;
    const init = {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
        ...(body === undefined || isRaw ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
      ...(body instanceof ReadableStream ? { duplex: 'half' as const } : {}),
    };
    return this.app.request(path, init, { incoming: { headers: { ...headers }, socket: {} } });
  }

  async json<T>(path: string, options?: AskOptions): Promise<T> {
    return (await (await this.ask(path, options)).json()) as T;
  }

  /** The problem of a request that is refused; throws where it is not. */
  async problem(path: string, options?: AskOptions): Promise<ProblemDetails> {
    const response = await this.ask(path, options);
    const type = response.headers.get('Content-Type');
    if (type !== 'application/problem+json') throw new Error(`${path}: ${response.status} ${type}`);
    const problem = (await response.json()) as ProblemDetails;
    if (problem.status !== response.status) throw new Error(`${path}: two statuses`);
    return problem;
  }

  async post(changes: object = {}, options: AskOptions = {}): Promise<JobView> {
    const response = await this.ask('/v1/jobs', {
      body: { ...KERNEL_SPEC, ...changes },
      ...options,
    });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as JobView;
  }

  /** Uploads a blob; the result is its digest. */
  async upload(bytes: Uint8Array): Promise<string> {
    const digest = digestOf(bytes);
    const response = await this.ask(`/v1/blobs/${digest}`, { method: 'PUT', body: bytes });
    if (!response.ok) throw new Error(await response.text());
    return digest;
  }
}
