/**
 * A job as its author sees it.
 */
import type { JobView, RouteView, Waiting } from '../../shared/protocol/job.ts';
import type { ResultsView } from '../../shared/protocol/resultsView.ts';
import { formatCount, formatShare, LIST_PRICE } from '../../shared/units.ts';
import { openUntilMs } from '../core/job.ts';
import { resultsState } from '../core/results.ts';
import type { Job } from '../core/state.ts';
import { liarsOf, oddsView } from './policyWords.ts';

/** What only the engine knows of a job that runs. */
export interface Progress {
  readonly waiting: readonly Waiting[];
  /** `engine/inHand.ts` */
  readonly executionsInHand: number;
  readonly route: RouteView | null;
}

export const NO_PROGRESS: Progress = { waiting: [], executionsInHand: 0, route: null };

export function viewOf(job: Job, { waiting, executionsInHand, route }: Progress): JobView {
  const { counts, state, facts } = job;
  const checkOverhead = overheadOf(counts, executionsInHand);
  return {
    id: job.id,
    name: job.name,
    state: state.kind,
    reason: state.kind === 'failed' ? state.reason : undefined,
    program: job.program,
    verification: job.verification,
    asked: job.asked,
    why: job.why,
    odds: oddsView(job.verification, job, liarsOf(job.asked)),
    acceptance: job.acceptance,
    facts: factsView(facts),
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
      // Of stages it counts parts of items.
      byReferee: Math.ceil(counts.refereeExecutions),
      disagreed: counts.disagreedReports,
    },
    checkOverhead,
    summary: state.kind === 'running' ? undefined : summaryOf(job, state.endedAtMs, checkOverhead),
    price: job.priceMicroCredits.toString(),
    ratePercent: job.ratePercent ?? LIST_PRICE,
    granted: counts.grantedMicroCredits.toString(),
    waiting: [...waiting],
    pausedAtMs: (state.kind === 'running' ? state.pausedAtMs : undefined) ?? null,
    ...(route === null ? {} : { route }),
    createdAtMs: job.createdAtMs,
    expiresAtMs: job.expiresAtMs ?? null,
    openUntilMs: openUntilMs(job),
    endedAtMs: state.kind === 'running' ? null : state.endedAtMs,
    results: resultsView(job),
  };
}

function resultsView(job: Job): ResultsView | undefined {
  if (job.state.kind === 'running') return undefined;
  const results = resultsState(job) ?? { kind: 'kept', untilMs: null };
  if (results.kind === 'kept') return results;
  const { kind, atMs, why } = results;
  return { kind, atMs, why };
}

export const factsView = (facts: Job['facts']): JobView['facts'] => ({
  inputs: specsOf(facts.inputs),
  outputs: specsOf(facts.outputs),
  flopsPerItem: facts.flopsPerItem,
  flopsFrom: facts.flopsFrom,
  refereeMsPerItem: facts.refereeMsPerItem,
  programBytes: facts.programBytes,
  ...(facts.batch === undefined ? {} : { batch: batchView(facts.batch) }),
  ...(facts.stages === undefined ? {} : { stages: facts.stages.map(stageView) }),
});

const batchView = (batch: NonNullable<Job['facts']['batch']>) => ({
  ...batch,
  measured: [...batch.measured],
});

const stageView = (stage: Job['facts']) => ({
  outputs: specsOf(stage.outputs),
  flopsPerItem: stage.flopsPerItem,
  refereeMsPerItem: stage.refereeMsPerItem,
  programBytes: stage.programBytes,
});

type Specs = JobView['facts']['inputs'];
const specsOf = (specs: Job['facts']['inputs']): Specs =>
  Object.fromEntries(
    Object.entries(specs).map(([name, { dtype, dims }]) => [name, { dtype, dims: [...dims] }]),
  );

type Executed = Pick<
  Job['counts'],
  'settledItems' | 'provisionalItems' | 'hostExecutions' | 'refereeExecutions'
>;

/** Executions beyond one for each accepted item; null before any is accepted. */
export function overheadOf(counts: Executed, inHand: number): number | null {
  const accepted = counts.settledItems + counts.provisionalItems;
  if (accepted === 0) return null;
  const executions = counts.hostExecutions + counts.refereeExecutions - inHand;
  return Math.max(0, (executions - accepted) / accepted);
}

function summaryOf(job: Job, endedAtMs: number, checkOverhead: number | null): string {
  const { counts, items, verification } = job;
  const seconds = ((endedAtMs - job.createdAtMs) / 1000).toFixed(1);
  const settled =
    counts.settledItems === items
      ? formatCount(items)
      : `${formatCount(counts.settledItems)} of ${formatCount(items)}`;
  const head = `${settled} items in ${seconds} s`;
  if (checkOverhead === null) return `${head}.`;
  if (verification.kind === 'quorum' && verification.quorum === 1) {
    return `${head}. Nothing was checked, as you asked.`;
  }
  const byHosts = Math.max(0, counts.hostExecutions - counts.settledItems);
  const parts = [
    ...(byHosts > 0 ? [`volunteers computed ${formatCount(byHosts)} items more`] : []),
    ...(counts.refereeExecutions > 0
      ? [`the coordinator’s referee computed ${formatCount(Math.ceil(counts.refereeExecutions))}`]
      : []),
  ];
  const once = 'no item was computed twice';
  const checked = verification.kind === 'algebraic' ? ['the coordinator checked every output'] : [];
  const beyond = [...checked, parts.length === 0 ? once : parts.join(', and ')].join('; ');
  return `${head}; checking cost ${formatShare(checkOverhead)} on top: ${beyond}.`;
}
