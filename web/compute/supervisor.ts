/**
 * The page's side of the compute worker: it is spawned when first needed, watched, and replaced when it dies.
 *
 * Computes nothing. Invariant: every call ends. What is pending when the worker dies, hangs or is recycled
 * ends as a failure value; the next call finds a new worker.
 */
import * as Comlink from 'comlink';
import type { AssignmentId } from '../../shared/ids.ts';
import { MAX_RUN_SILENCE_MS } from '../../shared/limits.ts';
import { fail, messageOf } from '../../shared/result.ts';
import type {
  BareLoopTiming,
  Compute,
  ComputeFacts,
  ComputeFailure,
  ComputeResult,
  ComputeTask,
  Computed,
  Duty,
  DutyReport,
  ProgramSource,
} from './api.ts';

/** What the worker exposes. Progress goes to one listener: a proxy per run would leak a port each. */
export interface ComputeWorkerApi {
  listen(
    onProgress: (id: AssignmentId, rowsDone: number) => void,
    onDuty: (report: DutyReport) => void,
  ): void;
  facts(): Promise<ComputeFacts>;
  load(source: ProgramSource): Promise<ComputeResult<null>>;
  run(task: ComputeTask): Promise<ComputeResult<Computed>>;
  cancel(id: AssignmentId): void;
  setDuty(duty: Duty): void;
  bareLoop(task: ComputeTask, items: number): Promise<ComputeResult<BareLoopTiming>>;
}

/** A worker, however it was made. */
export interface SpawnedWorker {
  readonly endpoint: Comlink.Endpoint;
  /** Called when the worker's script cannot run or has thrown outside any call. */
  onDeath(listener: (text: string) => void): void;
  terminate(): void;
}

export interface SupervisorPorts {
  spawn(): SpawnedWorker;
  nowMs(): number;
  /** What a person allows; null for what the worker finds reasonable. */
  memoryCapBytes?(): number | null;
  /** How much was work of late: about once a second while anything runs. */
  onDuty?(report: DutyReport): void;
  /** Calls `fire` once, later; the result calls it off. */
  after(delayMs: number, fire: () => void): () => void;
}

/** A cancelled run that has not ended by then is in the middle of a long item: the worker goes. */
const CANCEL_GRACE_MS = 2_000;
/** Workers that may die in a row, without one finished run between, before we give up. */
const MAX_DEATHS = 5;

interface Pending {
  readonly end: (failure: ComputeFailure) => void;
  /** Present for runs. */
  readonly id?: AssignmentId;
  cancelled: boolean;
}

/**
 * The worker and its functions, each looked up once and all kept: Comlink clears up after every proxy that it makes
 * in a finalizer, and one that runs in a page of the back-forward cache has the browser throw the page away.
 */
const lookUp = (remote: Comlink.Remote<ComputeWorkerApi>) => {
  const { listen, facts, load, run, cancel, setDuty, bareLoop } = remote;
  return { root: remote, listen, facts, load, run, cancel, setDuty, bareLoop };
};
type RemoteWorker = ReturnType<typeof lookUp>;

interface Generation {
  readonly worker: SpawnedWorker;
  readonly remote: RemoteWorker;
  readonly pending: Set<Pending>;
  lastLifeMs: number;
}

export class ComputeSupervisor implements Compute {
  readonly #ports: SupervisorPorts;
  readonly #progress = new Map<AssignmentId, (rowsDone: number) => void>();
  #generation: Generation | null = null;
  #cancelWatch: (() => void) | undefined;
  #deaths = 0;
  #duty: Duty | null = null;
  #closed = false;

  constructor(ports: SupervisorPorts) {
    this.#ports = ports;
  }

  /** Throws where no worker can be kept alive. */
  async facts(): Promise<ComputeFacts> {
    for (;;) {
      const facts = await this.#call(async (remote) => ({ ok: true, value: await remote.facts() }));
      if (facts.ok) {
        const memoryBytes = Math.min(
          facts.value.memoryBytes,
          this.#ports.memoryCapBytes?.() ?? Infinity,
        );
        return { ...facts.value, memoryBytes };
      }
      if (facts.error.kind !== 'worker-died') throw new Error(facts.error.message);
    }
  }

  load(source: ProgramSource): Promise<ComputeResult<null>> {
    return this.#call((remote) => remote.load(source));
  }

  async run(
    task: ComputeTask,
    onProgress: (rowsDone: number) => void,
  ): Promise<ComputeResult<Computed>> {
    this.#progress.set(task.id, onProgress);
    const result = await this.#call((remote) => remote.run(task), task.id);
    this.#progress.delete(task.id);
    if (result.ok) this.#deaths = 0;
    return result;
  }

  cancel(id: AssignmentId): void {
    const generation = this.#generation;
    if (generation === null) return;
    for (const pending of generation.pending) if (pending.id === id) pending.cancelled = true;
    // A worker that dies meanwhile has cancelled it too.
    generation.remote.cancel(id).catch(() => undefined);
    this.#ports.after(CANCEL_GRACE_MS, () => {
      const all = [...generation.pending];
      const late = all.some((pending) => pending.id === id);
      if (late && all.every((pending) => pending.cancelled)) {
        this.#bury(generation, 'it was in the middle of a long item when the work was called off');
      }
    });
  }

  setDuty(duty: Duty): void {
    if (this.#duty?.gpu === duty.gpu && this.#duty.cpu === duty.cpu) return;
    this.#duty = duty;
    this.#generation?.remote.setDuty(duty).catch(() => undefined);
  }

  bareLoop(task: ComputeTask, items: number): Promise<ComputeResult<BareLoopTiming>> {
    return this.#call((remote) => remote.bareLoop(task, items));
  }

  close(): Promise<void> {
    this.#closed = true;
    if (this.#generation !== null) this.#bury(this.#generation, 'computing has been stopped');
    return Promise.resolve();
  }

  async #call<T>(
    call: (remote: RemoteWorker) => Promise<ComputeResult<T>>,
    id?: AssignmentId,
  ): Promise<ComputeResult<T>> {
    if (this.#closed) return fail({ kind: 'unavailable', message: 'computing has been stopped' });
    if (this.#deaths >= MAX_DEATHS) {
      const message = `the compute worker died ${this.#deaths} times in a row: load the page again`;
      return fail({ kind: 'unavailable', message });
    }
    const generation = this.#alive();
    return new Promise((resolve) => {
      const pending: Pending = {
        end: (failure) => resolve(fail(failure)),
        ...(id === undefined ? {} : { id }),
        cancelled: false,
      };
      generation.pending.add(pending);
      this.#watch(generation);
      const settle = (result: ComputeResult<T>): void => {
        if (!generation.pending.delete(pending)) return;
        generation.lastLifeMs = this.#ports.nowMs();
        resolve(result);
      };
      call(generation.remote).then(settle, (thrown: unknown) => {
        // Only what cannot be cloned or a bug inside the worker gets here: failures are values.
        settle(fail({ kind: 'run-failed', message: messageOf(thrown) }));
      });
    });
  }

  #alive(): Generation {
    if (this.#generation !== null) return this.#generation;
    const worker = this.#ports.spawn();
    const remote = lookUp(Comlink.wrap<ComputeWorkerApi>(worker.endpoint));
    const lastLifeMs = this.#ports.nowMs();
    const generation: Generation = { worker, remote, pending: new Set(), lastLifeMs };
    this.#generation = generation;
    worker.onDeath((text) => this.#bury(generation, text));
    const onProgress = Comlink.proxy((id: AssignmentId, rowsDone: number) => {
      if (this.#generation !== generation) return;
      generation.lastLifeMs = this.#ports.nowMs();
      this.#progress.get(id)?.(rowsDone);
    });
    const onDuty = Comlink.proxy((report: DutyReport) => {
      if (this.#generation === generation) this.#ports.onDuty?.(report);
    });
    remote.listen(onProgress, onDuty).catch(() => undefined);
    if (this.#duty !== null) remote.setDuty(this.#duty).catch(() => undefined);
    return generation;
  }

  /** Ends the worker and everything that waits for it. */
  #bury(generation: Generation, text: string): void {
    if (this.#generation !== generation) return;
    this.#generation = null;
    generation.worker.terminate();
    const all = [...generation.pending];
    generation.pending.clear();
    // Being called off is no sign of illness; dying with work in hand is.
    const calledOff = all.length > 0 && all.every((pending) => pending.cancelled);
    if (!calledOff && !this.#closed) this.#deaths += 1;
    const message = `the compute worker ended: ${text}`;
    for (const pending of all) {
      if (this.#closed) pending.end({ kind: 'unavailable', message });
      else pending.end({ kind: pending.cancelled ? 'cancelled' : 'worker-died', message });
    }
  }

  /** One timer while calls are pending: a worker that is silent for too long is hung. */
  #watch(generation: Generation): void {
    if (generation.pending.size === 1) generation.lastLifeMs = this.#ports.nowMs();
    this.#cancelWatch?.();
    this.#cancelWatch = this.#ports.after(MAX_RUN_SILENCE_MS, () => {
      this.#cancelWatch = undefined;
      if (this.#generation !== generation || generation.pending.size === 0) return;
      const silentMs = this.#ports.nowMs() - generation.lastLifeMs;
      if (silentMs >= MAX_RUN_SILENCE_MS) {
        this.#bury(generation, `it was silent for ${Math.round(silentMs / 1000)} s`);
      } else this.#watch(generation);
    });
  }
}
