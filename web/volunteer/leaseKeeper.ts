/**
 * When the coordinator has to hear of what a host holds: often enough that no lease ends, and soon enough that a link
 * which answers nothing is found out.
 *
 * Tells nobody itself. One timer runs while anything is held.
 */
import type { Clock } from './ports.ts';

/** A lease is renewed four times in its life: three renewals may be lost or throttled. */
const RENEWALS_PER_LEASE = 4;

export class LeaseKeeper {
  readonly #clock: Clock;
  /** Lengths of the leases that are held, in ms; none where nothing is. */
  readonly #leasesMs: () => number[];
  readonly #look: () => void;
  #cancelTick: (() => void) | undefined;

  /** `look` is called a few times in the life of the shortest lease. */
  constructor(clock: Clock, leasesMs: () => number[], look: () => void) {
    this.#clock = clock;
    this.#leasesMs = leasesMs;
    this.#look = look;
  }

  /** Should the coordinator hear of it again? `toldAtMs`: when it last did. */
  isDue(toldAtMs: number, leaseMs: number): boolean {
    return this.#clock.nowMs() - toldAtMs >= leaseMs / RENEWALS_PER_LEASE;
  }

  /** Something is held: queued work and long runs must keep their leases too. */
  arm(): void {
    const leasesMs = this.#leasesMs();
    if (this.#cancelTick !== undefined || leasesMs.length === 0) return;
    const delayMs = Math.min(...leasesMs) / RENEWALS_PER_LEASE;
    this.#cancelTick = this.#clock.after(delayMs, () => {
      this.#cancelTick = undefined;
      this.#look();
      this.arm();
    });
  }
}
