/**
 * What a shard needs next, by the job's verification policy: opinions that agree (full replication), or one
 * report that passes a check of its own.
 */
import type { AssignmentId } from '../../shared/ids.ts';
import {
  MAX_COMPUTE_ERRORS_PER_SHARD,
  MAX_FAULTY_REPORTS_PER_SHARD,
  MAX_FAULTY_SAMPLED_REPORTS,
} from '../../shared/limits.ts';
import type { QuorumPolicy, Verification } from '../../shared/protocol/verification.ts';
import { unreachable } from '../../shared/result.ts';
import { VECTORS } from './freivalds.ts';
import type { Assignment, RefereeReason, Shard } from './state.ts';
import { gateOf } from './stream.ts';

export type ShardNeed =
  /** `count` more assignments, to contributors that have none of this shard yet. */
  | { readonly kind: 'assignments'; readonly count: number }
  /** Assignments of these stages, to the hosts of a route. */
  | { readonly kind: 'stages'; readonly missing: readonly number[] }
  /** Enough reports are there: compare them. */
  | { readonly kind: 'comparison' }
  /** A report is there and wants its own check. */
  | { readonly kind: 'check' }
  | { readonly kind: 'referee'; readonly reason: RefereeReason }
  /** Leases are out, or the shard has ended. */
  | { readonly kind: 'nothing' };

/** Reports beyond the quorum that are asked for before a missing majority goes to the referee. */
const EXTRA_REPORTS = 2;

export function needOf(
  shard: Shard,
  assignments: readonly Assignment[],
  verification: Verification,
): ShardNeed {
  if (shard.state.kind !== 'open') return { kind: 'nothing' };
  switch (verification.kind) {
    case 'quorum':
      return needForQuorum(assignments, verification.quorum);
    case 'algebraic':
      return needForCheckedReport(assignments, MAX_FAULTY_REPORTS_PER_SHARD);
    case 'sampled':
      return needForCheckedReport(assignments, MAX_FAULTY_SAMPLED_REPORTS);
    case 'stages':
      return needForStages(assignments, verification.stages);
    default:
      return unreachable(verification satisfies never);
  }
}

/** Opinions that the author pays for: agreeing reports, or the one that passes its check. */
export const opinionsOf = (verification: Verification): number =>
  verification.kind === 'quorum' ? verification.quorum : 1;

/** What it means that a report has passed its check, in words for hosts and authors. */
export function passedText(verification: Verification): string {
  switch (verification.kind) {
    case 'quorum':
      return unreachable('a quorum checks no report by itself');
    case 'algebraic':
      return (
        `every output was checked: each row by ${VECTORS} secret projections, which an error of 100 times ` +
        'their threshold escapes with a probability of at most 1e-8'
      );
    case 'sampled':
      return (
        `secret samples of its items, and at least ${gateOf(verification)} of its contributor’s, agreed with others or ` +
        'with the referee'
      );
    case 'stages':
      return (
        'each stage committed to what it received and to what it computed; secretly drawn items of each, and at least ' +
        `${gateOf(verification)} of its contributor’s, agreed with the referee`
      );
    default:
      return unreachable(verification satisfies never);
  }
}

function needForQuorum(assignments: readonly Assignment[], quorum: number): ShardNeed {
  const count = countStates(assignments);
  if (count.failed >= MAX_COMPUTE_ERRORS_PER_SHARD) {
    // A lease that is out is waited for; another attempt beside it would not be the last.
    return count.leased === 0 ? { kind: 'referee', reason: 'compute-errors' } : { kind: 'nothing' };
  }
  const missing = quorum - count.reported - count.leased;
  if (missing > 0) return { kind: 'assignments', count: missing };
  return count.leased === 0 ? { kind: 'comparison' } : { kind: 'nothing' };
}

/** One report at a time; those that failed their check are judged already. */
function needForCheckedReport(assignments: readonly Assignment[], mostFaulty: number): ShardNeed {
  const count = countStates(assignments);
  if (count.leased > 0) return { kind: 'nothing' };
  if (count.reported > 0) return { kind: 'check' };
  if (count.failed >= MAX_COMPUTE_ERRORS_PER_SHARD) {
    return { kind: 'referee', reason: 'compute-errors' };
  }
  return count.judged >= mostFaulty
    ? { kind: 'referee', reason: 'faulty-reports' }
    : { kind: 'assignments', count: 1 };
}

/**
 * One report of every stage. What is computed by nobody else, the referee computes: a shard that hosts fail at again
 * and again, or whose routes are found wrong again and again.
 */
function needForStages(assignments: readonly Assignment[], stages: number): ShardNeed {
  const living = new Set<number>();
  const { leased, reported, failed } = countStates(assignments);
  const wrong = assignments.filter(
    ({ state }) => state.kind === 'judged' && state.verdict === 'disagree',
  );
  for (const { state, stage } of assignments) {
    if (stage !== undefined && (state.kind === 'leased' || state.kind === 'reported')) {
      living.add(stage);
    }
  }
  if (leased === 0) {
    if (reported === stages) return { kind: 'check' };
    // Errors of a stage are counted over all stages: each has its share of what hosts may fail at.
    if (failed >= MAX_COMPUTE_ERRORS_PER_SHARD * stages)
      return { kind: 'referee', reason: 'compute-errors' };
    if (wrong.length >= MAX_FAULTY_REPORTS_PER_SHARD)
      return { kind: 'referee', reason: 'faulty-reports' };
  }
  const missing = Array.from({ length: stages }, (_, i) => i).filter((i) => !living.has(i));
  return missing.length === 0 ? { kind: 'nothing' } : { kind: 'stages', missing };
}

/** After a comparison without a quorum: one more opinion, or the referee. */
export const needAfterDisagreement = (
  reports: number,
  tied: boolean,
  { quorum }: Pick<QuorumPolicy, 'quorum'>,
): ShardNeed =>
  tied || reports >= quorum + EXTRA_REPORTS
    ? { kind: 'referee', reason: 'tie' }
    : { kind: 'assignments', count: 1 };

/** The leases that compute the same beside this one: what it is a copy of, or copies of it. */
export const rivalsOf = (
  assignments: readonly Assignment[],
  { id, copyOf }: Pick<Assignment, 'id' | 'copyOf'>,
): Assignment[] =>
  assignments.filter((it) => it.state.kind === 'leased' && (it.copyOf === id || it.id === copyOf));

export interface StateCounts {
  /** Leases, a copy and what it copies as one. */
  readonly leased: number;
  readonly reported: number;
  /** Attempts that came to nothing: the host failed, or was never sent its work. */
  readonly failed: number;
  readonly judged: number;
}

export function countStates(assignments: readonly Assignment[]): StateCounts {
  let leased = 0;
  let reported = 0;
  let failed = 0;
  let judged = 0;
  const living = new Set<AssignmentId>();
  for (const { id, state } of assignments) if (state.kind === 'leased') living.add(id);
  for (const { state, copyOf } of assignments) {
    if (state.kind === 'leased') leased += copyOf !== undefined && living.has(copyOf) ? 0 : 1;
    else if (state.kind === 'reported') reported += 1;
    else if (state.kind === 'judged') judged += 1;
    else if (state.kind === 'errored' || state.kind === 'undelivered') {
      // A copy that fails says nothing of the shard: what it copies goes on.
      failed += copyOf === undefined ? 1 : 0;
    }
  }
  return { leased, reported, failed, judged };
}
