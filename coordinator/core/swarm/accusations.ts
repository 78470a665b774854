/**
 * When a contributor is cut off from all swarms because others say that it sent wrong chunks. Pure.
 *
 * Anybody may say so of a neighbour, and nobody can show it: a liar may accuse the honest. So the word of one costs
 * only the connection between the two, which both can do without. What counts is how many cohorts that have nothing to
 * do with each other say the same, and whoever accuses many is not heard: one who sends wrong chunks to eight
 * neighbours is accused by eight, while a liar among eight accuses them alone.
 */
import type { ContributorId } from '../../../shared/ids.ts';

export interface Accusation {
  readonly accuser: ContributorId;
  /** Contributors of one cohort speak with one voice (`transport/link/cohorts.ts`). */
  readonly cohort: string;
  readonly accused: ContributorId;
  readonly atMs: number;
}

/** Voices that cut a contributor off. Two could be one person with two addresses and little effort. */
export const VOICES_TO_CUT_OFF = 3;
/** A cohort that accuses more contributors than this counts for none of them. */
export const MOST_ACCUSED = 3;
/** Accusations, and so their consequence, last this long: an hour without chunks costs the honest a slower start. */
export const ACCUSATION_LASTS_MS = 60 * 60 * 1000;

export function isCutOff(
  contributor: ContributorId,
  accusations: readonly Accusation[],
  nowMs: number,
): boolean {
  const alive = accusations.filter(({ atMs }) => nowMs - atMs < ACCUSATION_LASTS_MS);
  const accusedBy = new Map<string, Set<ContributorId>>();
  for (const { cohort, accused } of alive) {
    accusedBy.set(cohort, (accusedBy.get(cohort) ?? new Set()).add(accused));
  }
  const voices = [...accusedBy.values()].filter(
    (accused) => accused.has(contributor) && accused.size <= MOST_ACCUSED,
  );
  return voices.length >= VOICES_TO_CUT_OFF;
}
