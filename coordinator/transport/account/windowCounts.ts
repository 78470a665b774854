/**
 * How often something was done in the present stretch of time, in all and by one party, against maxima. Memory is
 * bounded by the maximum in all.
 */
export interface WindowCountsOptions {
  readonly windowMs: number;
  readonly inAll: number;
  readonly perParty: number;
  readonly now: () => number;
}

export class WindowCounts {
  readonly #options: WindowCountsOptions;
  readonly #counts = new Map<string, number>();
  #startedAtMs = -Infinity;
  #inAll = 0;

  constructor(options: WindowCountsOptions) {
    this.#options = options;
  }

  /** May the party do it once more? Counts nothing. */
  allows(party: string): boolean {
    this.#turnPage();
    const { inAll, perParty } = this.#options;
    return this.#inAll < inAll && (this.#counts.get(party) ?? 0) < perParty;
  }

  /** The party did it. */
  count(party: string): void {
    this.#turnPage();
    this.#inAll += 1;
    this.#counts.set(party, (this.#counts.get(party) ?? 0) + 1);
  }

  #turnPage(): void {
    const { now, windowMs } = this.#options;
    if (now() - this.#startedAtMs < windowMs) return;
    this.#startedAtMs = now();
    this.#counts.clear();
    this.#inAll = 0;
  }
}
