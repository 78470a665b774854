/**
 * How fast hosts computed of late, from what they say of their reports: a hint for placing stages, never for credit.
 */
import type { ConnectedHost } from '../hosts.ts';

/**
 * The median of so many last reports: a device that is used for something else shows after half of them, and one that
 * was busy for a moment keeps its place.
 */
const REPORTS = 9;
/**
 * Who computed nothing for so long is as fast as anybody: else whoever lost its place while its device was busy would
 * never show that it no longer is.
 */
const HOLDS_MS = 60_000;

interface Measured {
  /** Of the last reports, the newest last. */
  readonly speeds: readonly number[];
  readonly atMs: number;
}

export class Speeds {
  readonly #now: () => number;
  readonly #of = new WeakMap<ConnectedHost, Measured>();
  /** Its first report says how long a cold engine took: judged by that, a host would lose its place at once. */
  readonly #warm = new WeakSet<ConnectedHost>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many times as fast as the referee; null where nothing was measured of late. */
  of(host: ConnectedHost): number | null {
    const measured = this.#of.get(host);
    if (measured === undefined || this.#now() - measured.atMs > HOLDS_MS) return null;
    const sorted = [...measured.speeds].sort((a, b) => a - b);
    return sorted[sorted.length >> 1]!;
  }

  /** It took `ms` for what takes the referee `refereeMs`. */
  note(host: ConnectedHost, refereeMs: number, ms: number): void {
    if (!(refereeMs > 0) || !(ms > 0)) return;
    if (!this.#warm.has(host)) return void this.#warm.add(host);
    const before = this.of(host) === null ? [] : this.#of.get(host)!.speeds;
    const speeds = [...before, refereeMs / ms].slice(-REPORTS);
    this.#of.set(host, { speeds, atMs: this.#now() });
  }
}
