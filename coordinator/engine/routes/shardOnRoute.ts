/** How far the stages of one shard are on a route. Pure. */
import type { Place } from '../../core/placement.ts';
import type { Assignment } from '../../core/state.ts';
import type { ShardWork } from '../../core/step.ts';
import type { ConnectedHost } from '../hosts.ts';
import type { Route } from './route.ts';

/** The assignment of a stage that is leased or reported; the others are over. */
export const livingOf = (work: ShardWork, stage: number): Assignment | undefined =>
  work.assignments.find((it) => it.stage === stage && isLiving(it));

export const isLiving = ({ state }: Assignment): boolean =>
  state.kind === 'leased' || state.kind === 'reported';

/** It is the host's that has the place now. */
export const isWith = (route: Route, { stage, contributor, host }: Assignment): boolean => {
  const seated = route.hostOf(stage!);
  return seated.contributor === contributor && seated.host === host;
};

/** Has the host of the place still to compute or to report something of the shard, or to keep it for the next? */
export const needs = (
  route: Route,
  work: ShardWork | undefined,
  { first, last }: Place<ConnectedHost>,
): boolean => {
  if (work?.shard.state.kind !== 'open') return false;
  for (let stage = first; stage <= last; stage++) {
    if (livingOf(work, stage)?.state.kind !== 'reported') return true;
  }
  const isLast = last === route.stages - 1;
  return !isLast && !hasCommitted(livingOf(work, last + 1));
};

/** What it computes from was all there, and it is computed. */
export const hasCommitted = (assignment: Assignment | undefined): boolean =>
  assignment?.state.kind === 'reported' ||
  (assignment?.state.kind === 'leased' && assignment.state.committed !== null);
