/**
 * A job in words and figures for a person at a terminal. No output here, only text.
 */
import type { Estimate, JobView } from '../../shared/protocol/job.ts';
import type { JobProgram } from '../../shared/protocol/program.ts';
import { policyName, type Offer } from '../../shared/protocol/verification.ts';
import { describeSpec } from '../../shared/tensor.ts';
import {
  formatBytes,
  formatCredits,
  formatOdds,
  formatSeconds,
  formatShare,
  LIST_PRICE,
} from '../../shared/units.ts';
import { previewLines, routeLines } from './routeText.ts';
import { printable, tableLines } from './table.ts';
import { wrapped } from './wrap.ts';

export function programText(program: JobProgram): string {
  switch (program.kind) {
    case 'onnx':
      return `ONNX model ${program.model.slice(0, 12)}`;
    case 'kernel':
      return `kernel ${program.kernel}`;
    case 'wgsl':
      return `your WGSL ${program.module.slice(0, 12)}`;
    case 'staged':
      return `ONNX model in ${program.stages.length} stages`;
    default:
      return program satisfies never;
  }
}

/** `paused` of one that would run. */
export const stateText = ({ state, pausedAtMs }: JobView): string =>
  pausedAtMs === null ? state : 'paused';

/** One line for a progress bar: the most telling reason, or how it ended. */
export function statusText(view: JobView): string {
  if (view.state === 'failed') return `failed: ${printable(view.reason ?? 'no reason was given')}`;
  if (view.state !== 'running') return view.state;
  const [waiting] = view.waiting;
  if (view.route !== undefined && (waiting === undefined || waiting.code === 'computing'))
    return printable(view.route.text);
  return printable(waiting?.text ?? '');
}

/** What checking has cost, as a share of the accepted items. */
const overheadText = ({ checkOverhead }: JobView): string =>
  checkOverhead === null
    ? 'no item is accepted yet'
    : `checking cost ${formatShare(checkOverhead)}`;

function policyText({ verification, asked, acceptance }: JobView): string {
  const used = policyName(verification);
  const wished = policyName(asked);
  const how = wished === used ? used : `${used} (asked for: ${wished})`;
  return verification.kind === 'algebraic' ? how : `${how}; outputs agree by: ${acceptance.kind}`;
}

/** Nothing where the list price is offered. */
const rateText = ({ ratePercent }: Pick<JobView, 'ratePercent'>): string =>
  ratePercent === LIST_PRICE ? '' : ` at ${ratePercent / 100} times the list price`;

export function jobLines(view: JobView): string[] {
  const { items, shards, executions, facts } = view;
  const failed = items.failed > 0 ? `, ${items.failed} failed` : '';
  const provisional = items.provisional > 0 ? `, ${items.provisional} provisional` : '';
  const lines = [
    `Job        ${view.id}  ${printable(view.name)}`,
    `State      ${stateText(view)}${view.reason === undefined ? '' : `: ${printable(view.reason)}`}`,
    `Program    ${programText(view.program)}, ${formatBytes(facts.programBytes)}`,
    `Items      ${items.settled} of ${items.total} settled${provisional}${failed}`,
    ...batchLines('Batch      ', view.program, facts),
    `Shards     ${shards.settled} of ${shards.total} settled, up to ${itemsText(shards.itemsEach)} each`,
    `Checked    ${policyText(view)}`,
    ...wrapped('Why        ', printable(view.why)),
    ...wrapped('Risk       ', printable(view.odds.text)),
    `Executed   ${executions.byHosts} by volunteers, ${executions.byReferee} by the referee, ` +
      `${executions.disagreed} reports disagreed; ${overheadText(view)}`,
    `Price      ${formatCredits(BigInt(view.price))} credits${rateText(view)}, ` +
      `${formatCredits(BigInt(view.granted))} granted so far`,
    ...Object.entries(facts.outputs).map(
      ([name, spec]) => `Output     ${printable(name)} ${describeSpec(spec)} per item`,
    ),
  ];
  return [
    ...lines,
    ...(view.expiresAtMs === null || view.state !== 'running'
      ? []
      : [`Expires    ${minuteOf(view.expiresAtMs)}, with what it has then`]),
    ...(view.openUntilMs === null
      ? []
      : [
          `Open       until ${minuteOf(view.openUntilMs)}, or when it is closed: items may be added`,
        ]),
    ...resultsLines(view),
    ...(view.route === undefined ? [] : routeLines(view.route)),
    ...(view.summary === undefined ? [] : wrapped('In short   ', printable(view.summary))),
    ...view.waiting.flatMap(({ text }) => wrapped('Waits for  ', printable(text))),
  ];
}

/** Nothing while it runs. */
function resultsLines({ results }: JobView): string[] {
  if (results === undefined) return [];
  if (results.kind === 'deleted') {
    const why = results.why === 'author' ? 'by their author' : 'their time was over';
    return [`Results    deleted ${minuteOf(results.atMs)}: ${why}`];
  }
  const until = results.untilMs === null ? 'they are deleted' : minuteOf(results.untilMs);
  return [`Results    kept until ${until}`];
}

const minuteOf = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 16)}Z`;

/** Items of one run, and how that many were chosen. Nothing for kernels, which choose on each device. */
function batchLines(label: string, program: JobProgram, { batch }: JobView['facts']): string[] {
  if (batch !== undefined) return wrapped(label, printable(batchText(batch)));
  return 'itemsPerRun' in program ? [`${label}${itemsText(program.itemsPerRun)} a run`] : [];
}

function batchText({ itemsPerRun, measured, text }: Batch): string {
  const each = measured.map((it) => `${it.itemsPerRun}: ${it.msPerItem.toPrecision(2)} ms`);
  const figures = each.length === 0 ? '' : ` (an item takes, in runs of ${each.join(', ')})`;
  return `${itemsText(itemsPerRun)} a run: ${text}${figures}`;
}

type Batch = NonNullable<JobView['facts']['batch']>;
const itemsText = (count: number): string => `${count} item${count === 1 ? '' : 's'}`;

const FLOPS_FROM: Readonly<Record<Estimate['facts']['flopsFrom'], string>> = {
  manifest: "the kernel's manifest",
  graph: 'the graph',
  estimate: 'the graph',
  run: 'a run of the first item',
};

export function estimateLines(estimate: Estimate): string[] {
  const { facts, chosen } = estimate;
  const enough = estimate.enoughContributors
    ? 'enough for this job'
    : 'not enough yet: the job would wait for more';
  const source = FLOPS_FROM[facts.flopsFrom];
  return [
    `Items         ${estimate.items} in ${estimate.shards} shards of up to ${estimate.itemsPerShard}`,
    `Price         ${formatCredits(BigInt(estimate.price))} credits${rateText(estimate)}`,
    `Work          ${(facts.flopsPerItem / 1e6).toPrecision(3)} MFLOP per item, from ${source}`,
    ...(facts.batch === undefined
      ? []
      : wrapped('Batch         ', printable(batchText(facts.batch)))),
    `One item      ${facts.refereeMsPerItem.toPrecision(3)} ms in the coordinator's own run`,
    `Contributors  ${estimate.contributorsNow} connected that could compute it, ${enough}`,
    ...wrapped('Hosts         ', printable(hostsText(estimate.hosts))),
    ...wrapped('Time          ', printable(timeText(estimate))),
    ...(estimate.route === undefined ? [] : previewLines(estimate.route)),
    ...wrapped('Checking      ', `${policyName(chosen.verification)}. ${printable(chosen.text)}`),
    ...wrapped('Why           ', printable(estimate.why)),
    ...estimate.notes.flatMap((text) => wrapped('Note          ', printable(text))),
    '',
    `Ways to check it, if one group does ${formatShare(chosen.odds.liars)} of all computing and lies together:`,
    ...offerTable(chosen, estimate.alternatives),
    'Checking as a share of the computing: now with who is connected, later with volunteers that are known.',
    'Wrong: at most, of the accepted items; and that the job has one at all.',
  ];
}

/** `2 of 3 devices connected could run it now. 1 could not: the program needs …` */
function hostsText({ connected, able, resting, refused }: Estimate['hosts']): string {
  if (connected === 0) return 'no device is connected';
  const devices = `${able} of ${connected} device${connected === 1 ? '' : 's'} connected could run it now`;
  const paused =
    resting === 0
      ? ''
      : `, ${resting} of them rest${resting === 1 ? 's or serves' : ' or serve'} others`;
  const others = refused.map(({ text, hosts }) => ` ${hosts} could not: ${text}.`);
  return `${devices}${paused}.${others.join('')}`;
}

function timeText({ seconds, secondsText }: Estimate): string {
  if (seconds === null) return secondsText;
  const [low, high] = [formatSeconds(seconds.low), formatSeconds(seconds.high)];
  return `${low === high ? `about ${low}` : `${low} to ${high}`}. ${secondsText}`;
}

/** Every policy that could be used, the chosen one marked. */
const offerTable = (chosen: Offer, alternatives: readonly Offer[]): string[] =>
  tableLines(
    [chosen, ...alternatives].sort((a, b) => a.cost.now - b.cost.now),
    [
      { title: '', value: (offer) => (offer === chosen ? '>' : '') },
      { title: 'POLICY', value: ({ verification }) => policyName(verification) },
      { title: 'CHECKING NOW', value: ({ cost }) => formatShare(cost.now), align: 'right' },
      { title: 'LATER', value: ({ cost }) => formatShare(cost.steady), align: 'right' },
      { title: 'CREDITS', value: ({ price }) => formatCredits(BigInt(price)), align: 'right' },
      { title: 'WRONG ITEMS', value: ({ odds }) => formatOdds(odds.wrongItems), align: 'right' },
      { title: 'ANY WRONG', value: ({ odds }) => formatOdds(odds.anyWrong), align: 'right' },
    ],
  );

export const jobTable = (views: readonly JobView[]): string[] =>
  tableLines(views, [
    { title: 'JOB', value: (view) => view.id },
    { title: 'STATE', value: stateText },
    {
      title: 'ITEMS',
      value: ({ items }) => `${items.settled}/${items.total}`,
      align: 'right',
    },
    { title: 'PRICE', value: (view) => formatCredits(BigInt(view.price)), align: 'right' },
    { title: 'POSTED', value: (view) => new Date(view.createdAtMs).toISOString().slice(0, 16) },
    { title: 'NAME', value: (view) => view.name },
  ]);
