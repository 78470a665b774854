/**
 * Contributors that walk away from what they are asked to open: a sequential test over opened assignments.
 *
 * Whoever could drop just those assignments whose challenge would show them up must not gain by it. Tabs close
 * in honest hands too, so one abort says nothing; many close together do. After Page's cumulative sum (1954):
 * the log-likelihood ratio of a selective aborter to an honest host, with a floor at 0, so that a long honest
 * past shields nobody. Invariant: only what ends an opened assignment moves the score.
 */
import type { AssignmentState } from './state.ts';
import { onProbation, type Streams } from './stream.ts';

export interface Aborts {
  /** Of all time, for people. */
  readonly total: number;
  readonly score: number;
  /** Until when nothing is assigned to any of its hosts; 0 where it may work. */
  readonly quarantinedUntilMs: number;
}

export const NO_ABORTS: Aborts = { total: 0, score: 0, quarantinedUntilMs: 0 };

/** `kept`: an opened assignment was reported. `aborted`: it ended in any other way of the host's. */
export type OpeningOutcome = 'kept' | 'aborted';

/** Opened assignments that an honest host drops (tabs are closed), and that a selective aborter does. */
const HONEST_RATE = 0.01;
const ABORTER_RATE = 0.5;
const ABORT_SCORE = Math.log(ABORTER_RATE / HONEST_RATE);
const KEPT_SCORE = Math.log((1 - ABORTER_RATE) / (1 - HONEST_RATE));

/** Two aborts with at most one report between them (7.1): the streams are checked as new ones are. */
const PROBATION_SCORE = 7;
/**
 * Four aborts with at most three reports between them (13.6); never three. A host that drops one
 * in a hundred by chance comes so far once in 4 million assignments, and into probation once in 4,600.
 */
const QUARANTINE_SCORE = 13;
/** Long enough that aborting costs more than it could win, short enough to be no ban. */
export const QUARANTINE_MS = 3_600_000;

/** What follows for the contributor. */
export type AbortResponse = 'none' | 'probation' | 'quarantine';

export function afterOpening(
  before: Aborts,
  outcome: OpeningOutcome,
  nowMs: number,
): { readonly aborts: Aborts; readonly response: AbortResponse } {
  if (outcome === 'kept') {
    // The same record where nothing changes: nothing needs to be written then.
    const score = Math.max(0, before.score + KEPT_SCORE);
    return { aborts: score === before.score ? before : { ...before, score }, response: 'none' };
  }
  const score = before.score + ABORT_SCORE;
  const total = before.total + 1;
  if (score >= QUARANTINE_SCORE) {
    const quarantinedUntilMs = nowMs + QUARANTINE_MS;
    return { aborts: { total, score: 0, quarantinedUntilMs }, response: 'quarantine' };
  }
  const response = score >= PROBATION_SCORE ? 'probation' : 'none';
  return { aborts: { ...before, total, score }, response };
}

/** What the end of an assignment says of its opening; null where it was not opened, or the host did not end it. */
export function outcomeOf(before: AssignmentState, after: AssignmentState): OpeningOutcome | null {
  if (before.kind !== 'leased' || before.committed === null) return null;
  switch (after.kind) {
    case 'reported':
      return 'kept';
    case 'expired':
    case 'returned':
    case 'errored':
      return 'aborted';
    case 'leased':
    case 'judged':
    case 'undelivered':
    case 'revoked':
      return null;
    default:
      return after satisfies never;
  }
}

/** The streams as new ones are checked, with all that is known of them. */
export const inProbation = (streams: Streams): Streams =>
  streams.map(({ key, stream }) => ({ key, stream: onProbation(stream) }));
