/**
 * Policies in plain words: what is done, what it costs, what may still be wrong. Words only; the figures come
 * from `core/odds.ts`.
 */
import type { Asked, OddsView, Verification } from '../../shared/protocol/verification.ts';
import { unreachable } from '../../shared/result.ts';
import { formatCount, formatOdds, formatShare } from '../../shared/units.ts';
import { DEFAULT_LIARS } from '../../shared/protocol/verification.ts';
import { ALGEBRAIC_ESCAPE, oddsOf, type CheckedWork, type Volunteers } from '../core/odds.ts';
import { gateOf } from '../core/stream.ts';

/** The share of liars that an author's odds are told for. */
export const liarsOf = (asked: Asked): number =>
  asked.kind === 'auto' ? asked.liars : DEFAULT_LIARS;

export function doneText(verification: Verification): string {
  switch (verification.kind) {
    case 'quorum': {
      const { quorum, secondOpinion } = verification;
      if (quorum === 1) return 'Every item is computed once, and nothing is checked.';
      const referee =
        secondOpinion === 'referee'
          ? ' Where too few are connected, the coordinator’s own referee is one of them.'
          : '';
      return (
        `Every item is computed by ${quorum} unrelated volunteers, who must agree; the coordinator’s own ` +
        `referee settles ties.${referee}`
      );
    }
    case 'sampled':
      return (
        'Every item is computed once; secret samples of each volunteer’s items are checked by others, or by ' +
        'the coordinator’s own referee where no other can, and results count when their volunteer has passed ' +
        `${formatCount(gateOf(verification))} checks in a row.`
      );
    case 'algebraic':
      return 'Every item is computed once, and the coordinator checks every output with secret projections.';
    case 'stages':
      return (
        `Every item is computed once, by volunteers that run ${verification.stages} stages of the model and commit to what ` +
        'they receive and send on; the coordinator’s own referee recomputes single stages of secretly drawn items, and ' +
        `results count when the volunteer of every stage has passed ${formatCount(gateOf(verification))} checks in a row.`
      );
    default:
      return unreachable(verification satisfies never);
  }
}

export interface Cost {
  readonly now: number;
  readonly steady: number;
}

/** `connected`: those that the figure for now is for; null where nobody is, and four newcomers are assumed. */
export function costText(
  verification: Verification,
  { now, steady }: Cost,
  connected: Volunteers | null,
): string {
  switch (verification.kind) {
    case 'quorum':
      return verification.quorum === 1
        ? 'That costs nothing.'
        : `Checking costs ${formatShare(now)} on top of the computing.`;
    case 'stages':
    case 'sampled': {
      const those =
        connected === null
          ? 'four volunteers that are new to this program'
          : connectedText(connected);
      const later = `${formatShare(steady)} once they are known`;
      const both = now === steady ? '' : `, ${later}`;
      return `Checking costs about ${formatShare(now)} on top of the computing with ${those}${both}.`;
    }
    case 'algebraic':
      return (
        `Checking costs about ${formatShare(now)} of the computing, done by the coordinator; nothing is ` +
        'computed twice.'
      );
    default:
      return unreachable(verification satisfies never);
  }
}

function connectedText({ known, newcomers }: Volunteers): string {
  const count = known + newcomers;
  const noun = count === 1 ? 'volunteer that is' : 'volunteers that are';
  const fresh = newcomers === count ? (count === 1 ? ', new' : ', all new') : `, ${newcomers} new`;
  return `the ${count} ${noun} connected${newcomers === 0 ? '' : `${fresh} to this program`}`;
}

/** The odds of a job with their words. */
export function oddsView(verification: Verification, work: CheckedWork, liars: number): OddsView {
  const { wrongItems, anyWrong } = oddsOf(verification, work, liars);
  const text = oddsText(verification, { liars, wrongItems, anyWrong }, work.items);
  return { liars, wrongItems, anyWrong, text };
}

function oddsText(
  verification: Verification,
  { liars, wrongItems, anyWrong }: Omit<OddsView, 'text'>,
  items: number,
): string {
  if (verification.kind === 'algebraic') {
    return (
      'Whoever lies: an error of 100 times what rounding explains passes with a probability of at most ' +
      `${formatOdds(ALGEBRAIC_ESCAPE)}; errors as small as rounding are accepted.`
    );
  }
  if (wrongItems === 0) return 'Where nobody lies, only broken hardware can make an item wrong.';
  const expected = wrongItems * items;
  const here =
    expected >= 1
      ? `on average ${formatCount(Math.round(expected))} of these ${formatCount(items)}`
      : `this job has a wrong item at all with a probability of at most ${formatOdds(anyWrong)}`;
  return (
    `If one group does ${formatShare(liars)} of all computing and lies together, at most ` +
    `${shareOfItems(wrongItems)} wrong: ${here}.`
  );
}

const shareOfItems = (share: number): string =>
  share >= 0.001
    ? `${formatShare(share)} of the accepted items are`
    : `${formatOdds(share)} accepted items is`;
