/**
 * That a store lost its hold: noticed once, told to everyone who asks, before or after, and never taken back.
 */
import type { StoreLostError } from './store.ts';

export class HoldLoss {
  readonly #listeners: ((reason: Error) => void)[] = [];
  #lost: StoreLostError | null = null;

  /** Only the first loss counts. */
  lose(reason: StoreLostError): void {
    if (this.#lost !== null) return;
    this.#lost = reason;
    for (const listener of this.#listeners) listener(reason);
  }

  /** Calls back at once where the hold is lost already. */
  onLost(listener: (reason: Error) => void): void {
    if (this.#lost !== null) listener(this.#lost);
    else this.#listeners.push(listener);
  }

  /** Throws the loss. */
  assertHeld(): void {
    if (this.#lost !== null) throw this.#lost;
  }
}
