/**
 * How fast hosts computed of late, from what they say of their reports: a hint for placing stages, never for credit.
 */
import type { ConnectedHost } from '../hosts.ts';

/** What the last report weighs: a device that warms up, or is used for something else, shows within a few. */
const WEIGHT = 0.3;

export class Speeds {
  readonly #of = new WeakMap<ConnectedHost, number>();
  /** Its first report says how long a cold engine took: judged by that, a host would lose its place at once. */
  readonly #warm = new WeakSet<ConnectedHost>();

  /** In FLOP a millisecond; null where nothing was measured. */
  of(host: ConnectedHost): number | null {
    return this.#of.get(host) ?? null;
  }

  note(host: ConnectedHost, flops: number, ms: number): void {
    if (!(flops > 0) || !(ms > 0)) return;
    if (!this.#warm.has(host)) return void this.#warm.add(host);
    const before = this.#of.get(host) ?? flops / ms;
    this.#of.set(host, before + WEIGHT * (flops / ms - before));
  }
}
