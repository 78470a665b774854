/**
 * What the referee samples of a job unasked, disputes being beside it: a share of its items, or what brings a few new
 * contributors through the gate, and one past a fault of its own, where that is quickly done; it will not be asked
 * for again.
 */
import type { Job } from './state.ts';
import { FORGETTING_CHECKS, gateOf } from './stream.ts';

const REFEREE_SHARE = 0.04;
const NEWCOMERS = 4;
const NEWCOMER_MS = 60_000;
/** Items that wait for the referee as samples, of all jobs: beyond them nothing is sampled unasked. */
const MOST_SAMPLES_WAITING = 512;

/** Samples that the referee may take at this moment, of any job. */
export const sampleRoom = (waiting: number): number => MOST_SAMPLES_WAITING - waiting;

/** And those it may still take of this job; bounded only by the moment where the author lets it. */
export function samplesLeft(job: Job, waiting: number): number {
  const room = sampleRoom(waiting);
  const { verification } = job;
  if (verification.kind === 'sampled' && verification.secondOpinion === 'referee') return room;
  const quickly = Math.floor(NEWCOMER_MS / Math.max(job.facts.refereeMsPerItem, 1e-3));
  const share = Math.floor(job.items * REFEREE_SHARE);
  const few = NEWCOMERS * gateOf(verification) + FORGETTING_CHECKS;
  const budget = Math.max(share, Math.min(few, quickly));
  return Math.min(room, budget - job.counts.refereeSamples);
}
