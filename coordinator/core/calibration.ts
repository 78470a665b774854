/**
 * How far honest engines are apart on one program, and the acceptance that follows: a profile per unordered pair of
 * engine classes, learned from comparisons that agreed.
 *
 * It only tightens what the author's rule allows. Invariant: from the first established value the threshold grows by
 * at most `MOST_LOOSENING` in all, however slowly somebody raises the noise; more wants an operator.
 */
import {
  worstOf,
  NO_DIFFERENCE,
  type Acceptance,
  type Difference,
} from '../../shared/acceptance.ts';
import type { ContributorId } from '../../shared/ids.ts';
import type { TensorSpec } from '../../shared/tensor.ts';

/** Of one pair of classes on one program; both may be the same class. */
export interface Calibration {
  /** Of `programKeyOf`. */
  readonly program: string;
  /** Sorted. */
  readonly classes: readonly [string, string];
  /** Items compared, in all. */
  readonly comparisons: number;
  /** Who was compared, as many as are needed to establish a threshold. */
  readonly contributors: readonly ContributorId[];
  /** Items compared in the bucket that is being filled, and the worst of it and of the one before. */
  readonly inBucket: number;
  readonly worst: Difference;
  readonly worstBefore: Difference;
  readonly state: CalibrationState;
}

export type CalibrationState =
  /** Too little is known: the author's rule stands. */
  | { readonly kind: 'learning' }
  | {
      readonly kind: 'established';
      /** What growth is measured from: the first value, or the one that an operator accepted last. */
      readonly first: Difference;
      readonly threshold: Difference;
      /** More than may be granted: an alarm while it stands. */
      readonly wanted: Difference | null;
    };

/** A threshold is this many times the worst honest figure: rarer data may be that much noisier, f16 is 100 times. */
export const MARGIN = 8;
/** Items compared, and contributors they are of, before a threshold is established. */
export const ESTABLISHING_COMPARISONS = 256;
export const ESTABLISHING_CONTRIBUTORS = 3;
/** Worst figures older than one to two buckets are forgotten, so that one odd item does not stay for ever. */
const BUCKET_COMPARISONS = 1024;
/** Of a threshold over the first one, without an operator. */
export const MOST_LOOSENING = 2;
/**
 * No threshold is below this: 32 units in the last place of f32 for the norm, 256 for one element. Engines of one class
 * may agree to the bit for a long time before one comes that adds in another order.
 */
export const FLOOR: Difference = { relativeL2: 2 ** -18, elementError: 2 ** -15 };
/** The same of f16, for programs that have such outputs. */
const HALF_FLOOR: Difference = { relativeL2: 2 ** -5, elementError: 2 ** -2 };

export const newCalibration = (
  program: string,
  classes: readonly [string, string],
): Calibration => ({
  program,
  classes,
  comparisons: 0,
  contributors: [],
  inBucket: 0,
  worst: NO_DIFFERENCE,
  worstBefore: NO_DIFFERENCE,
  state: { kind: 'learning' },
});

/** Agreeing comparisons of one report with one other, or with the referee. */
export interface HonestComparisons {
  readonly items: number;
  readonly worst: Difference;
  /** Whose items they were; one where the referee was the other side. */
  readonly contributors: readonly ContributorId[];
}

export function afterComparisons(
  calibration: Calibration,
  { items, worst, contributors }: HonestComparisons,
): Calibration {
  const isFull = calibration.inBucket >= BUCKET_COMPARISONS;
  const next: Calibration = {
    ...calibration,
    comparisons: calibration.comparisons + items,
    contributors: withContributors(calibration.contributors, contributors),
    inBucket: isFull ? items : calibration.inBucket + items,
    worst: isFull ? worst : worstOf(calibration.worst, worst),
    worstBefore: isFull ? calibration.worst : calibration.worstBefore,
  };
  return { ...next, state: recalibrated(next) };
}

/** An operator accepts what was wanted: growth is measured from it now. Unchanged where nothing is wanted. */
export function afterLoosening(calibration: Calibration): Calibration {
  const { state } = calibration;
  if (state.kind !== 'established' || state.wanted === null) return calibration;
  const { wanted } = state;
  return {
    ...calibration,
    state: { kind: 'established', first: wanted, threshold: wanted, wanted: null },
  };
}

/** What the worst honest figures are worth as a threshold. */
export const thresholdOf = (worst: Difference): Difference => ({
  relativeL2: Math.max(FLOOR.relativeL2, MARGIN * worst.relativeL2),
  elementError: Math.max(FLOOR.elementError, MARGIN * worst.elementError),
});

/** The author's rule, tightened to a threshold; `outputs` of one item. Never looser than the author's. */
export function tightened(
  rule: Acceptance,
  threshold: Difference,
  outputs: Readonly<Record<string, TensorSpec>>,
): Acceptance {
  if (rule.kind === 'exact') return rule;
  const hasHalves = Object.values(outputs).some(({ dtype }) => dtype === 'F16');
  const { relativeL2, elementError } = hasHalves ? worstOf(threshold, HALF_FLOOR) : threshold;
  return {
    ...rule,
    maxRelativeL2: Math.min(rule.maxRelativeL2, relativeL2),
    maxElementError: Math.min(rule.maxElementError, elementError),
  };
}

/** The rule for a pair of classes: the author's own until enough is known. */
export function ruleBy(
  calibration: Calibration | undefined,
  rule: Acceptance,
  outputs: Readonly<Record<string, TensorSpec>>,
): Acceptance {
  if (calibration?.state.kind !== 'established') return rule;
  return tightened(rule, calibration.state.threshold, outputs);
}

export const sortedPair = (a: string, b: string): readonly [string, string] =>
  a <= b ? [a, b] : [b, a];

function recalibrated(next: Calibration): CalibrationState {
  const wanted = thresholdOf(worstOf(next.worst, next.worstBefore));
  if (next.state.kind === 'learning') {
    const isEnough =
      next.comparisons >= ESTABLISHING_COMPARISONS &&
      next.contributors.length >= ESTABLISHING_CONTRIBUTORS;
    if (!isEnough) return next.state;
    return { kind: 'established', first: wanted, threshold: wanted, wanted: null };
  }
  const { first } = next.state;
  const threshold = {
    relativeL2: Math.min(wanted.relativeL2, MOST_LOOSENING * first.relativeL2),
    elementError: Math.min(wanted.elementError, MOST_LOOSENING * first.elementError),
  };
  const isBeyond =
    wanted.relativeL2 > threshold.relativeL2 || wanted.elementError > threshold.elementError;
  return { kind: 'established', first, threshold, wanted: isBeyond ? wanted : null };
}

function withContributors(
  known: readonly ContributorId[],
  more: readonly ContributorId[],
): readonly ContributorId[] {
  if (known.length >= ESTABLISHING_CONTRIBUTORS) return known;
  return [...new Set([...known, ...more])].slice(0, ESTABLISHING_CONTRIBUTORS);
}
