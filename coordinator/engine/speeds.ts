/**
 * How fast hosts computed of late, from what they say of their reports: a hint for who is given what, never for credit.
 */
import type { ConnectedHost } from './hosts.ts';

/** A sample is of so much computing, or of one report that took longer: single reports of small shards say little. */
const SAMPLE_MS = 500;
/**
 * The median of so many last samples: a device that is used for something else shows after half of them, and one that
 * was busy for a moment keeps its place.
 */
const SAMPLES = 9;

/**
 * Who computed nothing for so long is as fast as anybody: else whoever lost its place while its device was busy would
 * never show that it no longer is.
 */
const HOLDS_MS = 60_000;

interface Measured {
  /** Of the last samples, the newest last. */
  readonly speeds: readonly number[];
  /** The sample that is being gathered. */
  readonly refereeMs: number;
  readonly ms: number;
  readonly atMs: number;
}

export class Speeds {
  readonly #now: () => number;
  readonly #holdsMs: number;
  readonly #of = new WeakMap<ConnectedHost, Measured>();
  /** Its first report says how long a cold engine took: judged by that, a host would lose its place at once. */
  readonly #warm = new WeakSet<ConnectedHost>();

  /** Of who reported nothing for `holdsMs` nothing is known. */
  constructor(now: () => number, holdsMs = HOLDS_MS) {
    this.#now = now;
    this.#holdsMs = holdsMs;
  }

  /** How many times as fast as the referee; null where too little was measured of late. */
  of(host: ConnectedHost): number | null {
    const speeds = this.#lately(host)?.speeds ?? [];
    const sorted = [...speeds].sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? null;
  }

  /** It took `ms` for what takes the referee `refereeMs`. */
  note(host: ConnectedHost, refereeMs: number, ms: number): void {
    if (!(refereeMs > 0) || !(ms > 0)) return;
    if (!this.#warm.has(host)) return void this.#warm.add(host);
    const before = this.#lately(host) ?? { speeds: [], refereeMs: 0, ms: 0 };
    const sample = { refereeMs: before.refereeMs + refereeMs, ms: before.ms + ms };
    const atMs = this.#now();
    if (sample.ms < SAMPLE_MS) {
      this.#of.set(host, { speeds: before.speeds, ...sample, atMs });
      return;
    }
    const speeds = [...before.speeds, sample.refereeMs / sample.ms].slice(-SAMPLES);
    this.#of.set(host, { speeds, refereeMs: 0, ms: 0, atMs });
  }

  #lately(host: ConnectedHost): Measured | undefined {
    const measured = this.#of.get(host);
    if (measured === undefined || this.#now() - measured.atMs > this.#holdsMs) return undefined;
    return measured;
  }
}
