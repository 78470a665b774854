/**
 * The referee on a worker thread: a queue that survives anything the worker does.
 *
 * A worker that is silent for too long is hung, one that ends by itself has crashed; both are replaced,
 * and the task it held fails as a value. A WASM heap never shrinks, so a worker is also replaced after
 * a number of tasks. One task is in the worker at a time: onnxruntime is not re-entrant.
 */
import { MAX_ERROR_CHARS } from '../../shared/limits.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { assert, fail, messageOf, ok, type Result } from '../../shared/result.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import type { AnalyseTask, Analysis, ComputeTask } from './messages.ts';
import type { ModelSource, Referee } from './referee.ts';
import { RefereeThread } from './refereeThread.ts';

export interface WorkerRefereeOptions {
  /** Silence after which the worker counts as hung: the longest that one run may take. */
  readonly hungAfterMs?: number;
  /** Tasks of one worker before its heap is given back. */
  readonly tasksPerWorker?: number;
  /** JavaScript heap of the worker; tensors and models lie outside it. */
  readonly maxHeapMiB?: number;
  /** The worker's module; the one beside this file where absent. */
  readonly workerUrl?: URL;
}

/** A model of one minute per run could not be checked at a bearable cost. */
const HUNG_AFTER_MS = 60_000;
const TASKS_PER_WORKER = 500;
const MAX_HEAP_MIB = 1024;

type Task = AnalyseTask | ComputeTask;
type Answer = Result<Analysis | NamedTensors, Problem>;

interface Pending {
  /** The task without its model. */
  readonly task: Task;
  readonly model: ModelSource;
  readonly items: number;
  readonly cancelled: Int32Array;
  readonly settle: (answer: Answer) => void;
}

export function workerReferee(options: WorkerRefereeOptions = {}): Referee {
  const waiting: Pending[] = [];
  let current: Pending | null = null;
  let thread: RefereeThread | null = null;
  let closed = false;

  async function drain(): Promise<void> {
    while (current === null && !closed) {
      const next = waiting.shift();
      if (next === undefined) return;
      current = next;
      try {
        next.settle(await answerOf(next));
      } catch (thrown) {
        next.settle(fail({ code: 'internal', detail: 'a bug', came: messageOf(thrown) }));
      }
      current = null;
    }
  }

  async function answerOf(pending: Pending): Promise<Answer> {
    thread ??= new RefereeThread({
      hungAfterMs: options.hungAfterMs ?? HUNG_AFTER_MS,
      maxHeapMiB: options.maxHeapMiB ?? MAX_HEAP_MIB,
      workerUrl: options.workerUrl,
    });
    const model = await modelFor(pending, thread);
    if (!model.ok) return model;
    const outcome = await thread.perform(
      { ...pending.task, model: model.value },
      pending.cancelled,
    );
    switch (outcome.kind) {
      case 'answered':
        if (outcome.broken || thread.tasksDone >= (options.tasksPerWorker ?? TASKS_PER_WORKER)) {
          await dropThread();
        }
        return outcome.result;
      case 'hung':
        await dropThread();
        return fail(tooSlow(options.hungAfterMs ?? HUNG_AFTER_MS));
      case 'crashed':
        await dropThread();
        return fail(failed('the referee crashed', outcome.reason));
      default:
        return outcome satisfies never;
    }
  }

  async function dropThread(): Promise<void> {
    const old = thread;
    thread = null;
    await old?.stop();
  }

  function enqueue(
    task: Task,
    model: ModelSource,
    items: number,
    signal?: AbortSignal,
  ): Promise<Answer> {
    return new Promise((resolve) => {
      const cancelled = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
      const settle = (answer: Answer): void => {
        signal?.removeEventListener('abort', abort);
        resolve(answer);
      };
      const pending: Pending = { task, model, items, cancelled, settle };
      const abort = (): void => {
        // A run in progress ends by itself; its answer, if it still comes, meets a settled promise.
        Atomics.store(cancelled, 0, 1);
        const at = waiting.indexOf(pending);
        if (at >= 0) waiting.splice(at, 1);
        settle(fail(CANCELLED));
      };
      if (closed || signal?.aborted === true) return resolve(fail(CANCELLED));
      signal?.addEventListener('abort', abort);
      waiting.push(pending);
      void drain();
    });
  }

  return {
    async analyse({ model, nonFinite = 'refuse', runDims = {}, batch = null, ...known }, signal) {
      const task = { ...known, model: null, nonFinite, runDims, batch };
      const answer = await enqueue({ kind: 'analyse', ...task }, model, 1, signal);
      return answer as Result<Analysis, Problem>;
    },
    async compute({ program, model, feeds, outputs, batch }, signal) {
      const task = { program, model: null, feeds, outputs, ...batch };
      const answer = await enqueue({ kind: 'compute', ...task }, model, batch.items.length, signal);
      return answer as Result<NamedTensors, Problem>;
    },
    get queuedItems() {
      return waiting.reduce((sum, { items }) => sum + items, current?.items ?? 0);
    },
    async close() {
      closed = true;
      for (const pending of waiting.splice(0)) pending.settle(fail(CANCELLED));
      current?.settle(fail(CANCELLED));
      await dropThread();
    },
  };
}

/** The model's bytes where the worker needs them. */
async function modelFor(
  { task, model }: Pending,
  thread: RefereeThread,
): Promise<Result<Uint8Array | null, Problem>> {
  if (task.program.kind === 'kernel') return ok(null);
  const isHeld = task.kind === 'compute' && task.program.kind === 'onnx';
  if (isHeld && thread.holds(task.program.model)) return ok(null);
  assert(model !== null, 'referee: a program without its bytes');
  if (model instanceof Uint8Array) return ok(model);
  try {
    return ok(await model());
  } catch (thrown) {
    return fail(failed('the model could not be loaded', messageOf(thrown, MAX_ERROR_CHARS)));
  }
}

const CANCELLED: Problem = { code: 'cancelled', detail: 'the computation was cancelled' };

const failed = (detail: string, came: string): Problem => ({
  code: 'referee-failed',
  detail,
  came,
  fix: 'try again',
});

const tooSlow = (hungAfterMs: number): Problem => ({
  code: 'model-too-slow',
  detail: 'one run of the program took too long in the referee, and was ended',
  expected: `one run within ${hungAfterMs / 1000} s`,
  came: 'no answer in that time',
  fix: 'lower itemsPerRun, or make the item smaller',
});
