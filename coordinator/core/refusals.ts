/**
 * Work that earned nothing, and why: one record for each assignment that ended so through its own host.
 *
 * What was given back before anything was opened, and what was withdrawn by the coordinator, is nobody's refused work.
 * Pure. Invariant: an assignment has at most one refusal, since no ended state is left again but `reported` and `judged`.
 */
import type { AssignmentId, ContributorId, JobId, ShardId } from '../../shared/ids.ts';
import { MAX_REFUSAL_CHARS } from '../../shared/limits.ts';
import type { Assignment, AssignmentState, Shard, WorkedBy } from './state.ts';

/** One append-only line beside the credits. */
export interface RefusalEntry extends WorkedBy {
  readonly contributor: ContributorId;
  readonly shard: ShardId;
  readonly stage?: number;
  readonly job: JobId;
  readonly assignment: AssignmentId;
  readonly items: number;
  /**
   * A verdict (`disagree`, `inconclusive`, `too-late`), `lease-expired`, `opened-not-reported`, or the code of a report
   * that was malformed or of an error of the host's.
   */
  readonly code: string;
  readonly reason: string;
  readonly atMs: number;
}

/** The refusal that this change of an assignment is; null where it is none. */
export function refusedWork(
  before: AssignmentState,
  { items }: Pick<Shard, 'items'>,
  after: Assignment,
): RefusalEntry | null {
  const why = before === after.state ? null : whyRefused(before, after.state);
  if (why === null) return null;
  const { contributor, device, shard, stage, job, id } = after;
  const by = device === undefined ? {} : { device };
  const part = stage === undefined ? {} : { stage };
  const reason = why.reason.slice(0, MAX_REFUSAL_CHARS);
  return { contributor, ...by, shard, ...part, job, assignment: id, items, ...why, reason };
}

type Why = Pick<RefusalEntry, 'code' | 'reason' | 'atMs'>;

function whyRefused(before: AssignmentState, after: AssignmentState): Why | null {
  switch (after.kind) {
    case 'judged': {
      const { verdict, reason, atMs } = after;
      return verdict === 'agree' || verdict === 'unchecked'
        ? null
        : { code: verdict, reason, atMs };
    }
    case 'expired':
      return isOpened(before)
        ? { code: 'opened-not-reported', reason: UNREPORTED, atMs: after.atMs }
        : { code: 'lease-expired', reason: LATE, atMs: after.atMs };
    case 'errored':
      return { code: after.code, reason: after.message, atMs: after.atMs };
    case 'returned':
      return isOpened(before)
        ? { code: 'opened-not-reported', reason: UNREPORTED, atMs: after.atMs }
        : null;
    case 'leased':
    case 'reported':
    case 'undelivered':
    case 'revoked':
      return null;
    default:
      return after satisfies never;
  }
}

/** It had been told which rows to show. */
const isOpened = (state: AssignmentState): boolean =>
  state.kind === 'leased' && state.committed !== null;

const UNREPORTED = 'the results were committed to, and never handed in';
const LATE = 'no report came before the lease ended: another host computed it';
