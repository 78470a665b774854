/**
 * The life of one shard: every change of a shard, its assignments and its verdicts goes through `stepShard`.
 *
 * Pure: the aggregate and what happened in, the new aggregate and what is wanted out. What came from outside
 * was checked at the edge; an input that does not fit the state is a bug of the caller, except where the
 * comment says that it may race (then nothing changes).
 */
import type { AssignmentId, BlobDigest } from '../../shared/ids.ts';
import { assert } from '../../shared/result.ts';
import type { ShardInput } from './shardInput.ts';
import {
  countStates,
  needAfterDisagreement,
  needOf,
  rivalsOf,
  type ShardNeed,
} from './replicate.ts';
import type {
  Assignment,
  CreditEntry,
  FinalSample,
  Job,
  RefereeReason,
  SettledBy,
  Shard,
} from './state.ts';
import type { TrustEvent } from './trust.ts';
import { largestAgreeingSet } from './validate.ts';
import {
  acceptedOpinion,
  judge,
  judgeWithoutBlame,
  type Judgement,
  type Opinion,
} from './verdicts.ts';

/** One shard with all its assignments, in the order granted. */
export interface ShardWork {
  readonly shard: Shard;
  readonly assignments: readonly Assignment[];
}

/** What follows from a step, besides the new records. */
export interface ShardStep {
  readonly work: ShardWork;
  readonly need: ShardNeed;
  readonly credits: readonly CreditEntry[];
  readonly trust: readonly { readonly assignment: Assignment; readonly event: TrustEvent }[];
  /** Assignments whose hosts are to be told that they are no longer wanted. */
  readonly revoked: readonly Assignment[];
  /** Assignments whose hosts are to be told their verdict. */
  readonly judged: readonly Assignment[];
}

export function stepShard(job: Job, work: ShardWork, input: ShardInput, nowMs: number): ShardStep {
  switch (input.kind) {
    case 'granted':
      assert(work.shard.state.kind === 'open', 'granted: the shard is not open');
      return after(job, { ...work, assignments: [...work.assignments, input.assignment] });
    case 'progressed':
      return whileLeased(job, work, input.assignment, (leased) => ({
        ...leased,
        // What was opened must come by its deadline: progress that is only told must not put it off.
        deadlineMs: leased.committed === null ? input.deadlineMs : leased.deadlineMs,
        itemsDone: Math.max(leased.itemsDone, input.itemsDone),
      }));
    case 'committed': {
      const { deadlineMs, root, stage } = input;
      const before = leaseOf(work, input.assignment);
      assert(before.committed === null, 'committed: committed already');
      const committed = stage === undefined ? { root } : { root, stage };
      const state = { ...before, deadlineMs, committed };
      return keptBy(job, withState(work, input.assignment, state), input.assignment, nowMs);
    }
    case 'reported': {
      const { committed } = leaseOf(work, input.assignment);
      assert(committed !== null, 'reported: nothing was committed');
      const reported = { kind: 'reported' as const, ...input.report, ...committed, atMs: nowMs };
      return after(job, withState(work, input.assignment, reported));
    }
    case 'errored': {
      const { code, message } = input;
      const state = { kind: 'errored' as const, atMs: nowMs, code, message };
      return failedToDeliver(job, withState(work, input.assignment, state), input.assignment, {
        kind: 'errored',
      });
    }
    case 'undelivered':
    case 'returned': {
      const { kind, reason } = input;
      return whileLeased(job, work, input.assignment, () => ({ kind, atMs: nowMs, reason }));
    }
    case 'expired': {
      const state = { kind: 'expired' as const, atMs: nowMs };
      return failedToDeliver(job, withState(work, input.assignment, state), input.assignment, {
        kind: 'expired',
      });
    }
    case 'withdrawn': {
      const state = { kind: 'revoked' as const, atMs: nowMs };
      const withdrawn = withState(work, input.assignment, state);
      return after(job, withdrawn, { revoked: [find(withdrawn, input.assignment)] });
    }
    case 'compared':
      return afterComparison(job, work, input, nowMs);
    case 'checked':
      return afterCheck(job, work, input, nowMs);
    case 'check-failed':
      return refereeing(work, 'check-failed');
    case 'accepted':
      return accept(work, input, nowMs);
    case 'finalised':
      return finalise(job, work, input, nowMs);
    case 'rejected':
      return reject(job, work, input.assignment, input.reason, nowMs);
    case 'disowned': {
      const { assignment, reason } = input;
      const judged = judgeWithoutBlame(find(work, assignment), reason, nowMs);
      return reopened(job, work, judged);
    }
    case 'stages-rejected':
      return rejectStages(job, work, input, nowMs);
    case 'second-opinion-wanted':
      return refereeing(work, 'second-opinion');
    case 'refereed':
      return settle(job, work, 'referee', input.output, input.disagreement, nowMs);
    case 'referee-failed':
      return end(
        work,
        { kind: 'failed', sequence: nextSequence(job), reason: input.reason, atMs: nowMs },
        nowMs,
      );
    case 'job-ended':
      return end(work, work.shard.state, nowMs);
    default:
      return input satisfies never;
  }
}

/** The sequence of the next shard of this job that ends: see `ShardState`. */
const nextSequence = (job: Job): number => job.counts.settledShards + job.counts.failedShards + 1;

/** The records as they are now, with what the policy wants next; the referee is entered at once. */
function after(job: Job, work: ShardWork, more: Partial<ShardStep> = {}): ShardStep {
  const need = needOf(work.shard, work.assignments, job.verification);
  if (need.kind === 'referee') return refereeing(work, need.reason, more);
  return { work, need, credits: [], trust: [], revoked: [], judged: [], ...more };
}

function refereeing(work: ShardWork, reason: RefereeReason, more: Partial<ShardStep> = {}) {
  assert(work.shard.state.kind === 'open', 'refereeing: the shard is not open');
  // A report that came while the referee computes would be settled without having been compared.
  assert(countStates(work.assignments).leased === 0, 'refereeing: a lease is still out');
  const shard: Shard = { ...work.shard, state: { kind: 'refereeing', reason } };
  const need: ShardNeed = { kind: 'referee', reason };
  return {
    need,
    credits: [],
    trust: [],
    revoked: [],
    judged: [],
    ...more,
    work: { ...work, shard },
  };
}

function whileLeased(
  job: Job,
  work: ShardWork,
  id: AssignmentId,
  change: (leased: Leased) => Assignment['state'],
): ShardStep {
  const assignment = find(work, id);
  return assignment.state.kind === 'leased'
    ? after(job, withState(work, id, change(assignment.state)))
    : after(job, work);
}

/** Who commits first keeps the shard: copies, or what it is a copy of, are not wanted any more. */
function keptBy(job: Job, work: ShardWork, id: AssignmentId, nowMs: number): ShardStep {
  const rivals = rivalsOf(work.assignments, find(work, id));
  const state = { kind: 'revoked', atMs: nowMs } as const;
  const alone = rivals.reduce((left, rival) => withState(left, rival.id, state), work);
  return after(job, alone, { revoked: rivals.map((rival) => find(alone, rival.id)) });
}

function failedToDeliver(
  job: Job,
  work: ShardWork,
  id: AssignmentId,
  event: TrustEvent,
): ShardStep {
  return after(job, work, { trust: [{ assignment: find(work, id), event }] });
}

function afterComparison(
  job: Job,
  work: ShardWork,
  { agrees, reasonOf }: Extract<ShardInput, { kind: 'compared' }>,
  nowMs: number,
): ShardStep {
  const { verification } = job;
  assert(verification.kind === 'quorum', 'compared: the job asks for no quorum');
  const reports = reportsOf(work);
  const set = largestAgreeingSet(
    reports.length,
    (i, j) => i === j || agrees(reports[i]!.id, reports[j]!.id),
  );
  if (set.tied || set.members.length < verification.quorum) {
    const need = needAfterDisagreement(reports.length, set.tied, verification);
    if (need.kind === 'referee') return refereeing(work, need.reason);
    return { work, need, credits: [], trust: [], revoked: [], judged: [] };
  }
  const members = set.members.map((i) => reports[i]!);
  // Any member would do; the smallest digest is the same whoever reported first.
  const output = members.map((member) => outputOf(member)).sort()[0]!;
  const agreed = new Set(members.map(({ id }) => id));
  const disagreement = (id: AssignmentId) => (agreed.has(id) ? null : reasonOf(id));
  return settle(job, work, 'quorum', output, disagreement, nowMs);
}

/** A report that is right settles the shard; one that is not is judged at once, and another is wanted. */
function afterCheck(
  job: Job,
  work: ShardWork,
  { assignment, fault }: Extract<ShardInput, { kind: 'checked' }>,
  nowMs: number,
): ShardStep {
  const report = find(work, assignment);
  const output = outputOf(report);
  assert(reportsOf(work).length === 1, 'checked: another report waits');
  if (fault === null) return settle(job, work, 'check', output, () => null, nowMs);
  return reject(job, work, assignment, fault, nowMs);
}

/** The report is judged wrong, also where it was provisional: another is wanted. */
function reject(
  job: Job,
  work: ShardWork,
  assignment: AssignmentId,
  reason: string,
  nowMs: number,
): ShardStep {
  const opinion = { verdict: 'disagree', reason } as const;
  const { judged, trust } = judge(job, work.shard, find(work, assignment), opinion, nowMs);
  return reopened(job, work, judged, { trust: [trust] });
}

/** All reports of the shard are judged, and leases that are out revoked: a route begins it anew. */
function rejectStages(
  job: Job,
  work: ShardWork,
  { wrong, reason, sound }: Extract<ShardInput, { kind: 'stages-rejected' }>,
  nowMs: number,
): ShardStep {
  const judgements: Judgement[] = [];
  const judged: Assignment[] = [];
  const assignments = work.assignments.map((it) => {
    if (it.state.kind !== 'reported') return it;
    const fault = wrong.get(it.id);
    if (fault === undefined && !sound.has(it.id)) {
      const without = judgeWithoutBlame(it, `done again by other hosts: ${reason}`, nowMs);
      judged.push(without);
      return without;
    }
    const opinion: Opinion =
      fault === undefined
        ? { verdict: 'agree', reason: 'its stage was right, another of the route was not' }
        : { verdict: 'disagree', reason: fault };
    // The shard is computed and paid again: this was the network's doubt.
    const judgement = judge(job, work.shard, it, opinion, nowMs, 'network');
    judgements.push(judgement);
    judged.push(judgement.judged);
    return judgement.judged;
  });
  const ended = end({ ...work, assignments }, { kind: 'open' }, nowMs);
  return after(job, ended.work, {
    revoked: ended.revoked,
    credits: judgements.flatMap(({ credits }) => credits),
    trust: judgements.map(({ trust }) => trust),
    judged,
  });
}

/** The shard wants another report in place of one that was judged. */
function reopened(
  job: Job,
  work: ShardWork,
  judged: Assignment,
  more: Partial<ShardStep> = {},
): ShardStep {
  const assignments = work.assignments.map((it) => (it.id === judged.id ? judged : it));
  const shard: Shard = { ...work.shard, state: { kind: 'open' } };
  return after(job, { shard, assignments }, { judged: [judged], ...more });
}

function accept(
  work: ShardWork,
  { assignment, checksThen, sample, stageChecksThen }: Extract<ShardInput, { kind: 'accepted' }>,
  nowMs: number,
): ShardStep {
  assert(work.shard.state.kind === 'open', 'accepted: the shard is not open');
  const output = outputOf(find(work, assignment));
  const kind = 'provisional' as const;
  const stages = stageChecksThen === undefined ? {} : { stageChecksThen };
  const state = { kind, assignment, output, checksThen, sample, ...stages, atMs: nowMs };
  const shard: Shard = { ...work.shard, state };
  const need: ShardNeed = { kind: 'nothing' };
  return { work: { ...work, shard }, need, credits: [], trust: [], revoked: [], judged: [] };
}

function finalise(
  job: Job,
  work: ShardWork,
  { checkedItems, cleanChecks }: Extract<ShardInput, { kind: 'finalised' }>,
  nowMs: number,
): ShardStep {
  const { state } = work.shard;
  assert(state.kind === 'provisional', 'finalised: the shard is not provisional');
  const sample: FinalSample = { ...state.sample, checkedItems, cleanChecks };
  return settle(job, work, 'check', state.output, () => null, nowMs, sample);
}

function settle(
  job: Job,
  work: ShardWork,
  by: SettledBy,
  output: BlobDigest,
  disagreement: (assignment: AssignmentId) => string | null,
  nowMs: number,
  sample?: FinalSample,
): ShardStep {
  const agreeing = reportsOf(work).filter(({ id }) => disagreement(id) === null);
  const accepted = acceptedOpinion(job, by, agreeing.length);
  const judgements: Judgement[] = [];
  const assignments = work.assignments.map((assignment) => {
    if (assignment.state.kind !== 'reported') return assignment;
    const why = disagreement(assignment.id);
    const opinion: Opinion = why === null ? accepted : { verdict: 'disagree', reason: why };
    const judgement = judge(job, work.shard, assignment, opinion, nowMs);
    judgements.push(judgement);
    return judgement.judged;
  });
  const sequence = nextSequence(job);
  const evidence = sample === undefined ? {} : { sample };
  const ended = end(
    { ...work, assignments },
    { kind: 'settled', sequence, output, by, ...evidence, atMs: nowMs },
    nowMs,
  );
  return {
    ...ended,
    credits: judgements.flatMap(({ credits }) => credits),
    trust: judgements.map(({ trust }) => trust),
    judged: judgements.map(({ judged }) => judged),
  };
}

/** The shard takes its last state; leases that are still out are revoked. */
function end(work: ShardWork, state: Shard['state'], nowMs: number): ShardStep {
  const revoked: Assignment[] = [];
  const assignments = work.assignments.map((assignment) => {
    if (assignment.state.kind !== 'leased') return assignment;
    const after: Assignment = { ...assignment, state: { kind: 'revoked', atMs: nowMs } };
    revoked.push(after);
    return after;
  });
  const ended = { shard: { ...work.shard, state }, assignments };
  return { work: ended, need: { kind: 'nothing' }, credits: [], trust: [], revoked, judged: [] };
}

export const reportsOf = (work: ShardWork): Assignment[] =>
  work.assignments.filter(({ state }) => state.kind === 'reported');

export function outputOf(assignment: Assignment): BlobDigest {
  assert(assignment.state.kind === 'reported', 'outputOf: no report');
  return assignment.state.output;
}

export function find(work: ShardWork, id: AssignmentId): Assignment {
  const assignment = work.assignments.find((candidate) => candidate.id === id);
  assert(assignment !== undefined, `assignment ${id} is not of shard ${work.shard.id}`);
  return assignment;
}

type Leased = Extract<Assignment['state'], { kind: 'leased' }>;

function leaseOf(work: ShardWork, id: AssignmentId): Leased {
  const { state } = find(work, id);
  assert(state.kind === 'leased', `assignment ${id} has no lease`);
  return state;
}

function withState(work: ShardWork, id: AssignmentId, state: Assignment['state']): ShardWork {
  leaseOf(work, id);
  return {
    ...work,
    assignments: work.assignments.map((it) => (it.id === id ? { ...it, state } : it)),
  };
}
