/**
 * What a policy costs and lets through, as formulas: for estimates, for the choice of `auto`, and for
 * explanations. `coordinator/sim/odds` measures the same with production's rules; `odds.test.ts` there holds
 * one against the other.
 *
 * The assumption throughout: one group does a share `liars` of all the computing, gives the same wrong values
 * everywhere, and comes back under new names at no cost. Which shards it is given is chance. Everything said of
 * wrong items is an upper bound for the cleverest of the ways to lie that are simulated. Not in it: hardware
 * that is wrong by itself (about one item in 5 million, if one assignment of 512 in 10,000 has a fault).
 */
import { MAX_SAMPLE_CHECKS } from '../../shared/limits.ts';
import { STAGE_CHECKS, type Verification } from '../../shared/protocol/verification.ts';
import { assert, unreachable } from '../../shared/result.ts';
import { VECTORS } from './freivalds.ts';
import { needAfterDisagreement } from './replicate.ts';
import { LATER_STAGE_CHECKS } from './stages.ts';
import {
  BLIND_RATE,
  FIRST_ITEMS,
  GATE_CHECKS,
  LARGE_JOB_CHECKS,
  LATER_CHECKS,
  PROBATION_ITEMS,
  PROBATION_RATE,
  PROBE_RATE,
  gateOf,
} from './stream.ts';

/** Contributors that would compute a job: those whose streams have passed the least gate, and the others. */
export interface Volunteers {
  readonly known: number;
  readonly newcomers: number;
}

/** A job, as far as its odds are concerned. */
export interface CheckedWork {
  readonly items: number;
  readonly shards: number;
}

export interface Odds {
  /** Share of the accepted items that are wrong, at most. */
  readonly wrongItems: number;
  /** Probability that the job has a wrong item, at most. */
  readonly anyWrong: number;
}

/** An error of 100 times the check's threshold escapes one vector with 1/100 (docs/verification.md). */
export const ALGEBRAIC_ESCAPE = 100 ** -VECTORS;

export function oddsOf(verification: Verification, work: CheckedWork, liars: number): Odds {
  switch (verification.kind) {
    case 'quorum': {
      const wrongItems = wrongByQuorum(verification.quorum, liars);
      return { wrongItems, anyWrong: atLeastOne(wrongItems, work.shards) };
    }
    case 'sampled': {
      const wrongItems = wrongBySampling(liars, gateOf(verification));
      return { wrongItems, anyWrong: Math.min(1, wrongItems * work.items) };
    }
    case 'algebraic': {
      const wrongItems = Math.min(liars, ALGEBRAIC_ESCAPE);
      return { wrongItems, anyWrong: Math.min(liars, ALGEBRAIC_ESCAPE * work.items) };
    }
    case 'stages': {
      const wrongItems = wrongByStages(liars, verification.stages, verification.checks);
      return { wrongItems, anyWrong: Math.min(1, wrongItems * work.items) };
    }
    default:
      return unreachable(verification satisfies never);
  }
}

/** That something of probability `each` happens at least once in `times`. `log1p`: small ones stay exact. */
const atLeastOne = (each: number, times: number): number =>
  each >= 1 ? 1 : -Math.expm1(times * Math.log1p(-each));

/**
 * That the liars' value is accepted for a shard: every opinion is theirs with probability `liars`, theirs agree with
 * each other and the others' with each other. Follows the shard from opinion to opinion by production's own rule
 * for what comes after a disagreement: 2 opinions give f², 3 give f³ + 3 f³ (1 - f). The referee is right.
 */
export function wrongByQuorum(quorum: number, liars: number): number {
  assert(quorum >= 1 && liars >= 0 && liars <= 1, 'wrongByQuorum: no such quorum');
  const follow = (wrong: number, right: number): number => {
    const reports = wrong + right;
    const tied = wrong === right;
    if (reports >= quorum) {
      if (!tied && Math.max(wrong, right) >= quorum) return wrong > right ? 1 : 0;
      if (needAfterDisagreement(reports, tied, { quorum }).kind === 'referee') return 0;
    }
    return liars * follow(wrong + 1, right) + (1 - liars) * follow(wrong, right + 1);
  };
  return follow(0, 0);
}

/**
 * What the bound below leaves room for: the sabotage that fares best lets through 0.66 / (gate (1 - f)) of its group's
 * items with the least gate (simulated at f = 20 %), up to 1.1 with the largest, and half as much again where its group
 * does half of all. One that adapts, spoiling until it is found and then waiting, would fare a little better yet.
 */
const SABOTEUR_FACTOR = 2;

/**
 * A saboteur that spoils a share e of its items is found by a check with e (1 - f): accomplices' checks find nothing.
 * With x = gate e (1 - f), it passes a gate unseen with exp(-x). It has two before it is ejected, of which the second is
 * at least `FORGETTING_CHECKS`: were it no longer than the first, a share of about exp(-x) (x + 3/2) of its work
 * would become final, f e exp(-x) (x + 3/2) of all items would be wrong, and the most, at x = 1.6, would be
 * 1.1 f / (gate (1 - f)). Whoever spoils much more is ejected, much less hurts less.
 */
export const wrongBySampling = (liars: number, gate = GATE_CHECKS): number =>
  liars >= 1 ? 1 : Math.min(liars, (SABOTEUR_FACTOR * liars) / (gate * (1 - liars)));

/**
 * The same along a route, where an item is wrong if any of its stages is: the referee makes every check, so that
 * accomplices hide nothing from it.
 */
export const wrongByStages = (liars: number, stages: number, gate: number): number =>
  Math.min(1, stages * Math.min(liars, (SABOTEUR_FACTOR * liars) / gate));

/** The gate of stages that lets through no more; null where even the largest is not enough. */
export function stageChecksFor(mostWrong: number, liars: number, stages: number): number | null {
  const wanted = Math.ceil((SABOTEUR_FACTOR * liars * stages) / mostWrong);
  return wanted <= MAX_SAMPLE_CHECKS ? Math.max(STAGE_CHECKS, wanted) : null;
}

/** The smallest gate that lets through no more, in steps of the least; null where even the largest is not enough. */
export function checksFor(mostWrong: number, liars: number): number | null {
  const wanted = (SABOTEUR_FACTOR * liars) / (mostWrong * (1 - liars));
  const gate = Math.max(1, Math.ceil(wanted / GATE_CHECKS)) * GATE_CHECKS;
  return gate <= MAX_SAMPLE_CHECKS ? gate : null;
}

/**
 * The largest share of wrong items that a contributor may have, with 99 %, after so many clean checks in a row,
 * of which accomplices gave `liars`: (1 - e (1 - f))^checks = 1 %. Holds where it spoils items evenly.
 */
export function wrongAtMost(cleanChecks: number, liars: number): number {
  const effective = cleanChecks * (1 - liars);
  return effective <= 0 ? 1 : Math.min(1, Math.log(100) / effective);
}

/**
 * Of a job's probes, those that find no other contributor's report to be held against, as at the beginning; the
 * referee computes them. Measured with four hosts and 64 shards: 0.37 and 0.44. Alone, it is all of them.
 */
const UNMET = 0.4;

/** Executions of items that sampling adds to a job where nobody lies. */
export interface SamplingWork {
  readonly byHosts: number;
  readonly byReferee: number;
}

/** Executions that check `each` items of one contributor, before the referee makes up for what its gate lacks. */
function drawnOf(each: number, isKnown: boolean, isAlone: boolean): SamplingWork {
  const probation = isKnown ? 0 : Math.max(0, Math.min(each, PROBATION_ITEMS) - FIRST_ITEMS);
  const probes = PROBATION_RATE * probation + PROBE_RATE * (each - probation);
  const unmet = (isAlone ? 1 : UNMET) * probes;
  return { byHosts: probes - unmet, byReferee: unmet + BLIND_RATE * each };
}

/** A probe that a host brings checks the items of two: as many of the others' check this one's. */
const checksOf = ({ byHosts, byReferee }: SamplingWork): number => 2 * byHosts + byReferee;

/**
 * Work is shared evenly. A contributor's items are checked by its own probes, by as many of the others' (but for
 * `UNMET`), and blindly; what is missing of the gate (or of the checks after its last reports) the referee makes up for.
 */
export function samplingWork(
  items: number,
  { known, newcomers }: Volunteers,
  gate = GATE_CHECKS,
): SamplingWork {
  const count = known + newcomers;
  assert(count > 0, 'samplingWork: no volunteers');
  const each = items / count;
  const one = (isKnown: boolean): SamplingWork => {
    const drawn = drawnOf(each, isKnown, count === 1);
    const met = checksOf(drawn);
    const missing = Math.max(LATER_CHECKS, (isKnown ? gate - GATE_CHECKS : gate) - met);
    const topUp = Math.max(0, Math.min(missing, each - met));
    return { byHosts: drawn.byHosts, byReferee: drawn.byReferee + topUp };
  };
  const [old, fresh] = [one(true), one(false)];
  return {
    byHosts: known * old.byHosts + newcomers * fresh.byHosts,
    byReferee: known * old.byReferee + newcomers * fresh.byReferee,
  };
}

/** Steps in which a gate rises: policies are named by it, and an estimate should not change with every item. */
const GATE_STEP = 256;

/**
 * The largest gate, up to that of large jobs, that all pass by what a job draws of their items anyway, so that it
 * costs no more than the least; also where as many newcomers again join while it is under way.
 */
export function gateForNothing(items: number, { known, newcomers }: Volunteers): number {
  const count = 2 * (known + newcomers);
  assert(count > 0, 'gateForNothing: no volunteers');
  const passed = checksOf(drawnOf(items / count, false, false));
  const gate = Math.floor(Math.min(LARGE_JOB_CHECKS, passed) / GATE_STEP) * GATE_STEP;
  return Math.max(GATE_CHECKS, gate);
}

/**
 * Executions of items by the referee for those of one stage, where one route computes the whole job: what is drawn of
 * its reports, and at the end what its contributor lacks of the gate.
 */
function stageSamples(items: number, gate: number, isKnown: boolean): number {
  const probation = isKnown ? 0 : Math.max(0, Math.min(items, PROBATION_ITEMS) - FIRST_ITEMS);
  const drawn = PROBATION_RATE * probation + PROBE_RATE * (items - probation);
  const missing = Math.max(LATER_STAGE_CHECKS, isKnown ? 0 : gate - drawn);
  return drawn + Math.max(0, Math.min(missing, items - drawn));
}

/**
 * Checking as a share of the job's own computing, where nobody lies. `algebraicShare`: arithmetic of an
 * algebraic check beside what it checks.
 */
export function checkingCost(
  verification: Verification,
  { items }: CheckedWork,
  volunteers: Volunteers,
  algebraicShare: number,
): number {
  switch (verification.kind) {
    case 'quorum':
      return verification.quorum - 1;
    case 'sampled': {
      const { byHosts, byReferee } = samplingWork(items, volunteers, gateOf(verification));
      return (byHosts + byReferee) / items;
    }
    case 'algebraic':
      return algebraicShare;
    case 'stages':
      return stageSamples(items, verification.checks, volunteers.newcomers === 0) / items;
    default:
      return unreachable(verification satisfies never);
  }
}

/**
 * Arithmetic of checking the products of one item by Freivalds beside the item's own: for [m,k] times [k,n] three
 * passes over the matrices per vector instead of the product.
 */
export function algebraicShareOf(
  products: readonly { readonly m: number; readonly k: number; readonly n: number }[],
  flopsPerItem: number,
): number {
  const passes = products.reduce((sum, { m, k, n }) => sum + m * k + k * n + m * n, 0);
  return (2 * VECTORS * passes) / flopsPerItem;
}
