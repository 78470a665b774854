/**
 * How far two computations of the same items are apart, item by item, in the figures that the acceptance rule bounds.
 */
import {
  compareOutputs,
  worstOf,
  NO_DIFFERENCE,
  type Acceptance,
  type Difference,
} from '../../shared/acceptance.ts';
import type { ContributorId } from '../../shared/ids.ts';
import {
  afterComparisons,
  ESTABLISHING_COMPARISONS,
  newCalibration,
  ruleBy,
  sortedPair,
} from '../../coordinator/core/calibration.ts';
import { itemOf, type NamedTensors } from '../../shared/tensor.ts';

/** Bounds nothing, so that only figures come. */
const MEASURE: Acceptance = {
  kind: 'relative-l2',
  maxRelativeL2: Infinity,
  maxElementError: Infinity,
  nonFinite: 'refuse',
};

/** Of every item, the worst over its outputs. */
export function differencesOf(a: NamedTensors, b: NamedTensors): Difference[] {
  const items = Object.values(a)[0]!.dims[0]!;
  return Array.from(
    { length: items },
    (_, item) => compareOutputs(rowOf(a, item), rowOf(b, item), 1, MEASURE).worst,
  );
}

/** The rule that the coordinator would learn from the first half of what two honest engines made of the same items. */
export function learnedRule(rule: Acceptance, a: NamedTensors, b: NamedTensors): Acceptance {
  const honest = differencesOf(a, b);
  const worst = honest.slice(0, Math.ceil(honest.length / 2)).reduce(worstOf, NO_DIFFERENCE);
  const contributors = ['one', 'two', 'three'] as ContributorId[];
  const items = ESTABLISHING_COMPARISONS;
  const unknown = newCalibration('any', sortedPair('a', 'b'));
  return ruleBy(afterComparisons(unknown, { items, worst, contributors }), rule, a);
}

/** Items that the rule refuses. */
export function refusedBy(rule: Acceptance, a: NamedTensors, b: NamedTensors): number {
  const items = Object.values(a)[0]!.dims[0]!;
  const compared = compareOutputs(a, b, items, rule);
  return compared.kind === 'agree' ? 0 : compared.items.length;
}

const rowOf = (tensors: NamedTensors, row: number): NamedTensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const item = itemOf(tensor, row);
      return [name, { ...item, dims: [1, ...item.dims] }];
    }),
  );
