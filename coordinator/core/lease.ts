/**
 * How long a host may keep an assignment. Progress renews a lease for its full length.
 */
import type { Assignment } from './state.ts';

/** Shorter would punish a tab that compiles a model first; longer would cost a closed tab's items. */
const SHORTEST_LEASE_MS = 15_000;
const LONGEST_LEASE_MS = 300_000;
/** A phone may well be ten times slower than the referee's core. */
const SLOWEST_HOST_FACTOR = 10;

/** `referenceMsPerItem` was measured in the referee when the job was posted. */
export function leaseLengthMs(items: number, referenceMsPerItem: number): number {
  const expected = items * referenceMsPerItem * SLOWEST_HOST_FACTOR;
  return Math.round(Math.min(Math.max(expected, SHORTEST_LEASE_MS), LONGEST_LEASE_MS));
}

export const isOverdue = (assignment: Assignment, nowMs: number): boolean =>
  assignment.state.kind === 'leased' && assignment.state.deadlineMs <= nowMs;
