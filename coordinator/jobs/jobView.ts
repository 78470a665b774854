/**
 * A job as its author sees it, and the explanation of its shards.
 */
import type { JobView, ShardExplanation, Waiting } from '../../shared/protocol/job.ts';
import { unreachable } from '../../shared/result.ts';
import { countStates, needOf, passedText } from '../core/replicate.ts';
import type { Assignment, Job, SettledBy, Shard } from '../core/state.ts';

export function viewOf(job: Job, waiting: readonly Waiting[]): JobView {
  const { counts, state, facts } = job;
  const executions = counts.hostExecutions + counts.refereeExecutions;
  const checked = executions - counts.settledItems;
  return {
    id: job.id,
    name: job.name,
    state: state.kind,
    reason: state.kind === 'failed' ? state.reason : undefined,
    program: job.program,
    verification: job.verification,
    acceptance: job.acceptance,
    facts: {
      inputs: specsOf(facts.inputs),
      outputs: specsOf(facts.outputs),
      flopsPerItem: facts.flopsPerItem,
      flopsFrom: facts.flopsFrom,
      refereeMsPerItem: facts.refereeMsPerItem,
      programBytes: facts.programBytes,
    },
    items: {
      total: job.items,
      settled: counts.settledItems,
      provisional: counts.provisionalItems,
      failed: counts.failedItems,
    },
    shards: {
      total: job.shards,
      settled: counts.settledShards,
      failed: counts.failedShards,
      itemsEach: job.itemsPerShard,
    },
    executions: {
      byHosts: counts.hostExecutions,
      byReferee: counts.refereeExecutions,
      disagreed: counts.disagreedReports,
    },
    checkOverhead: counts.settledItems === 0 ? 0 : Math.max(0, checked / counts.settledItems),
    price: job.priceMicroCredits.toString(),
    granted: counts.grantedMicroCredits.toString(),
    waiting: [...waiting],
    createdAtMs: job.createdAtMs,
    endedAtMs: state.kind === 'running' ? null : state.endedAtMs,
  };
}

type Specs = JobView['facts']['inputs'];
const specsOf = (specs: Job['facts']['inputs']): Specs =>
  Object.fromEntries(
    Object.entries(specs).map(([name, { dtype, dims }]) => [name, { dtype, dims: [...dims] }]),
  );

export function explanationOf(
  job: Job,
  shard: Shard,
  assignments: readonly Assignment[],
): ShardExplanation {
  return {
    shard: shard.id,
    state: shard.state.kind,
    items: shard.items,
    reason: reasonOf(job, shard, assignments),
    assignments: assignments.map(({ id, contributor, host, state }) => ({
      id,
      contributor,
      host,
      state: state.kind,
      engine: state.kind === 'reported' || state.kind === 'judged' ? state.engine : undefined,
      verdict: state.kind === 'judged' ? state.verdict : undefined,
      reason: whyOf(state),
    })),
  };
}

function reasonOf(job: Job, shard: Shard, assignments: readonly Assignment[]): string {
  const { state } = shard;
  switch (state.kind) {
    case 'open':
      return reasonOfOpen(job, shard, assignments);
    case 'refereeing':
      return `the referee recomputes it: ${state.reason}`;
    case 'provisional':
      return 'accepted from one host, and final when its contributor has been checked more';
    case 'settled':
      return decidedText(job, state.by, assignments);
    case 'failed':
      return state.reason;
    default:
      return unreachable(state satisfies never);
  }
}

function reasonOfOpen(job: Job, shard: Shard, assignments: readonly Assignment[]): string {
  const { reported, judged } = countStates(assignments);
  const reports = (count: number) => `${count} report${count === 1 ? '' : 's'}`;
  if (needOf(shard, assignments, job.verification).kind === 'check') {
    return `has ${reports(reported)} and checks ${reported === 1 ? 'it' : 'them'}`;
  }
  if (judged > 0) return `${reports(judged)} failed the check; waits for another contributor`;
  return reported === 0
    ? 'waits for a host'
    : `has ${reports(reported)} and waits for another contributor`;
}

function decidedText(
  { verification }: Job,
  by: SettledBy,
  assignments: readonly Assignment[],
): string {
  switch (by) {
    case 'quorum':
      return assignments.some(
        ({ state }) => state.kind === 'judged' && state.verdict === 'unchecked',
      )
        ? 'its one report was accepted unchecked'
        : 'the reports agreed';
    case 'referee':
      return 'the referee decided';
    case 'check':
      return passedText(verification);
    default:
      return unreachable(by satisfies never);
  }
}

function whyOf(state: Assignment['state']): string | undefined {
  switch (state.kind) {
    case 'judged':
    case 'returned':
    case 'undelivered':
      return state.reason;
    case 'errored':
      return `${state.code}: ${state.message}`;
    case 'leased':
    case 'reported':
    case 'expired':
    case 'revoked':
      return undefined;
    default:
      return unreachable(state satisfies never);
  }
}
