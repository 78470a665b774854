/**
 * Loaded programs and the one queue they run in: the inside of the compute worker, and of a Node host.
 *
 * Knows no worker, no ONNX Runtime and no GPU: engines come as candidates. Invariant: at any moment at most
 * one runner of this service is opening, running or closing (ORT 1.30 is not re-entrant), and a task that fails
 * leaves the queue intact.
 */
import type { AssignmentId } from '../../shared/ids.ts';
import { MAX_LOADED_PROGRAMS } from '../../shared/limits.ts';
import { OutputShapeError, runBatch, type ItemBatch } from '../../shared/program.ts';
import { fail, messageOf, ok } from '../../shared/result.ts';
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
import { Pacer } from './pacer.ts';
import { rowTree, type Hashing } from './rowTree.ts';
import { chooseEngine, NoEngineError, type Chosen, type FindCandidates } from './candidate.ts';

export interface ComputeEnvironment extends Hashing {
  facts(): Promise<ComputeFacts>;
  readonly candidates: FindCandidates;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Lets waiting messages be handled; resolves in a later macrotask, after at least `ms`. */
  readonly rest: (ms: number) => Promise<void>;
  /** What a thrown value means where this environment knows it; null where it does not. */
  failureKind(thrown: unknown): ComputeFailure['kind'] | null;
  /** Polite: short GPU slices, one at a time. */
  setPolite(polite: boolean): void;
  /** `check` is awaited between the slices inside one run, where the engine has any; its throw ends the run. */
  setSliceCheck(check: () => void | Promise<void>): void;
}

/** Work without a look at the message queue: a pause must be heard within this and one slice. */
const DEAF_MS = 12;

/** Progress is for people and leases: more often than this it would only cost messages. */
const PROGRESS_MS = 100;

/** Of a rest, and of a run whose slices rest: whoever waits takes a silent worker for hung (`MAX_RUN_SILENCE_MS`). */
const LIFE_SIGN_MS = 5_000;

/** Thrown out of `runBatch` when the task is no longer wanted. */
class Cancelled extends Error {
  override name = 'Cancelled';
}

interface Loaded {
  readonly source: ProgramSource;
  /** Absent until the first run has measured the engines. */
  chosen?: Chosen;
}

export class ComputeService implements Compute {
  readonly #environment: ComputeEnvironment;
  /** In order of use, the least recent first. */
  readonly #programs = new Map<string, Loaded>();
  readonly #pending = new Set<AssignmentId>();
  readonly #cancelled = new Set<AssignmentId>();
  #queue: Promise<unknown> = Promise.resolve();
  /** Each kind of engine has its own: while one works, the other rests. */
  readonly #pacers: Readonly<Record<keyof Duty, Pacer>>;
  #closed = false;

  /** `onDuty` is told about once a second of work how much of the time that is. */
  constructor(environment: ComputeEnvironment, onDuty?: (report: DutyReport) => void) {
    this.#environment = environment;
    const pacer = (kind: keyof Duty): Pacer => new Pacer(environment, kind, onDuty);
    this.#pacers = { gpu: pacer('gpu'), cpu: pacer('cpu') };
  }

  facts(): Promise<ComputeFacts> {
    return this.#environment.facts();
  }

  load(source: ProgramSource): Promise<ComputeResult<null>> {
    return this.#exclusively(async () => {
      if (this.#programs.has(source.key)) return ok(null);
      this.#programs.set(source.key, { source });
      for (const key of [...this.#programs.keys()].slice(0, -MAX_LOADED_PROGRAMS)) {
        await this.#drop(key);
      }
      return ok(null);
    });
  }

  run(task: ComputeTask, onProgress: (rowsDone: number) => void): Promise<ComputeResult<Computed>> {
    this.#pending.add(task.id);
    return this.#exclusively(() => this.#compute(task, onProgress)).finally(() => {
      this.#pending.delete(task.id);
      this.#cancelled.delete(task.id);
    });
  }

  cancel(id: AssignmentId): void {
    if (!this.#pending.has(id)) return;
    this.#cancelled.add(id);
    this.#wake();
  }

  setDuty(duty: Duty): void {
    this.#pacers.gpu.want(duty.gpu);
    this.#pacers.cpu.want(duty.cpu);
    this.#environment.setPolite(duty.gpu < 1);
  }

  bareLoop(task: ComputeTask, items: number): Promise<ComputeResult<BareLoopTiming>> {
    return this.#exclusively(async () => {
      this.#environment.setSliceCheck(() => undefined);
      const batch = await this.#open(task);
      if (batch === null) return fail(NOT_LOADED);
      const { nowMs } = this.#environment;
      const { runner } = batch.chosen.open;
      let done = 0;
      const startMs = nowMs();
      while (done < items) {
        const start = done % task.items.length;
        const end = Math.min(start + runner.itemsPerRun, task.items.length, start + items - done);
        await runner.run(batch.rows, start, end);
        done += end - start;
      }
      return ok({ items: done, ms: nowMs() - startMs, engine: batch.chosen.engine });
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const id of this.#pending) this.#cancelled.add(id);
    this.#wake();
    const closing = this.#queue.then(async () => {
      for (const key of [...this.#programs.keys()]) await this.#drop(key);
    });
    this.#queue = closing;
    return closing;
  }

  async #compute(
    task: ComputeTask,
    onProgress: (rowsDone: number) => void,
  ): Promise<ComputeResult<Computed>> {
    const { nowMs, rest } = this.#environment;
    // The result before this one leaves now: a run holds the thread, and the page would wait for both.
    await rest(0);
    this.#throwIfCancelled(task.id);
    if (this.#programs.has(task.programKey)) onProgress(0);
    // Engines are measured without rests; what they took is owed after.
    this.#environment.setSliceCheck(() => this.#throwIfCancelled(task.id));
    for (const pacer of this.#allPacers()) pacer.begin();
    const opened = await this.#open(task).finally(() => {
      for (const pacer of this.#allPacers()) pacer.end();
    });
    if (opened === null) return fail(NOT_LOADED);
    this.#throwIfCancelled(task.id);
    const { engine, reason, open } = opened.chosen;
    const pacer = this.#pacers[engine === 'webgpu' ? 'gpu' : 'cpu'];
    let rows = 0;
    let toldAtMs = nowMs();
    const live = (): void => {
      this.#throwIfCancelled(task.id);
      if (nowMs() - toldAtMs < LIFE_SIGN_MS) return;
      toldAtMs = nowMs();
      onProgress(rows);
    };
    // Owed by the task before this one, too: its result did not wait for it.
    await pacer.restIfDue(live);
    let restedMs = 0;
    let heardAtMs = nowMs();
    const startMs = heardAtMs;
    this.#environment.setSliceCheck(async () => {
      live();
      restedMs += await pacer.restIfDue(live);
    });
    pacer.begin();
    try {
      const specs = opened.source.outputs;
      const outputs = await runBatch(open.runner, opened.rows, specs, async (rowsDone) => {
        rows = rowsDone;
        const now = nowMs();
        if (now - toldAtMs >= PROGRESS_MS) {
          toldAtMs = now;
          onProgress(rowsDone);
        }
        // The task after this one listens, and rests, before it begins.
        if (rowsDone === task.items.length) return;
        const pausedMs = await pacer.restIfDue(live);
        if (pausedMs === 0 && now - heardAtMs < DEAF_MS) return;
        if (pausedMs === 0) await rest(0);
        heardAtMs = nowMs();
        restedMs += heardAtMs - now;
        this.#throwIfCancelled(task.id);
      });
      const computeMs = nowMs() - startMs - restedMs;
      const count = task.items.length;
      const tree = await rowTree(outputs, count, this.#environment);
      const computed = { outputs, tree, engine, reason, computeMs };
      if (task.treeOfInputs !== true) return ok(computed);
      const inputTree = await rowTree(task.stacked, count, this.#environment);
      return ok({ ...computed, inputTree });
    } finally {
      pacer.end();
      pacer.report();
    }
  }

  /** The program's runner, chosen at its first run; null where the program is not loaded. */
  async #open(
    task: ComputeTask,
  ): Promise<{ chosen: Chosen; rows: ItemBatch; source: ProgramSource } | null> {
    const loaded = this.#programs.get(task.programKey);
    if (loaded === undefined) return null;
    this.#programs.delete(task.programKey);
    this.#programs.set(task.programKey, loaded);
    const { source } = loaded;
    const rows = { items: task.items, stacked: task.stacked, constants: source.constants };
    if (loaded.chosen === undefined) {
      const candidates = await this.#environment.candidates(source);
      const { nowMs } = this.#environment;
      const alive = (): void => this.#throwIfCancelled(task.id);
      loaded.chosen = await chooseEngine(candidates, source, rows, { nowMs, alive });
    }
    return { chosen: loaded.chosen, rows, source };
  }

  /** After whatever is queued; a throw becomes a failure and the queue goes on. */
  #exclusively<T>(work: () => Promise<ComputeResult<T>>): Promise<ComputeResult<T>> {
    const done = this.#queue.then(async () => {
      if (this.#closed) return fail(CLOSED);
      try {
        return await work();
      } catch (thrown) {
        return fail(await this.#failureOf(thrown));
      }
    });
    this.#queue = done;
    return done;
  }

  async #failureOf(thrown: unknown): Promise<ComputeFailure> {
    const message = messageOf(thrown);
    if (thrown instanceof Cancelled) return { kind: 'cancelled', message };
    const known = this.#environment.failureKind(
      thrown instanceof NoEngineError ? thrown.cause : thrown,
    );
    if (known === 'device-lost') {
      // Every runner may hold buffers of the lost device: all are made anew, by loading again.
      for (const key of [...this.#programs.keys()]) await this.#drop(key);
    }
    if (known !== null) return { kind: known, message };
    if (thrown instanceof NoEngineError) return { kind: 'not-capable', message };
    if (thrown instanceof OutputShapeError) return { kind: 'output-shape', message };
    if (/out.of.memory|allocat(e|ion)|bad_alloc/i.test(message)) {
      return { kind: 'out-of-memory', message };
    }
    return { kind: 'run-failed', message };
  }

  async #drop(key: string): Promise<void> {
    const loaded = this.#programs.get(key);
    this.#programs.delete(key);
    // A session of a lost device may refuse to be released; it is gone either way.
    await loaded?.chosen?.open.close().catch(() => undefined);
  }

  #allPacers(): readonly Pacer[] {
    return [this.#pacers.gpu, this.#pacers.cpu];
  }

  #wake(): void {
    for (const pacer of this.#allPacers()) pacer.wake();
  }

  #throwIfCancelled(id: AssignmentId): void {
    if (this.#cancelled.has(id)) throw new Cancelled('the work was called off');
  }
}

const NOT_LOADED: ComputeFailure = { kind: 'not-loaded', message: 'the program is not loaded' };
const CLOSED: ComputeFailure = { kind: 'unavailable', message: 'computing has been stopped' };
