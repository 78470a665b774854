/**
 * What a coordinator that leads does about what is kept for a time only: one step after the other, never two at once, so that
 * nothing of it is under way when it is closed.
 */
import { messageOf } from '../../shared/result.ts';
import { BlobSweep, type BlobSweepDeps } from './blobSweep.ts';
import { sweepResults } from './resultSweep.ts';

export interface RetentionDeps extends BlobSweepDeps {
  /** How long results are kept; for good where null. */
  readonly keepResultsMs: number | null;
}

/** Where there was nothing to do: what an author has deleted leaves the store so much later. */
const REST_MS = 5_000;

export class Retention {
  readonly #deps: RetentionDeps;
  readonly #blobs: BlobSweep;
  #step: Promise<void> | null = null;
  #restsUntilMs = 0;
  #closed = false;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
    this.#blobs = new BlobSweep(deps);
  }

  /** To be called before the engine starts. */
  start(): Promise<void> {
    const { store, keepResultsMs, now } = this.#deps;
    return store.retention.setTimes(keepResultsMs, now());
  }

  /** To be called every second or so; does nothing while it is still at it. */
  sweep(): void {
    if (this.#closed || this.#step !== null || this.#deps.now() < this.#restsUntilMs) return;
    this.#step = this.#sweep().finally(() => (this.#step = null));
  }

  /** Resolves when nothing of it is under way. */
  async idle(): Promise<void> {
    await this.#step;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.idle();
  }

  async #sweep(): Promise<void> {
    let isBusy = false;
    try {
      const results = await sweepResults(this.#deps);
      isBusy = (await this.#blobs.step()) || results;
    } catch (thrown) {
      // The store's own failure stops the engine; a disk that fails is tried again.
      this.#deps.log('retention-error', { error: messageOf(thrown) });
    }
    if (!isBusy) this.#restsUntilMs = this.#deps.now() + REST_MS;
  }
}
