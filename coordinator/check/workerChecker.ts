/**
 * The algebraic check on a thread of its own: neither links nor the referee's long computations wait for it.
 *
 * A thread that ends or is silent for too long is replaced at the next report; what it held fails as a value.
 */
import type { Worker } from 'node:worker_threads';
import type { Problem } from '../../shared/protocol/problem.ts';
import { assert, fail, messageOf, type Result } from '../../shared/result.ts';
import type { Checker } from '../engine/checkQueue.ts';
import type { JobInputs } from '../jobs/jobInputs.ts';
import { ownTensors, startWorkerThread } from '../workerThread.ts';
import type { CheckTask } from './checkProducts.ts';
import type { CheckMessage, CheckReply } from './checkWorker.ts';

export interface WorkerCheckerOptions {
  readonly hungAfterMs?: number;
  /** The worker's module; the one beside this file where absent. */
  readonly workerUrl?: URL;
  /** Told of every check that could not be done. */
  readonly onFailure?: (problem: Problem) => void;
}

export interface WorkerChecker extends Checker {
  /** What is pending fails. */
  close(): Promise<void>;
}

/** The largest assignment takes some 20 ms, seconds where all its rows have to be computed again. */
const HUNG_AFTER_MS = 120_000;

export function workerChecker(
  inputs: Pick<JobInputs, 'batch'>,
  options: WorkerCheckerOptions = {},
): WorkerChecker {
  const url = options.workerUrl ?? new URL('./checkWorker.ts', import.meta.url);
  let thread: CheckThread | null = null;
  return {
    async check(job, items, outputs) {
      const { program } = job;
      assert(program.kind === 'kernel', 'only kernels have an algebraic check');
      const batch = await inputs.batch(job, items);
      if (thread === null || thread.hasEnded) {
        thread = new CheckThread(url, options.hungAfterMs ?? HUNG_AFTER_MS);
      }
      const fault = await thread.perform({ program, batch, outputs });
      if (!fault.ok) options.onFailure?.(fault.error);
      return fault;
    },
    close: async () => thread?.stop(),
  };
}

type Answer = Result<string | null, Problem>;

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly timer: NodeJS.Timeout;
}

class CheckThread {
  readonly #worker: Worker;
  readonly #hungAfterMs: number;
  readonly #pending = new Map<number, Pending>();
  #sent = 0;
  #hasEnded = false;

  constructor(url: URL, hungAfterMs: number) {
    this.#hungAfterMs = hungAfterMs;
    this.#worker = startWorkerThread(url);
    // The coordinator may end while nothing is checked.
    this.#worker.unref();
    this.#worker.on('message', ({ id, fault }: CheckReply) => this.#settle(id, fault));
    this.#worker.on('error', (error) => this.#end(messageOf(error)));
    this.#worker.on('exit', (code) => this.#end(`it ended with code ${code}`));
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The task's tensors are copied. */
  perform({ program, batch, outputs }: CheckTask): Promise<Answer> {
    return new Promise((resolve) => {
      const id = (this.#sent += 1);
      const timer = setTimeout(
        () => void this.stop('it was silent for too long'),
        this.#hungAfterMs,
      );
      this.#pending.set(id, { resolve, timer });
      const transfer: ArrayBuffer[] = [];
      const own = {
        ...batch,
        stacked: ownTensors(batch.stacked, transfer),
        constants: ownTensors(batch.constants, transfer),
      };
      const task = { program, batch: own, outputs: ownTensors(outputs, transfer) };
      this.#worker.postMessage({ id, task } satisfies CheckMessage, transfer);
    });
  }

  async stop(reason = 'it was stopped'): Promise<void> {
    this.#end(reason);
    await this.#worker.terminate();
  }

  /** `error` comes before `exit`, and says more: the first reason is the one that is told. */
  #end(reason: string): void {
    this.#hasEnded = true;
    for (const id of [...this.#pending.keys()]) {
      this.#settle(id, fail({ code: 'internal', detail: 'the check has crashed', came: reason }));
    }
  }

  #settle(id: number, answer: Answer): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    pending.resolve(answer);
  }
}
