/**
 * One worker thread of the referee, from start to end: performs one task at a time and never rejects.
 */
import type { Worker } from 'node:worker_threads';
import { assert, messageOf, type Result } from '../../shared/result.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { ownBytes, ownTensors, startWorkerThread } from '../workerThread.ts';
import type {
  AnalyseTask,
  Analysis,
  ComputeTask,
  RefereeMessage,
  RefereeReply,
} from './messages.ts';

export interface RefereeThreadOptions {
  readonly hungAfterMs: number;
  readonly maxHeapMiB: number;
  readonly workerUrl?: URL | undefined;
}

export type Outcome =
  | {
      readonly kind: 'answered';
      readonly result: Result<Analysis | NamedTensors, Problem>;
      /** The thread must not be given another task. */
      readonly broken: boolean;
    }
  | { readonly kind: 'hung' }
  | { readonly kind: 'crashed'; readonly reason: string };

/** Loading the worker's modules on a machine that is busy; not counted as silence of a run. */
const START_DEADLINE_MS = 60_000;

interface Current {
  readonly id: number;
  readonly resolve: (outcome: Outcome) => void;
  timer: NodeJS.Timeout;
}

export class RefereeThread {
  readonly #worker: Worker;
  readonly #hungAfterMs: number;
  #models: ReadonlySet<string> = new Set();
  #current: Current | null = null;
  #tasksDone = 0;
  #ready = false;
  #crash: string | null = null;

  constructor(options: RefereeThreadOptions) {
    this.#hungAfterMs = options.hungAfterMs;
    this.#worker = startWorker(options);
    // The coordinator may end while the referee idles.
    this.#worker.unref();
    this.#worker.on('message', (reply: RefereeReply) => this.#handleReply(reply));
    this.#worker.on('error', (error) => this.#handleEnd(messageOf(error)));
    this.#worker.on('exit', (code) => this.#handleEnd(`the worker ended with code ${code}`));
  }

  get tasksDone(): number {
    return this.#tasksDone;
  }

  /** A session of the model is ready: its bytes need not be sent. */
  holds(modelDigest: string): boolean {
    return this.#models.has(modelDigest);
  }

  /** `cancelled` is shared with the worker. The task's tensors are copied. */
  perform(task: AnalyseTask | ComputeTask, cancelled: Int32Array): Promise<Outcome> {
    assert(this.#current === null, 'RefereeThread: one task at a time');
    if (this.#crash !== null) return Promise.resolve({ kind: 'crashed', reason: this.#crash });
    return new Promise((resolve) => {
      const id = this.#tasksDone;
      this.#current = { id, resolve, timer: this.#hungTimer() };
      const transfer: ArrayBuffer[] = [];
      const message: RefereeMessage = { id, task: compact(task, transfer), cancelled };
      this.#worker.postMessage(message, transfer);
    });
  }

  async stop(): Promise<void> {
    this.#finish({ kind: 'crashed', reason: 'the referee was stopped' });
    await this.#worker.terminate();
  }

  #handleReply(reply: RefereeReply): void {
    switch (reply.kind) {
      case 'ready':
        this.#ready = true;
        this.#restartTimer();
        return;
      case 'alive':
        if (reply.id === this.#current?.id) this.#restartTimer();
        return;
      case 'done':
        if (reply.id !== this.#current?.id) return;
        this.#models = new Set(reply.models);
        this.#finish({ kind: 'answered', result: reply.result, broken: reply.broken });
        return;
      default:
        reply satisfies never;
    }
  }

  /** The worker ended by itself; `error` comes before `exit`, and says more. */
  #handleEnd(reason: string): void {
    this.#crash ??= reason;
    this.#finish({ kind: 'crashed', reason: this.#crash });
  }

  #restartTimer(): void {
    if (this.#current === null) return;
    clearTimeout(this.#current.timer);
    this.#current.timer = this.#hungTimer();
  }

  #hungTimer(): NodeJS.Timeout {
    if (this.#ready) return setTimeout(() => this.#finish({ kind: 'hung' }), this.#hungAfterMs);
    const crashed = { kind: 'crashed', reason: 'the worker did not start' } as const;
    return setTimeout(() => this.#finish(crashed), START_DEADLINE_MS);
  }

  #finish(outcome: Outcome): void {
    const current = this.#current;
    if (current === null) return;
    this.#current = null;
    this.#tasksDone += 1;
    clearTimeout(current.timer);
    current.resolve(outcome);
  }
}

function startWorker({ maxHeapMiB, workerUrl }: RefereeThreadOptions): Worker {
  const url = workerUrl ?? new URL('./refereeWorker.ts', import.meta.url);
  return startWorkerThread(url, { resourceLimits: { maxOldGenerationSizeMb: maxHeapMiB } });
}

/** The task with every byte array in a buffer of its own. */
function compact<T extends AnalyseTask | ComputeTask>(task: T, transfer: ArrayBuffer[]): T {
  const model = task.model === null ? null : ownBytes(task.model, transfer);
  const constants = ownTensors(task.constants, transfer);
  if (task.kind === 'compute')
    return { ...task, model, constants, stacked: ownTensors(task.stacked, transfer) };
  const sampleStacked = ownTensors(task.sampleStacked, transfer);
  const batch =
    task.batch === null ? null : { ...task.batch, other: ownTensors(task.batch.other, transfer) };
  return { ...task, model, constants, sampleStacked, batch };
}
