/**
 * How much of the work newcomers of one cohort may hold at once: a flood of new names from one network is tried
 * a few at a time, and the work of everybody else goes on.
 *
 * A look at one moment, made for one round of granting. Who has given verified results is no newcomer, and a
 * cohort of one contributor is no flood.
 */
import type { ContributorId } from '../../shared/ids.ts';
import type { ConnectedHost, Hosts } from './hosts.ts';

/** Verified items after which a contributor is a newcomer no more: as long as its probation (`core/stream.ts`). */
const NEWCOMER_ITEMS = 5_120;
/** A household or a class: they may always begin. */
const FREE_LEASES = 8;
/** Of one newcomer: its first results are to be seen before it gets many. */
const LEASES_EACH = 2;
/** Of all leases, where many cohorts are connected (reference: cohort cap); of few each has twice its part. */
const LARGEST_SHARE = 0.05;

export class Newcomers {
  readonly #hosts: Hosts;
  readonly #verifiedItems: (contributor: ContributorId) => number;
  /** Leases of newcomers, by cohort; null before anybody asked. */
  #held: Map<string, number> | null = null;
  #most = 0;

  constructor(hosts: Hosts, verifiedItems: (contributor: ContributorId) => number) {
    this.#hosts = hosts;
    this.#verifiedItems = verifiedItems;
  }

  /** Must the host wait for others of its network? */
  areEnoughLike(host: ConnectedHost): boolean {
    if (!this.#isCounted(host)) return false;
    const held = (this.#held ??= this.#count()).get(host.cohort) ?? 0;
    return held >= this.#most || (host.leases.size >= LEASES_EACH && this.#areMany(host));
  }

  /** The host got one more. */
  granted(host: ConnectedHost): void {
    if (this.#held === null || !this.#isCounted(host)) return;
    this.#held.set(host.cohort, (this.#held.get(host.cohort) ?? 0) + 1);
  }

  #count(): Map<string, number> {
    const held = new Map<string, number>();
    const cohorts = new Set<string>();
    let leases = 0;
    for (const host of this.#hosts.all()) {
      cohorts.add(host.cohort);
      leases += host.leases.size;
      if (!this.#isCounted(host)) continue;
      held.set(host.cohort, (held.get(host.cohort) ?? 0) + host.leases.size);
    }
    const share = Math.max(LARGEST_SHARE, 2 / cohorts.size);
    this.#most = Math.max(FREE_LEASES, Math.floor(share * leases));
    return held;
  }

  /** Is it one of several newcomers of its cohort? */
  #areMany({ cohort, contributor }: ConnectedHost): boolean {
    for (const other of this.#hosts.all()) {
      if (other.contributor !== contributor && other.cohort === cohort && this.#isCounted(other))
        return true;
    }
    return false;
  }

  #isCounted({ cohort, contributor }: ConnectedHost): boolean {
    return cohort !== contributor && this.#verifiedItems(contributor) < NEWCOMER_ITEMS;
  }
}
