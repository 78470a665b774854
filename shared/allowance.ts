/**
 * How many messages somebody may send: so many at once, and after that so many a second (a token bucket).
 *
 * Invariant: over any time, no more than `burst` and what that time earned is taken; what is spent beyond that has to be
 * earned first.
 */
export interface Rate {
  /** Messages at once. */
  readonly burst: number;
  readonly perSecond: number;
}

export class Allowance {
  readonly #rate: Rate;
  #left: number;
  #atMs: number;

  /** Whole at `nowMs`. */
  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#left = rate.burst;
    this.#atMs = nowMs;
  }

  /** What may be taken now; negative where more was spent. */
  left(nowMs: number): number {
    const { burst, perSecond } = this.#rate;
    this.#left = Math.min(burst, this.#left + ((nowMs - this.#atMs) / 1000) * perSecond);
    this.#atMs = nowMs;
    return this.#left;
  }

  /** False, and nothing is taken, where less is left. */
  take(nowMs: number, count = 1): boolean {
    if (this.left(nowMs) < count) return false;
    this.#left -= count;
    return true;
  }

  /** It came, whether or not anything is left: for who reads no more until something is. */
  spend(nowMs: number, count = 1): void {
    this.#left = this.left(nowMs) - count;
  }
}
