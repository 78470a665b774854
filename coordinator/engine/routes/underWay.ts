/** What is under way of one shard, stage by stage. Pure. */
import type { Place } from '../../core/placement.ts';
import type { Assignment } from '../../core/state.ts';
import type { ShardWork } from '../../core/step.ts';

/** The assignment of a stage that is leased or reported; the others are over. */
export const livingOf = (work: ShardWork, stage: number): Assignment | undefined =>
  work.assignments.find((it) => it.stage === stage && isLiving(it));

export const isLiving = ({ state }: Assignment): boolean =>
  state.kind === 'leased' || state.kind === 'reported';

export const isWhollyReported = ({ assignments }: ShardWork, stages: number): boolean =>
  assignments.filter(({ state }) => state.kind === 'reported').length === stages;

/** It has committed: what it computes from is all there. */
export const hasCommitted = (assignment: Assignment | undefined): boolean =>
  assignment?.state.kind === 'reported' ||
  (assignment?.state.kind === 'leased' && assignment.state.committed !== null);

/** All of it is computed: it is only to be reported and looked at. */
export const isThrough = (work: ShardWork | undefined, stages: number): boolean =>
  work !== undefined && hasCommitted(livingOf(work, stages - 1));

/** Stages of an open shard that nobody has. */
export function missingStages(work: ShardWork | undefined, stages: number): number[] {
  if (work?.shard.state.kind !== 'open') return [];
  return Array.from({ length: stages }, (_, stage) => stage).filter(
    (stage) => livingOf(work, stage) === undefined,
  );
}

/** Has the host of these stages still to compute or to report something of the shard, or to keep it for the next one? */
export function needs(
  work: ShardWork | undefined,
  { first, last }: Pick<Place<unknown>, 'first' | 'last'>,
  stages: number,
): boolean {
  if (work?.shard.state.kind !== 'open') return false;
  for (let stage = first; stage <= last; stage++) {
    if (livingOf(work, stage)?.state.kind !== 'reported') return true;
  }
  return last < stages - 1 && !hasCommitted(livingOf(work, last + 1));
}
