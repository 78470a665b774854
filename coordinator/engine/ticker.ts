/**
 * Turns inputs into ticks: whatever has arrived is handled together, committed in one transaction, and only
 * then spoken about.
 *
 * When a commit fails it stops for good: what is in memory is no longer what is on disk, and a restart
 * loads the truth.
 */
import type { Store } from '../store/store.ts';
import { Tick } from './tick.ts';

/**
 * Inputs and output bytes that one transaction takes at most; the rest waits for the next. Larger ticks save
 * statements, but then hosts move in step and the store rests while they answer: with one input an assignment
 * 128 was 1.3 times as fast as 2,048 with 256 hosts. An assignment has two now, a commitment and a report:
 * 256 was 1.2 to 1.4 times as fast as 128.
 */
const MAX_INPUTS_PER_TICK = 256;
const MAX_BYTES_PER_TICK = 64 * 1024 * 1024;

/** What any input costs while it waits: small messages must not fill the memory uncounted. */
const INPUT_BYTES = 1024;

interface Input {
  readonly bytes: number;
  readonly handle: (tick: Tick) => void;
}

export interface TickerOptions {
  readonly store: Pick<Store, 'commit'>;
  /** Runs last in every tick, after its inputs. */
  readonly finish: (tick: Tick) => void;
  readonly committed: (tick: Tick) => void;
  readonly onFatal: (error: unknown) => void;
}

export class Ticker {
  readonly #options: TickerOptions;
  #inbox: Input[] = [];
  #backlogBytes = 0;
  #draining: Promise<void> | null = null;
  #stopped = false;
  #failed = false;
  #logSize = 0;
  /** Rejects the questions that wait for their tick. */
  readonly #asking = new Set<(error: unknown) => void>();

  constructor(options: TickerOptions) {
    this.#options = options;
  }

  /** Bytes of reports and other inputs that wait for a transaction: transports stop reading while it is high. */
  get backlogBytes(): number {
    return this.#backlogBytes;
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Before the first tick: entries that the public log has. */
  continueLog(size: number): void {
    this.#logSize = size;
  }

  enqueue(bytes: number, handle: (tick: Tick) => void): void {
    if (this.#stopped) return;
    this.#inbox.push({ bytes, handle });
    this.#backlogBytes += bytes + INPUT_BYTES;
    this.#draining ??= this.#drain();
  }

  /** Runs in the next tick; the answer comes when it is durable. Rejects where that cannot be any more. */
  ask<T>(handle: (tick: Tick) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#stopped) return reject(new Error('the coordinator is stopping'));
      this.#asking.add(reject);
      this.enqueue(0, (tick) => {
        const answer = handle(tick);
        tick.afterCommit(() => {
          this.#asking.delete(reject);
          resolve(answer);
        });
      });
    });
  }

  /** Resolves when nothing waits for a transaction. */
  async idle(): Promise<void> {
    while (this.#draining !== null) await this.#draining;
  }

  /** Finishes the tick in progress; takes nothing more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#draining;
  }

  /** Something outside of a tick has failed that must not fail. Says nothing once it is stopped. */
  fatal(error: unknown): void {
    if (!this.#stopped) this.#fail(error);
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#stopped = true;
    this.#inbox = [];
    for (const reject of this.#asking) reject(error);
    this.#asking.clear();
    this.#options.onFatal(error);
  }

  /** While one tick is being committed the next is stepped; they are committed, and spoken of, in order. */
  async #drain(): Promise<void> {
    // One turn of the event loop: messages that are there already join the first tick.
    await new Promise((resolve) => setImmediate(resolve));
    let committing: Promise<void> = Promise.resolve();
    try {
      while (this.#inbox.length > 0) {
        const tick = new Tick();
        this.#takeInputs(tick);
        this.#options.finish(tick);
        await committing;
        committing = this.#commit(tick);
        // Its failure is seen where it is awaited, also when a step fails before that.
        committing.catch(() => undefined);
        if (this.#inbox.length === 0) await committing;
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      // In the same turn as the last look at the inbox: what comes later starts a new drain.
      this.#draining = null;
    }
  }

  async #commit(tick: Tick): Promise<void> {
    if (!tick.isEmpty) {
      const changes = tick.changes(this.#logSize);
      for (const { entries } of changes.logged) this.#logSize += entries.length;
      await this.#options.store.commit(changes);
    }
    tick.runAfterCommit();
    this.#options.committed(tick);
  }

  #takeInputs(tick: Tick): void {
    let bytes = 0;
    let taken = 0;
    const inbox = this.#inbox;
    while (taken < inbox.length && taken < MAX_INPUTS_PER_TICK && bytes < MAX_BYTES_PER_TICK) {
      const input = inbox[taken++]!;
      bytes += input.bytes;
      input.handle(tick);
    }
    // Handling may have enqueued more: they are in `#inbox` too, behind those taken.
    this.#inbox = inbox.slice(taken);
    this.#backlogBytes -= bytes + taken * INPUT_BYTES;
  }
}
