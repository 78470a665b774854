/**
 * Who may have which places on a route, and who takes the place of whom. It decides, and changes no route.
 *
 * Invariant: a place goes only to a host that is connected, willing, able to run its stages and not shunned.
 */
import { JOB_RULES, refusalOf } from '../../core/assign.ts';
import { placeStages, slowestOf, type Place } from '../../core/placement.ts';
import { jobOfStage, stageCount } from '../../core/stages.ts';
import type { Job } from '../../core/state.ts';
import type { ConnectedHost, Hosts } from '../hosts.ts';
import type { Speeds } from '../speeds.ts';
import { hasPeers, loadsOf, merged, seatOf } from './stageLoads.ts';

export interface SeatingOptions {
  readonly hosts: Hosts;
  readonly now: () => number;
  readonly speeds: Speeds;
  readonly isPlaced: (host: ConnectedHost) => boolean;
}

/** As long as most networks need to come back: another may have the place meanwhile. */
const SHUNNED_MS = 60_000;
/** What is under way is partly computed again when places change hands, and what was measured is not exact. */
const WORTH_MOVING = 1.5;
/** What hosts show right after a change of places is as much of the change as of them. */
const SETTLING_MS = 10_000;

export class Seating {
  readonly #options: SeatingOptions;
  /** Hosts that neighbours could not reach or that could not run their stages, and until when they have no place. */
  readonly #shunned = new WeakMap<ConnectedHost, number>();

  constructor(options: SeatingOptions) {
    this.#options = options;
  }

  /** For a while it is given no place. */
  shun(host: ConnectedHost): void {
    this.#shunned.set(host, this.#options.now() + SHUNNED_MS);
  }

  /** Is the host there, willing and able to run the stages of the place? */
  maySit(job: Job, { host, first, last }: Place<ConnectedHost>): boolean {
    if (this.#options.hosts.find(host.contributor, host.host) !== host || host.slots === 0)
      return false;
    const nowMs = this.#options.now();
    if ((this.#shunned.get(host) ?? 0) > nowMs) return false;
    for (let stage = first; stage <= last; stage++) {
      if (refusalOf(JOB_RULES, { job: jobOfStage(job, stage), host, nowMs }) !== null) return false;
    }
    return true;
  }

  /** Hosts that have no place and could run some stage of the job, those without other work first. */
  free(job: Job): ConnectedHost[] {
    const stages = Array.from({ length: stageCount(job) }, (_, stage) => stage);
    return [...this.#options.hosts.all()]
      .filter((host) => !this.#options.isPlaced(host))
      .filter((host) =>
        stages.some((stage) => this.maySit(job, { host, first: stage, last: stage })),
      )
      .sort((a, b) => a.leases.size - b.leases.size);
  }

  /** The best places for these hosts; null where they cannot run the whole model. */
  placesOf(job: Job, hosts: readonly ConnectedHost[]): Place<ConnectedHost>[] | null {
    const loads = loadsOf(job);
    const seats = hosts.map((host) => seatOf(host, this.#options.speeds));
    const found = placeStages(
      loads,
      seats.filter(({ host }) => hasPeers(host)),
    );
    const places = found?.places ?? null;
    const fits = places !== null && places.every((place) => this.maySit(job, place));
    if (fits) return [...places];
    // One that cannot reach others may run the whole model alone.
    for (const seat of seats) {
      const alone = placeStages(loads, [seat])?.places[0];
      if (alone !== undefined && this.maySit(job, alone)) return [alone];
    }
    return null;
  }

  /**
   * Places that are worth moving to, of those who have one now and the free; null where there are none. `seatedAtMs`:
   * since when they have it. For a while after that a route only grows, with hosts of which nothing is known yet.
   */
  better(
    job: Job,
    { members, seatedAtMs }: { members: readonly Place<ConnectedHost>[]; seatedAtMs: number },
    free: readonly ConnectedHost[],
  ): readonly Place<ConnectedHost>[] | null {
    const { speeds, now } = this.#options;
    const seats = [...members.map(({ host }) => host), ...free].map((host) => seatOf(host, speeds));
    const loads = loadsOf(job);
    const better = placeStages(
      loads,
      seats.filter(({ host }) => hasPeers(host)),
    );
    if (better === null || !better.places.every((place) => this.maySit(job, place))) return null;
    const isWorth = better.slowest * WORTH_MOVING <= slowestOf(loads, members, seats);
    const isSettled = now() - seatedAtMs >= SETTLING_MS;
    const isNew = ({ host }: Place<ConnectedHost>) =>
      free.includes(host) && speeds.of(host) === null;
    const grows = better.places.length > members.length && better.places.some(isNew);
    return isWorth && (isSettled || grows) ? better.places : null;
  }

  /**
   * Each vacant place to the fastest free host that may have it, of those that are warm where there is one; null where
   * one finds none.
   */
  replaced(
    job: Job,
    members: readonly Place<ConnectedHost>[],
    gone: readonly ConnectedHost[],
    isWarm: (place: Place<ConnectedHost>) => boolean,
  ): Place<ConnectedHost>[] | null {
    const loads = loadsOf(job);
    const free = this.free(job).filter((host) => hasPeers(host) && !gone.includes(host));
    const places: Place<ConnectedHost>[] = [];
    for (const { host, first, last } of members) {
      if (!gone.includes(host)) {
        places.push({ host, first, last });
        continue;
      }
      const row = loads.slice(first, last + 1);
      const able = free.filter((it) => this.maySit(job, { host: it, first, last }));
      const warm = able.filter((it) => isWarm({ host: it, first, last }));
      const seated = placeStages(
        [merged(row)],
        (warm.length > 0 ? warm : able).map((it) => seatOf(it, this.#options.speeds)),
      );
      const next = seated?.places[0]?.host;
      if (next === undefined) return null;
      free.splice(free.indexOf(next), 1);
      places.push({ host: next, first, last });
    }
    return places;
  }
}
