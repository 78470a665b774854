/**
 * Why a shard is where it is, in plain words: who computed it, what was checked and found, what that cost, and what
 * could still be wrong with what probability.
 *
 * Words over records; nothing is decided here. Where the records do not say something, neither does it.
 */
import type { ShardExplanation } from '../../shared/protocol/job.ts';
import { unreachable } from '../../shared/result.ts';
import { formatCount, formatOdds, formatShare } from '../../shared/units.ts';
import { ALGEBRAIC_ESCAPE, wrongAtMost, wrongByQuorum, wrongBySampling } from '../core/odds.ts';
import { countStates, needOf, passedText } from '../core/replicate.ts';
import type {
  Assignment,
  FinalSample,
  Job,
  Sample,
  SettledBy,
  Shard,
  ShardState,
} from '../core/state.ts';
import { gateOf } from '../core/stream.ts';
import { liarsOf } from './policyWords.ts';

/** What the records of the shard alone do not say; null where nobody has looked. */
export interface Circumstances {
  /** Clean checks that its contributor lacks, where it is provisional. */
  readonly checksMissing: number | null;
  /** Contributors whose reports the accepted report's probes were held against. */
  readonly opposite: number | null;
  /** Who could compute it and excludes it (`exclusionsText`). */
  readonly excluded: string | null;
}

export const UNKNOWN: Circumstances = {
  checksMissing: null,
  opposite: null,
  excluded: null,
};

export function explanationOf(
  job: Job,
  shard: Shard,
  assignments: readonly Assignment[],
  circumstances: Circumstances = UNKNOWN,
): ShardExplanation {
  return {
    shard: shard.id,
    index: shard.index,
    state: shard.state.kind,
    items: shard.items,
    reason: reasonOf(job, shard, assignments, circumstances.excluded),
    assignments: assignments.map(({ id, contributor, host, probes, copyOf, state }) => ({
      id,
      contributor,
      host,
      state: state.kind,
      engine: state.kind === 'reported' || state.kind === 'judged' ? state.engine : undefined,
      verdict: state.kind === 'judged' ? state.verdict : undefined,
      reason: whyOf(state),
      copyOf,
      probes: probes.length,
    })),
    checked: checkedOf(job, shard, assignments, circumstances),
    cost: costOf(shard, assignments),
    remains: remainsOf(job, shard, assignments, circumstances),
  };
}

/** The report that the shard's output comes from, or that agreed with it. */
const acceptedOf = (assignments: readonly Assignment[]): readonly Assignment[] =>
  assignments.filter(({ state }) => state.kind === 'judged' && state.verdict !== 'disagree');

const refusedOf = (assignments: readonly Assignment[]): readonly Assignment[] =>
  assignments.filter(({ state }) => state.kind === 'judged' && state.verdict === 'disagree');

function checkedOf(
  job: Job,
  { state, items }: Shard,
  assignments: readonly Assignment[],
  { opposite }: Circumstances,
): string[] {
  const refused = refusedOf(assignments);
  const found = refused.map(
    ({ contributor, state: judged }) =>
      `The report of ${contributor} was refused: ${whyOf(judged) ?? 'no reason is recorded'}.`,
  );
  switch (state.kind) {
    case 'open':
    case 'failed':
      return found;
    case 'refereeing':
      return [...found, `The coordinator’s referee recomputes it: ${state.reason}.`];
    case 'provisional':
      return [...found, ...sampleText(state.sample, items, opposite)];
    case 'settled':
      return [...found, settledText(job, state, items, assignments, opposite)].flat();
    default:
      return unreachable(state satisfies never);
  }
}

function settledText(
  { acceptance, verification }: Job,
  state: Extract<ShardState, { kind: 'settled' }>,
  items: number,
  assignments: readonly Assignment[],
  opposite: number | null,
): string[] {
  const accepted = acceptedOf(assignments);
  switch (state.by) {
    case 'quorum':
      return accepted.length < 2
        ? ['Nothing was checked.']
        : [
            `All ${formatCount(items)} items of ${accepted.length} unrelated volunteers’ reports were compared ` +
              `(${acceptance.kind}): they agreed.`,
          ];
    case 'referee':
      return [
        `The coordinator’s referee computed all ${formatCount(items)} items itself; ` +
          `${reports(accepted.length)} agreed with it.`,
      ];
    case 'check':
      return state.sample === undefined
        ? [`${capital(passedText(verification))}.`]
        : [...sampleText(state.sample, items, opposite), finalText(state.sample, items)];
    default:
      return unreachable(state.by satisfies never);
  }
}

function sampleText({ probes, blind }: Sample, items: number, opposite: number | null): string[] {
  const of = opposite === null ? 'other volunteers’' : `${volunteers(opposite)}’`;
  const lines = [
    ...(probes > 0
      ? [
          `With it came secret items of ${of} reports: ${formatCount(probes)} were held against them and agreed.`,
        ]
      : []),
    ...(blind > 0
      ? [
          `The coordinator’s referee recomputed ${formatCount(blind)} of its ${formatCount(items)} items, chosen ` +
            'in secret: they agreed.',
        ]
      : []),
  ];
  return lines.length > 0 ? lines : ['Nothing of it was checked when it came.'];
}

const finalText = ({ checkedItems, cleanChecks }: FinalSample, items: number): string =>
  `By the time it was final, ${checkedItems === 0 ? 'none' : formatCount(checkedItems)} of its ` +
  `${formatCount(items)} items had a second opinion that agreed, and ${formatCount(cleanChecks)} checks in a ` +
  'row of its volunteer’s items had found nothing wrong.';

function costOf(
  { state, items }: Shard,
  assignments: readonly Assignment[],
): ShardExplanation['cost'] {
  const computed = assignments.filter(
    ({ state: it }) => it.kind === 'reported' || it.kind === 'judged',
  );
  const byHosts = computed.reduce((sum, { probes }) => sum + items + probes.length, 0);
  const refereed = state.kind === 'settled' && state.by === 'referee' ? items : 0;
  const blind = sampleOf(state)?.blind ?? 0;
  const executions = byHosts + refereed + blind;
  const byReferee = refereed + blind;
  const later = state.kind === 'settled' ? (state.sample?.checkedItems ?? 0) - blind : 0;
  const text =
    `${formatCount(executions)} executions for ${formatCount(items)} items` +
    (byReferee > 0 ? `, ${formatCount(byReferee)} by the referee` : '') +
    (later > 0 ? `; later ${formatCount(later)} of its items were computed again as samples` : '');
  return { executions, sampledLater: Math.max(0, later), text };
}

const sampleOf = (state: ShardState): Sample | undefined =>
  state.kind === 'provisional' || state.kind === 'settled' ? state.sample : undefined;

function remainsOf(
  job: Job,
  { state, items }: Shard,
  assignments: readonly Assignment[],
  { checksMissing }: Circumstances,
): ShardExplanation['remains'] {
  switch (state.kind) {
    case 'open':
    case 'refereeing':
      return { wrongItems: null, text: 'Nothing is accepted yet.' };
    case 'failed':
      return { wrongItems: null, text: 'It has no result.' };
    case 'provisional': {
      const missing = checksMissing === null ? 'more' : formatCount(checksMissing);
      const text =
        `It may still be taken back, and is not handed out: ${missing} checks of its volunteer’s items ` +
        'have to agree first.';
      return { wrongItems: null, text };
    }
    case 'settled':
      return remainsOfSettled(job, state, items, acceptedOf(assignments).length);
    default:
      return unreachable(state satisfies never);
  }
}

function remainsOfSettled(
  job: Job,
  { by, sample }: Extract<ShardState, { kind: 'settled' }>,
  items: number,
  agreed: number,
): ShardExplanation['remains'] {
  const liars = liarsOf(job.asked);
  const lying = `one group does ${formatShare(liars)} of all computing and lies together`;
  switch (by) {
    case 'referee': {
      const text = 'A lie cannot have changed it: the coordinator computed it itself.';
      return { wrongItems: 0, text };
    }
    case 'quorum': {
      if (agreed < 2) {
        const text = `Everything, if its volunteer lied: ${formatShare(liars)}, if so much of all computing lies.`;
        return { wrongItems: liars, text };
      }
      const quorum = job.verification.kind === 'quorum' ? job.verification.quorum : agreed;
      const wrongItems = wrongByQuorum(quorum, liars);
      const text =
        `It is wrong only if all ${agreed} lied together, or are broken in the same way: ` +
        `${formatOdds(wrongItems)} at most, if ${lying}.`;
      return { wrongItems, text };
    }
    case 'check': {
      if (sample === undefined) {
        const text =
          'Errors as small as rounding. One of 100 times that passes with a probability of at most ' +
          `${formatOdds(ALGEBRAIC_ESCAPE)}, whoever lies.`;
        return { wrongItems: ALGEBRAIC_ESCAPE, text };
      }
      return remainsOfSample(sample, items, gateOf(job.verification), liars, lying);
    }
    default:
      return unreachable(by satisfies never);
  }
}

function remainsOfSample(
  { checkedItems, cleanChecks }: FinalSample,
  items: number,
  gate: number,
  liars: number,
  lying: string,
): ShardExplanation['remains'] {
  if (checkedItems >= items) {
    const wrongItems = wrongByQuorum(2, liars);
    const text = `Every item has a second opinion: ${formatOdds(wrongItems)} wrong at most, if ${lying}.`;
    return { wrongItems, text };
  }
  const wrongItems = wrongBySampling(liars, gate);
  const rate = wrongAtMost(cleanChecks, liars);
  const text =
    `Single items that nobody sampled. With 99 % confidence fewer than ${formatOdds(rate)} of its volunteer’s ` +
    `items are wrong; over all that is accepted at most ${formatOdds(wrongItems)}, if ${lying}.`;
  return { wrongItems, text };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const volunteers = (count: number): string => `${count} other volunteer${count === 1 ? '' : 's'}`;
const reports = (count: number): string =>
  count === 0 ? 'no report' : `${count} report${count === 1 ? '' : 's'}`;

function reasonOf(
  job: Job,
  shard: Shard,
  assignments: readonly Assignment[],
  excluded: string | null,
): string {
  const { state } = shard;
  switch (state.kind) {
    case 'open':
      return [reasonOfOpen(job, shard, assignments), ...(excluded === null ? [] : [excluded])].join(
        '; ',
      );
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
