/**
 * The rule by which two outputs agree. The production validator, the GPU tests and the benchmarks all
 * use this one function.
 *
 * Every rule is symmetric in its two sides, so a set of reports is judged the same in any order.
 * Integers and booleans must always be equal. Floats are compared item by item, never by cosine,
 * ULP distance or a per-element tolerance alone (reference: Sarmenta, TAO; see docs/verification.md).
 */
import { equalBytes } from './bytes.ts';
import { assert } from './result.ts';
import { itemOf, valuesOf, type NamedTensors, type Tensor } from './tensor.ts';

/**
 * - `exact`: equal bytes.
 * - `relative-l2`: per item and output, ||a-b|| / max(||a||,||b||) <= maxRelativeL2, and no single element
 *   is off by more than maxElementError times the larger RMS.
 * - `label`: `relative-l2` as above, but an item may also differ in its argmax only where the margin
 *   between its two best values is below `margin` times its RMS.
 */
export type Acceptance =
  | { readonly kind: 'exact'; readonly nonFinite: NonFinite }
  | {
      readonly kind: 'relative-l2';
      readonly maxRelativeL2: number;
      readonly maxElementError: number;
      readonly nonFinite: NonFinite;
    }
  | {
      readonly kind: 'label';
      readonly maxRelativeL2: number;
      readonly maxElementError: number;
      readonly margin: number;
      readonly nonFinite: NonFinite;
    };

/** `refuse`: a NaN or infinity is a bad report. `data`: it is legitimate, and must be equal in place and kind. */
export type NonFinite = 'refuse' | 'data';

/** How far two values are apart, in the two figures that a rule bounds; 0 where the bytes are equal. */
export interface Difference {
  /** ||a-b|| / max(||a||,||b||). */
  readonly relativeL2: number;
  /** The largest difference of one element, in multiples of the larger RMS. */
  readonly elementError: number;
}

export const NO_DIFFERENCE: Difference = { relativeL2: 0, elementError: 0 };
/** Of values that cannot be compared by size: integers, or non-finite values out of place. */
const INCOMPARABLE: Difference = { relativeL2: Infinity, elementError: Infinity };

export const worstOf = (a: Difference, b: Difference): Difference => ({
  relativeL2: Math.max(a.relativeL2, b.relativeL2),
  elementError: Math.max(a.elementError, b.elementError),
});

/** `worst` is over all items and outputs, each figure by itself. */
export type Comparison =
  | { readonly kind: 'agree'; readonly worst: Difference }
  | {
      readonly kind: 'disagree';
      /** Positions (not item indices) of the items that differ. Never empty. */
      readonly items: readonly number[];
      /** For a person: the first difference, with its figure. */
      readonly reason: string;
      readonly worst: Difference;
    };

/** Compares the outputs of the same items, in the same order; every tensor is `[items, ...]`. */
export function compareOutputs(
  a: NamedTensors,
  b: NamedTensors,
  items: number,
  rule: Acceptance,
): Comparison {
  const names = Object.keys(a);
  assert(names.length === Object.keys(b).length, 'compareOutputs: one side has more outputs');
  const differing = new Set<number>();
  let reason: string | undefined;
  let worst = NO_DIFFERENCE;
  for (const [name, left] of Object.entries(a)) {
    const right = b[name];
    assert(right !== undefined, `compareOutputs: output ${name} is on one side only`);
    assert(left.dtype === right.dtype, `compareOutputs: ${name} has two dtypes`);
    for (let item = 0; item < items; item++) {
      const difference = compareItem(itemOf(left, item), itemOf(right, item), rule);
      worst = worstOf(worst, difference);
      if (difference.reason === undefined) continue;
      differing.add(item);
      reason ??= `output "${name}" of item ${item}: ${difference.reason}`;
    }
  }
  if (reason === undefined) return { kind: 'agree', worst };
  return { kind: 'disagree', items: [...differing].sort((x, y) => x - y), reason, worst };
}

/** How two values of one item differ; `reason` is absent where the rule accepts the difference. */
interface ItemDifference extends Difference {
  readonly reason?: string;
}

function compareItem(a: Tensor, b: Tensor, rule: Acceptance): ItemDifference {
  if (equalBytes(a.bytes, b.bytes)) return NO_DIFFERENCE;
  if (rule.kind === 'exact' || !isFloat(a)) {
    return { ...INCOMPARABLE, reason: 'the values are not equal' };
  }
  const x = floatsOf(a);
  const y = floatsOf(b);
  const norms = differenceNorms(x, y, 1);
  if (norms === null) {
    return { ...INCOMPARABLE, reason: 'non-finite values differ in place or kind' };
  }
  const squares = Math.max(norms.squaresA, norms.squaresB);
  if (squares >= SMALLEST_SQUARES && squares <= LARGEST_SQUARES) {
    return judgeNorms(x, y, norms, 1, rule);
  }
  // Some f64 values have squares beyond f64: the largest magnitude becomes the unit.
  const unit = Math.max(largestMagnitude(x), largestMagnitude(y));
  // All zero on both sides is equal up to the sign of zero: no difference.
  if (unit === 0) return NO_DIFFERENCE;
  return judgeNorms(x, y, differenceNorms(x, y, unit)!, unit, rule);
}

/** Sums of squares outside of these may have lost addends to underflow or overflow. */
const SMALLEST_SQUARES = 1e-270;
const LARGEST_SQUARES = 1e300;

/** `norms` are in multiples of `unit`. */
function judgeNorms(
  x: Floats,
  y: Floats,
  norms: DifferenceNorms,
  unit: number,
  rule: Exclude<Acceptance, { kind: 'exact' }>,
): ItemDifference {
  const scale = Math.sqrt(Math.max(norms.squaresA, norms.squaresB));
  const relativeL2 = Math.sqrt(norms.squaresDifference) / scale;
  const rms = scale / Math.sqrt(x.length);
  const difference = { relativeL2, elementError: norms.maxDifference / rms };
  if (relativeL2 > rule.maxRelativeL2) {
    const reason = `relative L2 ${figure(relativeL2)} > ${figure(rule.maxRelativeL2)}`;
    return { ...difference, reason };
  }
  if (difference.elementError > rule.maxElementError) {
    const off = figure(difference.elementError);
    const reason = `one element is off by ${off} RMS > ${figure(rule.maxElementError)}`;
    return { ...difference, reason };
  }
  if (rule.kind === 'label' && !sameLabel(x, y, rule.margin * rms * unit)) {
    return { ...difference, reason: 'the label differs by more than the margin' };
  }
  return difference;
}

interface DifferenceNorms {
  readonly squaresA: number;
  readonly squaresB: number;
  readonly squaresDifference: number;
  readonly maxDifference: number;
}

/**
 * Sums over the finite elements, in multiples of `unit`; null where a non-finite one differs in place or
 * kind.
 */
function differenceNorms(x: Floats, y: Floats, unit: number): DifferenceNorms | null {
  let squaresA = 0;
  let squaresB = 0;
  let squaresDifference = 0;
  let maxDifference = 0;
  for (let i = 0; i < x.length; i++) {
    const p = x[i]! / unit;
    const q = y[i]! / unit;
    if (!Number.isFinite(p) || !Number.isFinite(q)) {
      if (Object.is(p, q)) continue;
      return null;
    }
    const difference = Math.abs(p - q);
    squaresA += p * p;
    squaresB += q * q;
    squaresDifference += difference * difference;
    if (difference > maxDifference) maxDifference = difference;
  }
  return { squaresA, squaresB, squaresDifference, maxDifference };
}

function largestMagnitude(values: Floats): number {
  let largest = 0;
  for (const value of values) {
    if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  }
  return largest;
}

function sameLabel(x: Floats, y: Floats, margin: number): boolean {
  const labelX = argmax(x);
  const labelY = argmax(y);
  if (labelX === labelY) return true;
  return x[labelX]! - x[labelY]! <= margin && y[labelY]! - y[labelX]! <= margin;
}

function argmax(values: Floats): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** Position of the first NaN or infinity of a float tensor, or -1. */
export function firstNonFinite(tensor: Tensor): number {
  if (!isFloat(tensor)) return -1;
  if (tensor.dtype === 'F16') {
    // An f16 is non-finite when all five exponent bits are set.
    return (valuesOf(tensor) as Uint16Array).findIndex((bits) => (bits & 0x7c00) === 0x7c00);
  }
  return (valuesOf(tensor) as Float64Array).findIndex((value) => !Number.isFinite(value));
}

type Floats = Float32Array | Float64Array;

export const isFloat = ({ dtype }: Pick<Tensor, 'dtype'>): boolean =>
  dtype === 'F32' || dtype === 'F64' || dtype === 'F16';

function floatsOf(tensor: Tensor): Floats {
  const values = valuesOf(tensor);
  return values instanceof Uint16Array
    ? Float32Array.from(values, floatFromHalf)
    : (values as Floats);
}

/** IEEE 754 binary16 bits to a number. */
function floatFromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * 2 ** -24 * fraction;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

const figure = (value: number): string => value.toExponential(2);
