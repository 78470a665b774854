/**
 * Hosts that wait with a place's programs in memory, so that whoever leaves a route is followed without a download.
 *
 * A hint, and memory only: a spare may be given other work, and its device may have forgotten the programs by then.
 * Invariant: of a route there is at most one spare for each place, and a spare is free for that place.
 */
import type { RouteId } from '../../../shared/ids.ts';
import type { PrepareMessage } from '../../../shared/protocol/link.ts';
import { assert } from '../../../shared/result.ts';
import type { Place } from '../../core/placement.ts';
import { jobOfStage } from '../../core/stages.ts';
import type { Job } from '../../core/state.ts';
import type { ConnectedHost } from '../hosts.ts';
import type { Route } from './route.ts';

type Spare = Place<ConnectedHost>;

export class Spares {
  readonly #of = new Map<RouteId, { readonly job: Job; readonly places: readonly Spare[] }>();

  /** Keeps whom `maySit` still holds for, and tells others to load what no spare has yet. `free`: the best first. */
  keep(
    job: Job,
    route: Route,
    free: readonly ConnectedHost[],
    maySit: (place: Place<ConnectedHost>) => boolean,
  ): void {
    const isPlace = ({ first, last }: Place<ConnectedHost>): boolean =>
      route.members.some((member) => member.first === first && member.last === last);
    const before = this.#of.get(route.id)?.places ?? [];
    const spares = before.filter((it) => free.includes(it.host) && isPlace(it) && maySit(it));
    for (const { first, last } of route.members) {
      if (spares.some((spare) => spare.first === first)) continue;
      const host = free.find(
        (it) => spares.every((spare) => spare.host !== it) && maySit({ host: it, first, last }),
      );
      if (host === undefined) continue;
      spares.push({ host, first, last });
      for (let stage = first; stage <= last; stage++) host.link.send(prepareMessage(job, stage));
    }
    this.#of.set(route.id, { job, places: spares });
  }

  /** Stages that a host was told to load, each as a job of its own. */
  stagesOf(host: ConnectedHost): Job[] {
    const jobs: Job[] = [];
    for (const { job, places } of this.#of.values()) {
      for (const { first, last } of places.filter((spare) => spare.host === host)) {
        for (let stage = first; stage <= last; stage++) jobs.push(jobOfStage(job, stage));
      }
    }
    return jobs;
  }

  /** Was it told to load the programs of this place? */
  isWarm(route: RouteId, { host, first, last }: Place<ConnectedHost>): boolean {
    const spares = this.#of.get(route)?.places ?? [];
    return spares.some((it) => it.host === host && it.first === first && it.last === last);
  }

  forget(route: RouteId): void {
    this.#of.delete(route);
  }
}

function prepareMessage(job: Job, stage: number): PrepareMessage {
  const { program, facts, constants, name } = jobOfStage(job, stage);
  assert(program.kind !== 'staged', 'prepareMessage: one stage');
  return {
    type: 'prepare',
    jobName: name,
    program,
    constants,
    feeds: facts.feeds as PrepareMessage['feeds'],
    outputs: facts.outputs as PrepareMessage['outputs'],
    flopsPerItem: facts.flopsPerItem,
  };
}
