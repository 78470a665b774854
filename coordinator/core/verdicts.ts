/**
 * What becomes of a report once it has its verdict: the record, the credit, and what is remembered of its
 * contributor.
 */
import type { Verdict } from '../../shared/protocol/link.ts';
import { assert, unreachable } from '../../shared/result.ts';
import { rewardOf, splitOf, type RewardFactors } from '../../shared/reward.ts';
import { LIST_PRICE, priceMicroCredits } from '../../shared/units.ts';
import { passedText } from './replicate.ts';
import { workOf } from './stages.ts';
import type { Assignment, CreditEntry, Job, SettledBy, Shard } from './state.ts';
import type { TrustEvent } from './trust.ts';

export interface Opinion {
  readonly verdict: Verdict;
  readonly reason: string;
}

/** What a report that is accepted hears, by what decided the shard. */
export function acceptedOpinion({ verification }: Job, by: SettledBy, agreeing: number): Opinion {
  switch (by) {
    case 'quorum':
      // A quorum of one: nobody else computed it.
      if (agreeing === 1) {
        return {
          verdict: 'unchecked',
          reason: 'accepted unchecked: the job asks for one report',
        };
      }
      return { verdict: 'agree', reason: 'agreed with the quorum' };
    case 'referee':
      return { verdict: 'agree', reason: 'the referee agreed with it' };
    case 'check':
      return { verdict: 'agree', reason: passedText(verification) };
    default:
      return unreachable(by satisfies never);
  }
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
  /** Whose price it is: a part of the job's, or what the network pays beyond it. */
  paidBy: 'author' | 'network' = 'author',
): Judgement {
  const { state, contributor, id } = assignment;
  assert(state.kind === 'reported', 'judge: no report');
  const { output, engine, engineClass } = state;
  const isAccepted = verdict !== 'disagree';
  const probes = assignment.probes.length;
  const factors = factorsOf(job, assignment, items, paidBy);
  const reward = rewardOf(factors);
  const microCredits = isAccepted ? reward.own + reward.checks : 0n;
  const judged: Assignment = {
    ...assignment,
    state: { kind: 'judged', output, engine, engineClass, verdict, reason, microCredits, atMs },
  };
  if (!isAccepted) {
    return { judged, credits: [], trust: { assignment: judged, event: { kind: 'disagreed' } } };
  }
  const { stage, device } = assignment;
  const by = device === undefined ? {} : { device };
  const part = stage === undefined ? {} : { stage };
  const shares = splitOf(microCredits, assignment.terms?.shares ?? []);
  const ids = { contributor, ...by, shard, ...part, job: job.id, assignment: id };
  return {
    judged,
    // Checking is work like any other, and the network's own.
    credits: [
      {
        ...ids,
        items,
        ...(probes === 0 ? {} : { probes, issued: reward.checks }),
        microCredits,
        ...(shares.length === 0 ? {} : { shares }),
        factors,
        reason,
        atMs,
      },
    ],
    trust: { assignment: judged, event: { kind: 'agreed', items, microCredits } },
  };
}

/** What was found right is whole: anything else is not credited at all. */
const WHOLE_QUALITY = 100;

/** The author's rate is of what the author pays: what the network's own doubts cost is never more than the list price. */
function factorsOf(
  job: Job,
  assignment: Assignment,
  items: number,
  paidBy: 'author' | 'network',
): RewardFactors {
  const { flopsPerItem } = workOf(job, assignment).facts;
  const probes = assignment.probes.length;
  const offered = job.ratePercent ?? LIST_PRICE;
  return {
    work: priceMicroCredits(flopsPerItem, items),
    rate: paidBy === 'author' ? offered : Math.min(offered, LIST_PRICE),
    quality: WHOLE_QUALITY,
    ...(probes === 0
      ? {}
      : {
          checks: priceMicroCredits(flopsPerItem, probes),
          uptime: assignment.terms?.uptime ?? 100,
        }),
  };
}

/** The report counts neither for nor against its contributor, who is told why. */
export function judgeWithoutBlame(
  assignment: Assignment,
  reason: string,
  atMs: number,
): Assignment {
  const { state } = assignment;
  assert(state.kind === 'reported', 'judgeWithoutBlame: no report');
  const { output, engine, engineClass } = state;
  const verdict = 'inconclusive' as const;
  const kept = { output, engine, engineClass, verdict, reason, microCredits: 0n, atMs };
  return { ...assignment, state: { kind: 'judged', ...kept } };
}
