/**
 * Why a job's shards are where they are, in words for a person at a terminal. No output here, only text.
 *
 * Shards that went the same way are told once, with one of them as an example.
 */
import type { JobView, ShardExplanation } from '../../shared/protocol/job.ts';
import { policyName } from '../../shared/protocol/verification.ts';
import { formatCount } from '../../shared/units.ts';
import { stateText } from './jobText.ts';
import { printable } from './table.ts';
import { wrapped } from './wrap.ts';

/** How the job as a whole is checked. */
export function jobExplanationLines(view: JobView): string[] {
  const reason = view.reason === undefined ? '' : `: ${view.reason}`;
  const asked = policyName(view.asked);
  const used = policyName(view.verification);
  const how = asked === used ? `${used}.` : `${used} (asked for: ${asked}).`;
  return [
    `Job ${view.id} is ${stateText(view)}${printable(reason)}`,
    ...(view.summary === undefined ? [] : wrapped('In short   ', printable(view.summary))),
    ...wrapped('Checking   ', `${how} ${printable(view.why)}`),
    ...wrapped('Risk       ', printable(view.odds.text)),
    ...view.waiting.flatMap(({ text }) => wrapped('Waits for  ', printable(text))),
  ];
}

/** Everything about one shard. */
export function shardLines(shard: ShardExplanation): string[] {
  const { index, state, items, assignments } = shard;
  return [
    ...wrapped('', `Shard ${index}: ${items} items, ${state}: ${printable(shard.reason)}`),
    ...assignments.flatMap((it) =>
      wrapped('    computed   ', printable(assignmentText(it, shard.reason))),
    ),
    ...detailLines(shard),
  ];
}

/** `told`: what stands above already. */
function assignmentText(
  { contributor, engine, state, verdict, reason, probes }: ShardExplanation['assignments'][number],
  told: string,
): string {
  const by = engine === undefined ? contributor : `${contributor} (${engine})`;
  const carried = probes === 0 ? [] : [`${probes} items more, to be compared`];
  const why = reason === undefined || reason === told ? [] : [reason];
  return [`by ${by}`, verdict ?? state, ...carried, ...why].join(', ');
}

const detailLines = ({ checked, cost, remains }: ShardExplanation): string[] => [
  ...checked.flatMap((text) => wrapped('    checked    ', printable(text))),
  ...wrapped('    cost       ', printable(cost.text)),
  ...wrapped('    risk       ', printable(remains.text)),
];

/** Groups of shards that went the same way, the most numerous first. */
export function groupedLines(shards: readonly ShardExplanation[]): string[] {
  const groups = new Map<string, ShardExplanation[]>();
  for (const shard of shards) {
    const key = groupOf(shard);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [shard]);
    else group.push(shard);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length).flatMap(groupLines);
}

/** Shards are alike where they stand alike, for the same reason, with the same verdicts. */
function groupOf({ state, reason, assignments }: ShardExplanation): string {
  const ends = assignments.map((it) => it.verdict ?? it.state).sort();
  return JSON.stringify([state, reason, ends]);
}

function groupLines(group: readonly ShardExplanation[]): string[] {
  const [first] = group;
  if (first === undefined) return [];
  if (group.length === 1) return shardLines(first);
  const items = group.reduce((sum, shard) => sum + shard.items, 0);
  const executions = group.reduce((sum, { cost }) => sum + cost.executions, 0);
  return [
    ...wrapped(
      '',
      `${group.length} shards (${formatCount(items)} items), ${first.state}: ${printable(first.reason)}`,
    ),
    ...wrapped('    computed   ', printable(contributorsText(group))),
    ...wrapped(
      '    cost       ',
      `${formatCount(executions)} executions for ${formatCount(items)} items${laterText(group)}`,
    ),
    ...wrapped('    shards     ', rangesOf(group.map(({ index }) => index))),
    `    for example shard ${first.index}:`,
    ...detailLines(first),
  ];
}

/** Samples that came with other assignments, or from the referee, after the reports were accepted. */
function laterText(group: readonly ShardExplanation[]): string {
  const later = group.reduce((sum, { cost }) => sum + cost.sampledLater, 0);
  return later === 0 ? '' : `; later ${formatCount(later)} of them were computed again as samples`;
}

/** Who had how many of them, the busiest first. */
function contributorsText(group: readonly ShardExplanation[]): string {
  const shardsOf = new Map<string, number>();
  for (const { assignments } of group) {
    for (const { contributor, engine, state, verdict } of assignments) {
      const how = [engine, verdict ?? state].filter((part) => part !== undefined).join(', ');
      const name = `${contributor} (${how})`;
      shardsOf.set(name, (shardsOf.get(name) ?? 0) + 1);
    }
  }
  if (shardsOf.size === 0) return 'by nobody yet';
  const busiest = [...shardsOf].sort(([, a], [, b]) => b - a);
  const shown = busiest.slice(0, MOST_NAMES).map(([name, count]) => `${count} by ${name}`);
  const more = busiest.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${more} others` : ''}`;
}

const MOST_NAMES = 8;

/** `0-3, 7, 9-12` */
function rangesOf(indices: readonly number[]): string {
  const sorted = [...indices].sort((a, b) => a - b);
  const ranges: string[] = [];
  for (let at = 0; at < sorted.length; at++) {
    const from = sorted[at]!;
    while (sorted[at + 1] === sorted[at]! + 1) at += 1;
    ranges.push(sorted[at] === from ? `${from}` : `${from}-${sorted[at]}`);
  }
  return ranges.join(', ');
}
