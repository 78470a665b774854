/** A route as its job's author sees it. */
import type { RouteView } from '../../shared/protocol/job.ts';
import { formatCount } from '../../shared/units.ts';
import { jobOfStage } from '../core/stages.ts';
import type { Job } from '../core/state.ts';
import type { Member, Route } from '../engine/routes/route.ts';
import type { Speeds } from '../engine/speeds.ts';
import { refereeMsOf } from '../engine/routes/stageLoads.ts';

export function routeView(job: Job, route: Route, speeds: Speeds): RouteView {
  const places = route.members.map((member) => ({
    contributor: member.host.contributor,
    first: member.first,
    last: member.last,
    itemsPerSecond: itemsPerSecond(job, member, speeds.of(member.host)),
    next: member.to,
  }));
  const { epoch, stages } = route;
  const inFlight = route.inFlight.size;
  return { stages, epoch, inFlight, places, text: textOf(stages, inFlight, places) };
}

/** What the stages of a place alone would give. `speed`: how many times as fast as the referee. */
export function itemsPerSecond(
  job: Job,
  { first, last }: Pick<Member, 'first' | 'last'>,
  speed: number | null,
): number | null {
  if (speed === null) return null;
  let refereeMs = 0;
  for (let stage = first; stage <= last; stage++)
    refereeMs += refereeMsOf(jobOfStage(job, stage).facts);
  return (speed * 1000) / refereeMs;
}

function textOf(stages: number, inFlight: number, places: RouteView['places']): string {
  const volunteers = places.length === 1 ? '1 volunteer' : `${places.length} volunteers`;
  const under = `${stages} stages on ${volunteers}, ${inFlight} shards under way`;
  const slowest = slowestOf(places);
  if (slowest === null) return `${under}.`;
  const { first, last, itemsPerSecond: rate } = slowest;
  return `${under}; ${stagesText(first, last)} gives about ${formatCount(Math.round(rate!))} items a second, and the others wait for it.`;
}

/** Counted from 1, as people do. */
export const stagesText = (first: number, last: number): string =>
  first === last ? `stage ${first + 1}` : `stages ${first + 1} to ${last + 1}`;

/** The place that the others wait for; null where one is not measured. */
export function slowestOf<P extends Pick<RouteView['places'][number], 'itemsPerSecond'>>(
  places: readonly P[],
): P | null {
  if (places.some((place) => place.itemsPerSecond === null)) return null;
  return places.reduce((a, b) => (a.itemsPerSecond! <= b.itemsPerSecond! ? a : b));
}
