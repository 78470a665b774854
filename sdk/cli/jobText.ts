/**
 * A job in words and figures for a person at a terminal. No output here, only text.
 */
import type { Estimate, JobView, ShardExplanation } from '../../shared/protocol/job.ts';
import type { Program } from '../../shared/protocol/program.ts';
import { unreachable } from '../../shared/result.ts';
import { describeSpec } from '../../shared/tensor.ts';
import { formatBytes, formatCredits } from '../../shared/units.ts';
import { printable, tableLines } from './table.ts';

export const programText = (program: Program): string =>
  program.kind === 'onnx' ? `ONNX model ${program.model.slice(0, 12)}` : `kernel ${program.kernel}`;

/** One line for a progress bar: the most telling reason, or how it ended. */
export function statusText(view: JobView): string {
  if (view.state === 'failed') return `failed: ${printable(view.reason ?? 'no reason was given')}`;
  if (view.state !== 'running') return view.state;
  return printable(view.waiting[0]?.text ?? '');
}

/** How many executions did not add a new result, as a share of those that did. */
const overheadText = (view: JobView): string => `${(view.checkOverhead * 100).toFixed(0)} %`;

function policyText({ verification, acceptance }: JobView): string {
  switch (verification.kind) {
    case 'quorum': {
      const second = verification.secondOpinion === 'referee' ? ', the referee may be one' : '';
      return `${verification.quorum} agreeing opinions${second}; outputs agree by: ${acceptance.kind}`;
    }
    case 'algebraic':
      return 'every output of one opinion, algebraically';
    case 'sampled': {
      const more = verification.secondOpinion === 'referee' ? ', by the referee where need be' : '';
      return `secret samples of every volunteer’s items${more}; outputs agree by: ${acceptance.kind}`;
    }
    default:
      return unreachable(verification satisfies never);
  }
}

export function jobLines(view: JobView): string[] {
  const { items, shards, executions, facts } = view;
  const failed = items.failed > 0 ? `, ${items.failed} failed` : '';
  const provisional = items.provisional > 0 ? `, ${items.provisional} provisional` : '';
  const lines = [
    `Job        ${view.id}  ${printable(view.name)}`,
    `State      ${view.state}${view.reason === undefined ? '' : `: ${printable(view.reason)}`}`,
    `Program    ${programText(view.program)}, ${formatBytes(facts.programBytes)}`,
    `Items      ${items.settled} of ${items.total} settled${provisional}${failed}`,
    `Shards     ${shards.settled} of ${shards.total} settled, ${shards.itemsEach} items each`,
    `Checked    ${policyText(view)}`,
    `Executed   ${executions.byHosts} by volunteers, ${executions.byReferee} by the referee, ` +
      `${executions.disagreed} reports disagreed; checking cost ${overheadText(view)}`,
    `Price      ${formatCredits(BigInt(view.price))} credits, ` +
      `${formatCredits(BigInt(view.granted))} granted so far`,
    ...Object.entries(facts.outputs).map(
      ([name, spec]) => `Output     ${printable(name)} ${describeSpec(spec)} per item`,
    ),
  ];
  return [...lines, ...view.waiting.map(({ text }) => `Waits for  ${printable(text)}`)];
}

export function estimateLines(estimate: Estimate): string[] {
  const { facts } = estimate;
  const enough = estimate.enoughContributors
    ? 'enough for this job'
    : 'not enough yet: the job would wait for more';
  const source = facts.flopsFrom === 'manifest' ? "the kernel's manifest" : 'the graph';
  return [
    `Items         ${estimate.items} in ${estimate.shards} shards of ${estimate.itemsPerShard}`,
    `Price         ${formatCredits(BigInt(estimate.price))} credits`,
    `Work          ${(facts.flopsPerItem / 1e6).toPrecision(3)} MFLOP per item, from ${source}`,
    `One item      ${facts.refereeMsPerItem.toPrecision(3)} ms in the coordinator's own run`,
    `Contributors  ${estimate.contributorsNow} connected that could compute it, ${enough}`,
  ];
}

export const jobTable = (views: readonly JobView[]): string[] =>
  tableLines(views, [
    { title: 'JOB', value: (view) => view.id },
    { title: 'STATE', value: (view) => view.state },
    {
      title: 'ITEMS',
      value: ({ items }) => `${items.settled}/${items.total}`,
      align: 'right',
    },
    { title: 'PRICE', value: (view) => formatCredits(BigInt(view.price)), align: 'right' },
    { title: 'POSTED', value: (view) => new Date(view.createdAtMs).toISOString().slice(0, 16) },
    { title: 'NAME', value: (view) => view.name },
  ]);

/** One shard: where it stands and why, then each assignment with its verdict. */
export function shardLines(shard: ShardExplanation): string[] {
  const head = `${shard.shard}  ${shard.state}, ${shard.items} items: ${printable(shard.reason)}`;
  const lines = shard.assignments.map(({ contributor, state, engine, verdict, reason }) => {
    const parts = [state, engine, verdict, reason].filter((part) => part !== undefined);
    return `    ${contributor}  ${printable(parts.join(', '))}`;
  });
  return [head, ...lines];
}
