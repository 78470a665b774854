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

/** What newcomers of one cohort hold, and how many they are. */
interface Cohort {
  leases: number;
  readonly contributors: Set<ContributorId>;
}

export class Newcomers {
  readonly #hosts: Hosts;
  readonly #verifiedItems: (contributor: ContributorId) => number;
  /** Newcomers, by cohort; null before anybody asked. */
  #cohorts: Map<string, Cohort> | null = null;
  #most = 0;

  constructor(hosts: Hosts, verifiedItems: (contributor: ContributorId) => number) {
    this.#hosts = hosts;
    this.#verifiedItems = verifiedItems;
  }

  /** Must the host wait for others of its network? */
  areEnoughLike(host: ConnectedHost): boolean {
    if (!this.#isCounted(host)) return false;
    const cohort = (this.#cohorts ??= this.#count()).get(host.cohort);
    if (cohort === undefined) return false;
    const areMany = cohort.contributors.size > 1;
    return cohort.leases >= this.#most || (areMany && host.leases.size >= LEASES_EACH);
  }

  /** The host got one more. */
  granted(host: ConnectedHost): void {
    const cohort = this.#cohorts?.get(host.cohort);
    if (cohort !== undefined && this.#isCounted(host)) cohort.leases += 1;
  }

  #count(): Map<string, Cohort> {
    const cohorts = new Map<string, Cohort>();
    const all = new Set<string>();
    let leases = 0;
    for (const host of this.#hosts.all()) {
      all.add(host.cohort);
      leases += host.leases.size;
      if (!this.#isCounted(host)) continue;
      const cohort = cohorts.get(host.cohort) ?? { leases: 0, contributors: new Set() };
      cohort.leases += host.leases.size;
      cohort.contributors.add(host.contributor);
      cohorts.set(host.cohort, cohort);
    }
    const share = Math.max(LARGEST_SHARE, 2 / all.size);
    this.#most = Math.max(FREE_LEASES, Math.floor(share * leases));
    return cohorts;
  }

  #isCounted({ cohort, contributor }: ConnectedHost): boolean {
    return cohort !== contributor && this.#verifiedItems(contributor) < NEWCOMER_ITEMS;
  }
}
