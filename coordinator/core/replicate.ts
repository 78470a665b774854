/**
 * What a shard needs next, by the job's verification policy. Full replication is the one policy of today;
 * a sampling policy becomes another branch of the same switch.
 */
import { MAX_COMPUTE_ERRORS_PER_SHARD } from '../../shared/limits.ts';
import type { Verification } from '../../shared/protocol/job.ts';
import { unreachable } from '../../shared/result.ts';
import type { Assignment, RefereeReason, Shard } from './state.ts';

export type ShardNeed =
  /** `count` more assignments, to contributors that have none of this shard yet. */
  | { readonly kind: 'assignments'; readonly count: number }
  /** Enough reports are there: compare them. */
  | { readonly kind: 'comparison' }
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
    default:
      return unreachable(verification.kind satisfies never);
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

/** After a comparison without a quorum: one more opinion, or the referee. */
export function needAfterDisagreement(
  reports: number,
  tied: boolean,
  verification: Verification,
): ShardNeed {
  switch (verification.kind) {
    case 'quorum':
      return tied || reports >= verification.quorum + EXTRA_REPORTS
        ? { kind: 'referee', reason: 'tie' }
        : { kind: 'assignments', count: 1 };
    default:
      return unreachable(verification.kind satisfies never);
  }
}

export interface StateCounts {
  readonly leased: number;
  readonly reported: number;
  /** Attempts that came to nothing: the host failed, or was never sent its work. */
  readonly failed: number;
}

export function countStates(assignments: readonly Assignment[]): StateCounts {
  let leased = 0;
  let reported = 0;
  let failed = 0;
  for (const { state } of assignments) {
    if (state.kind === 'leased') leased += 1;
    else if (state.kind === 'reported') reported += 1;
    else if (state.kind === 'errored' || state.kind === 'undelivered') failed += 1;
  }
  return { leased, reported, failed };
}
