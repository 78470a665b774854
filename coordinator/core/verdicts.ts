/**
 * What becomes of a report once it has its verdict: the record, the credit, and what is remembered of its
 * contributor.
 */
import type { Verdict } from '../../shared/protocol/link.ts';
import { assert, unreachable } from '../../shared/result.ts';
import { priceMicroCredits } from '../../shared/units.ts';
import { passedText } from './replicate.ts';
import type { Assignment, CreditEntry, Job, SettledBy, Shard } from './state.ts';
import type { TrustEvent } from './trust.ts';

export function agreedText({ verification }: Job, by: SettledBy): string {
  switch (by) {
    case 'quorum':
      return 'agreed with the quorum';
    case 'referee':
      return 'the referee agreed with it';
    case 'check':
      return passedText(verification);
    default:
      return unreachable(by satisfies never);
  }
}

export interface Opinion {
  readonly verdict: Verdict;
  readonly reason: string;
}

/** A report with its verdict, and what its contributor gets for it. */
export interface Judgement {
  readonly judged: Assignment;
  readonly credits: readonly CreditEntry[];
  readonly trust: { readonly assignment: Assignment; readonly event: TrustEvent };
}

/** The report must wait for its verdict. */
export function judge(
  job: Job,
  { id: shard, items }: Shard,
  assignment: Assignment,
  { verdict, reason }: Opinion,
  atMs: number,
): Judgement {
  const { state, contributor, id } = assignment;
  assert(state.kind === 'reported', 'judge: no report');
  const { output, engine } = state;
  const microCredits = verdict === 'agree' ? priceMicroCredits(job.facts.flopsPerItem, items) : 0n;
  const judged: Assignment = {
    ...assignment,
    state: { kind: 'judged', output, engine, verdict, reason, microCredits, atMs },
  };
  if (verdict !== 'agree') {
    return { judged, credits: [], trust: { assignment: judged, event: { kind: 'disagreed' } } };
  }
  const ids = { contributor, shard, job: job.id, assignment: id };
  return {
    judged,
    credits: [{ ...ids, items, microCredits, reason, atMs }],
    trust: { assignment: judged, event: { kind: 'agreed', items, microCredits } },
  };
}
