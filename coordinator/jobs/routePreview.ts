/** The route that a staged job would have among the hosts connected now, for its author before it is posted. */
import type { RoutePreview } from '../../shared/protocol/job.ts';
import { assert } from '../../shared/result.ts';
import { byteLengthOf } from '../../shared/tensor.ts';
import { formatBytes, formatCount } from '../../shared/units.ts';
import { memoryOf } from '../core/assign.ts';
import { jobOfStage } from '../core/stages.ts';
import type { Job } from '../core/state.ts';
import type { Engine } from '../engine/engine.ts';
import type { PlannedJob } from './jobDesk.ts';
import { itemsPerSecond, slowestOf, stagesText } from './routeView.ts';

type Stages = RoutePreview['stages'];
type Places = NonNullable<RoutePreview['places']>;

export function routePreview(
  planned: PlannedJob,
  { routes }: Pick<Engine, 'routes'>,
): RoutePreview {
  // What places are judged by is in a job before it is posted: its program, facts and cut.
  const job = planned as Job;
  const { facts } = job;
  assert(facts.stages !== undefined, 'routePreview: not a staged job');
  const stages = facts.stages.map(({ outputs, flopsPerItem, programBytes }, stage) => ({
    flopsPerItem,
    programBytes,
    sentBytes: stage === facts.stages!.length - 1 ? null : bytesOf(outputs),
    hostsNow: routes.freeFor(job, stage).length,
  }));
  const found = routes.placesFor(job);
  if (found === null)
    return { stages, places: null, itemsPerSecond: null, text: missingText(job, stages) };
  const places = found.map(({ host, first, last }) => ({
    contributor: host.contributor,
    first,
    last,
    itemsPerSecond: itemsPerSecond(job, { first, last }, routes.speeds.of(host)),
  }));
  const rate = slowestOf(places)?.itemsPerSecond ?? null;
  return { stages, places, itemsPerSecond: rate, text: placesText(stages, places) };
}

const bytesOf = (outputs: Job['facts']['outputs']): number =>
  Object.values(outputs).reduce((sum, spec) => sum + byteLengthOf(spec), 0);

/** Why no route can be formed now. */
function missingText(job: Job, stages: Stages): string {
  const homeless = stages.findIndex(({ hostsNow }) => hostsNow === 0);
  if (stages.every(({ hostsNow }) => hostsNow === 0)) {
    return 'No volunteer that could run a stage is connected and free: the job would wait for some.';
  }
  if (homeless >= 0) {
    const need = formatBytes(memoryOf(jobOfStage(job, homeless)));
    return `Nobody connected could run stage ${homeless + 1}, which needs ${need} of memory: the job would wait.`;
  }
  return 'The volunteers that are connected cannot hold all stages at once: the job would wait for more.';
}

function placesText(stages: Stages, places: Places): string {
  const who =
    places.length === 1
      ? `One volunteer would run all ${stages.length} stages`
      : `${places.length} volunteers would share the ${stages.length} stages`;
  const slowest = slowestOf(places);
  if (slowest === null) {
    const unknown = places.filter((place) => place.itemsPerSecond === null).length;
    return `${who}. The rate is not known: ${unknown} of them ${unknown === 1 ? 'has' : 'have'} computed no stage yet.`;
  }
  const { first, last, itemsPerSecond: rate } = slowest;
  const about = formatCount(Math.round(rate!));
  const single = `${who}, about ${about} items a second.`;
  if (places.length === 1) return single;
  const crossing = Math.max(...places.slice(0, -1).map((place) => stages[place.last]!.sentBytes!));
  const perSecond = formatBytes(Math.round(rate! * crossing));
  return (
    `${who}, about ${about} items a second: ${stagesText(first, last)} is the slowest. ` +
    `That is up to ${perSecond} a second from one to the next; a slower connection bounds it.`
  );
}
