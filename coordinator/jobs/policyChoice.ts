/**
 * Which policy a job gets: what its author asked for, or for `auto` the cheapest that meets the author's bound;
 * and what every other one would cost and let through.
 *
 * Pure. Invariant: an explicit wish is kept, but for `sampled` in a job that is too small for it.
 */
import { MAX_QUORUM, MAX_SAMPLE_CHECKS } from '../../shared/limits.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import {
  policyName,
  type Asked,
  type Offer,
  type Verification,
} from '../../shared/protocol/verification.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { formatCount, formatOdds, formatShare } from '../../shared/units.ts';
import {
  checkingCost,
  checksFor,
  gateForNothing,
  samplingWork,
  stageChecksFor,
  type Volunteers,
} from '../core/odds.ts';
import { jobPrice } from '../core/plan.ts';
import { opinionsOf } from '../core/replicate.ts';
import { GATE_CHECKS, gateOf } from '../core/stream.ts';
import type { Cut } from './cut.ts';
import { costText, doneText, liarsOf, oddsView } from './policyWords.ts';

/** Everything about a job that the choice depends on. */
export interface Prospect {
  readonly items: number;
  /** Held open for items that are not known yet. */
  readonly open: boolean;
  /** What its author offers, in percent of the list price; that price where absent. */
  readonly ratePercent?: number | undefined;
  readonly flopsPerItem: number;
  readonly refereeMsPerItem: number;
  /** Connected now. */
  readonly volunteers: Volunteers;
  /** Arithmetic of the algebraic check beside what it checks; null where the program has none. */
  readonly algebraicShare: number | null;
  /** Outputs of honest devices may differ in their last bits, and must be equal to be accepted. */
  readonly honestMayDiffer: boolean;
  /** Of the model; null where one host computes all of it. */
  readonly stages: number | null;
  readonly cutFor: (sampled: boolean) => Result<Cut, Problem>;
}

export interface Choice {
  readonly cut: Cut;
  readonly offer: Offer;
  /** How what was asked for led to it, in plain words. */
  readonly why: string;
  readonly alternatives: readonly Offer[];
}

/** Where nobody is connected yet. */
const ASSUMED: Volunteers = { known: 0, newcomers: 4 };
/** So many contributors that are new to a program are through the gate (`core/stream.ts`) in such a job. */
export const smallestFor = (checks: number): number => ASSUMED.newcomers * checks;
/**
 * `auto` samples where the referee's part is done in this time, or is a small share of the job: it is one thread, and
 * a job must not wait for it longer than a second computation by volunteers would take.
 */
const MOST_REFEREE_MS = 60_000;
const MOST_REFEREE_SHARE = 0.04;

export function choosePolicy(asked: Asked, prospect: Prospect): Result<Choice, Problem> {
  const liars = liarsOf(asked);
  if (prospect.stages !== null) return chooseForStages(asked, prospect, prospect.stages, liars);
  if (asked.kind === 'auto') {
    const plain = prospect.cutFor(false);
    if (!plain.ok) return plain;
    const offers = offersFor(asked, prospect, liars);
    const good = offers
      .filter(({ offer }) => offer.odds.wrongItems <= asked.mostWrong)
      .sort((a, b) => a.offer.cost.now - b.offer.cost.now);
    const [best] = good;
    if (best === undefined) return fail(boundUnmet(asked, offers));
    return ok({ ...best, why: whyOfAuto(asked, best.offer, prospect), ...others(offers, best) });
  }
  const fits = asked.kind !== 'sampled' || prospect.items >= smallestFor(gateOf(asked));
  const verification: Verification = fits
    ? asked
    : { kind: 'quorum', quorum: 2, secondOpinion: asked.secondOpinion };
  const chosen = offerOf(verification, prospect, liars);
  if (!chosen.ok) return chosen;
  const why = fits ? 'This is what you asked for.' : tooSmall(prospect.items, gateOf(asked));
  return ok({ ...chosen.value, why, ...others(offersFor(asked, prospect, liars), chosen.value) });
}

/** Stages are checked one by one: nothing else knows whose of them was wrong. */
function chooseForStages(
  asked: Asked,
  prospect: Prospect,
  stages: number,
  liars: number,
): Result<Choice, Problem> {
  if (asked.kind !== 'auto') {
    return fail({
      code: 'invalid-field',
      detail: 'a model that is cut into stages is checked stage by stage, and in no other way',
      field: 'verification',
      expected: 'auto, with mostWrong and liars as you wish',
      came: policyName(asked),
      fix: 'leave verification out, or post the model whole',
    });
  }
  const checks = stageChecksFor(asked.mostWrong, asked.liars, stages);
  const most = offerOf(
    { kind: 'stages', stages, checks: checks ?? MAX_SAMPLE_CHECKS },
    prospect,
    liars,
  );
  if (!most.ok) return most;
  if (checks === null) return fail(boundUnmet(asked, [most.value]));
  const why = 'A model that is cut into stages is checked stage by stage.';
  return ok({ ...most.value, why, alternatives: [] });
}

interface CutOffer {
  readonly cut: Cut;
  readonly offer: Offer;
}

const others = (offers: readonly CutOffer[], chosen: CutOffer) => ({
  alternatives: offers
    .map(({ offer }) => offer)
    .filter((offer) => policyName(offer.verification) !== policyName(chosen.offer.verification)),
});

/** Every policy that could be used. A cut that cannot be made leaves its policies out. */
function offersFor(asked: Asked, prospect: Prospect, liars: number): CutOffer[] {
  const wished = 'secondOpinion' in asked ? asked.secondOpinion : 'contributors';
  const policies: Verification[] = [];
  if (prospect.algebraicShare !== null) policies.push({ kind: 'algebraic' });
  // The job must end whoever is there: what volunteers do not check, the referee does.
  const secondOpinion = asked.kind === 'auto' ? 'referee' : wished;
  for (const checks of gatesFor(asked, prospect)) {
    if (whyNotSampled(prospect, checks) !== null) continue;
    const more = checks === GATE_CHECKS ? {} : { checks };
    policies.push({ kind: 'sampled', ...more, secondOpinion });
  }
  for (let quorum = 2; quorum <= MAX_QUORUM; quorum++)
    policies.push({ kind: 'quorum', quorum, secondOpinion: wished });
  return policies.flatMap((policy) => {
    const offer = offerOf(policy, prospect, liars);
    return offer.ok ? [offer.value] : [];
  });
}

/** What costs no more than the least, and where that lets through more than is wanted, the one that does not. */
function gatesFor(asked: Asked, { items, open, volunteers }: Prospect): number[] {
  if (asked.kind !== 'auto') return [GATE_CHECKS];
  // Of a job that is held open nobody knows what will be added, and without volunteers how little each will compute.
  const isForeseen = !open && hasAny(volunteers);
  const least = isForeseen ? gateForNothing(items, volunteers) : GATE_CHECKS;
  const enough = checksFor(asked.mostWrong, asked.liars);
  return enough === null || enough <= least ? [least] : [least, enough];
}

function offerOf(
  verification: Verification,
  prospect: Prospect,
  liars: number,
): Result<CutOffer, Problem> {
  const cut = prospect.cutFor(verification.kind === 'sampled');
  if (!cut.ok) return cut;
  const volunteers = expected(prospect.volunteers);
  const connected = hasAny(prospect.volunteers) ? volunteers : null;
  const count = volunteers.known + volunteers.newcomers;
  const costWith = (policy: Verification, those: Volunteers): number =>
    checkingCost(policy, cut.value, those, prospect.algebraicShare ?? 0);
  // Who is known has passed the gate that is asked for: it costs no more than the least.
  const passed = verification.kind === 'sampled' ? SAMPLED : verification;
  const cost = {
    now: costWith(verification, volunteers),
    steady: costWith(passed, { known: count, newcomers: 0 }),
  };
  const odds = oddsView(verification, cut.value, liars);
  const { flopsPerItem, ratePercent } = prospect;
  const opinions = opinionsOf(verification);
  const price = jobPrice(cut.value, flopsPerItem, opinions, ratePercent).toString();
  const words = [doneText(verification), costText(verification, cost, connected), odds.text];
  return ok({ cut: cut.value, offer: { verification, cost, odds, price, text: words.join(' ') } });
}

const SAMPLED: Verification = { kind: 'sampled', secondOpinion: 'contributors' };
const hasAny = ({ known, newcomers }: Volunteers): boolean => known + newcomers > 0;
const expected = (connected: Volunteers): Volunteers => (hasAny(connected) ? connected : ASSUMED);

/** In plain words, why a job should not be sampled; null where it may be. */
function whyNotSampled(prospect: Prospect, checks = GATE_CHECKS): string | null {
  const { items, refereeMsPerItem, volunteers, honestMayDiffer } = prospect;
  if (items < smallestFor(checks)) {
    const least = formatCount(smallestFor(checks));
    return `sampling needs at least ${least} items, and there are ${formatCount(items)}`;
  }
  if (honestMayDiffer) {
    return 'sampling would call honest devices wrong, whose floats differ in the last bits';
  }
  const { byReferee } = samplingWork(items, expected(volunteers), checks);
  const refereeMs = byReferee * refereeMsPerItem;
  if (refereeMs <= MOST_REFEREE_MS || byReferee <= MOST_REFEREE_SHARE * items) return null;
  return (
    `sampling so few items of so many volunteers would leave ${formatCount(byReferee)} items ` +
    `(${formatCount(refereeMs / 1000)} s) to the referee`
  );
}

function whyOfAuto(
  { mostWrong, liars }: Extract<Asked, { kind: 'auto' }>,
  chosen: Offer,
  prospect: Prospect,
): string {
  const bound =
    `The cheapest that lets through at most ${formatShare(mostWrong)} wrong items if one group does ` +
    `${formatShare(liars)} of all computing and lies together`;
  const not = chosen.verification.kind === 'quorum' ? whyNotSampled(prospect) : null;
  return not === null ? `${bound}.` : `${bound}; ${not}.`;
}

const tooSmall = (items: number, checks: number): string =>
  `You asked for samples, and the job is too small: it has ${formatCount(items)} items, and below ` +
  `${formatCount(smallestFor(checks))} its volunteers would have to be checked as much as they compute. So two ` +
  'unrelated volunteers compute every item.';

function boundUnmet(
  { mostWrong, liars }: Extract<Asked, { kind: 'auto' }>,
  offers: readonly CutOffer[],
): Problem {
  const [best] = offers
    .map(({ offer }) => offer)
    .sort((a, b) => a.odds.wrongItems - b.odds.wrongItems);
  const reached =
    best === undefined
      ? 'none'
      : `${roundedUp(best.odds.wrongItems)} (${formatOdds(best.odds.wrongItems)}), by ${policyName(best.verification)}`;
  return {
    code: 'bound-unmet',
    detail: `no way of checking this job lets through so few wrong items if ${formatShare(liars)} of all computing lies together`,
    field: 'verification.mostWrong',
    expected: `at least ${reached}`,
    came: String(mostWrong),
    fix: 'accept more wrong items (mostWrong, --most-wrong), assume fewer liars (liars, --liars), or ask for a policy by its name',
  };
}

/** To two significant digits, and not below: what is asked for next must be met. */
function roundedUp(share: number): number {
  const unit = 10 ** (Math.floor(Math.log10(share)) - 1);
  return Number((Math.ceil(share / unit) * unit).toPrecision(2));
}
