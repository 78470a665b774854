/**
 * How long a host may keep an assignment. Progress renews a lease for its full length, up to a longest hold.
 */
import { MAX_LEASES_PER_HOST } from '../../shared/limits.ts';
import { unreachable } from '../../shared/result.ts';
import type { Assignment } from './state.ts';

/** Shorter would punish a tab that compiles a model first; longer would cost a closed tab's items. */
const SHORTEST_LEASE_MS = 15_000;
const LONGEST_LEASE_MS = 300_000;
/** A phone may well be ten times slower than the referee's core. */
const SLOWEST_HOST_FACTOR = 10;

/** For what is not computing: a model over a slow line, a device that is found again. */
const HOLD_ALLOWANCE_MS = 3_600_000;

/** `referenceMsPerItem` was measured in the referee when the job was posted. */
export function leaseLengthMs(items: number, referenceMsPerItem: number): number {
  const expected = items * referenceMsPerItem * SLOWEST_HOST_FACTOR;
  return Math.round(Math.min(Math.max(expected, SHORTEST_LEASE_MS), LONGEST_LEASE_MS));
}

/** A slow line: 0.5 Mbit/s. */
const SLOWEST_UPLINK_BYTES_PER_MS = 64;

/** How long a host may take from its commitment to its report: at least its lease, and the time of the upload. */
export const openingLengthMs = (leaseMs: number, outputBytes: number): number =>
  leaseMs + Math.ceil(outputBytes / SLOWEST_UPLINK_BYTES_PER_MS);

/**
 * How long a host may keep an assignment at all, renewals included: progress that is only told must not keep
 * a shard from others for ever. As long as the slowest host needs for all that it may hold, and an allowance.
 */
export function longestHoldMs(items: number, referenceMsPerItem: number): number {
  const expected = items * referenceMsPerItem * SLOWEST_HOST_FACTOR;
  return Math.round(expected * MAX_LEASES_PER_HOST + HOLD_ALLOWANCE_MS);
}

export const isOverdue = (assignment: Assignment, nowMs: number): boolean =>
  assignment.state.kind === 'leased' && assignment.state.deadlineMs <= nowMs;

/** With its lease, where it has one, until `deadlineMs` at least. */
export function withLeaseUntil(assignment: Assignment, deadlineMs: number): Assignment {
  if (assignment.state.kind !== 'leased') return assignment;
  const { state } = assignment;
  return { ...assignment, state: { ...state, deadlineMs: Math.max(state.deadlineMs, deadlineMs) } };
}

/** Its lease is over, and no report of it came or will be judged. */
export function endedUnreported({ state }: Assignment): boolean {
  switch (state.kind) {
    case 'leased':
    case 'reported':
    case 'judged':
      return false;
    case 'expired':
    case 'returned':
    case 'errored':
    case 'undelivered':
    case 'revoked':
      return true;
    default:
      return unreachable(state satisfies never);
  }
}
