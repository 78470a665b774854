/**
 * Stages of a job: each is a program of its own, with its own facts, trust and price, and most of what is decided
 * about jobs is decided about a stage in the same way. Pure.
 */
import { programOfStage } from '../../shared/protocol/program.ts';
import { assert } from '../../shared/result.ts';
import type { Assignment, Job } from './state.ts';
import { gateMissing, type Stream } from './stream.ts';

/** Stages of the job's program; 1 where one host computes all of it. */
export const stageCount = ({ program }: Pick<Job, 'program'>): number =>
  program.kind === 'staged' ? program.stages.length : 1;

/** One stage of a staged job, as a job of its own: what its hosts run, what it costs, how it is compared. */
export function jobOfStage<J extends Pick<Job, 'program' | 'facts' | 'acceptance'>>(
  job: J,
  stage: number,
): J {
  const { program } = job;
  const facts = job.facts.stages?.[stage];
  assert(program.kind === 'staged' && facts !== undefined, `jobOfStage: no stage ${stage}`);
  return {
    ...job,
    program: programOfStage(program, stage),
    facts,
    acceptance: acceptanceOfStage(job, stage === program.stages.length - 1),
  };
}

/** What the assignment is of: the job, or the stage of it. */
export const workOf = (job: Job, { stage }: Pick<Assignment, 'stage'>): Job =>
  stage === undefined ? job : jobOfStage(job, stage);

/** Labels are the last stage's: what is sent on has to be near as numbers are. */
function acceptanceOfStage({ acceptance }: Pick<Job, 'acceptance'>, isLast: boolean) {
  if (acceptance.kind !== 'label' || isLast) return acceptance;
  const { maxRelativeL2, maxElementError, nonFinite } = acceptance;
  return { kind: 'relative-l2' as const, maxRelativeL2, maxElementError, nonFinite };
}

/**
 * Clean checks of a stage after a report of it before that is final. Fewer than of samples among many hosts
 * (`LATER_CHECKS`): the referee makes all of them, and nobody's friends are among the checkers.
 */
export const LATER_STAGE_CHECKS = 16;

/** Clean checks that a contributor's stream on a stage lacks; 0 where a report of `checksThen` is final. */
export const stageChecksMissing = (stream: Stream, checksThen: number, gate: number): number =>
  gateMissing(stream, checksThen, gate, Math.min(LATER_STAGE_CHECKS, gate));
