import { describe, expect, it } from 'vitest';
import type { Acceptance, Difference } from '../../shared/acceptance.ts';
import type { ContributorId } from '../../shared/ids.ts';
import {
  afterComparisons,
  afterLoosening,
  ESTABLISHING_COMPARISONS,
  FLOOR,
  MARGIN,
  MOST_LOOSENING,
  newCalibration,
  ruleBy,
  sortedPair,
  thresholdOf,
  type Calibration,
} from './calibration.ts';

const AUTHORS: Acceptance = {
  kind: 'relative-l2',
  maxRelativeL2: 1e-4,
  maxElementError: 1e-3,
  nonFinite: 'refuse',
};
const F32 = { y: { dtype: 'F32', dims: [4] } } as const;
const people = ['a', 'b', 'c', 'd'] as ContributorId[];
const figures = (relativeL2: number): Difference => ({ relativeL2, elementError: 10 * relativeL2 });

const newPair = () => newCalibration('v1/model', sortedPair('webgpu/x', 'wasm'));

/** `items` comparisons of the pairs of these people, all this far apart. */
const compared = (
  calibration: Calibration,
  relativeL2: number,
  items = ESTABLISHING_COMPARISONS,
  contributors: readonly ContributorId[] = people,
): Calibration =>
  afterComparisons(calibration, { items, worst: figures(relativeL2), contributors });

const thresholdNow = ({ state }: Calibration) =>
  state.kind === 'established' ? state.threshold : null;
const wantedNow = ({ state }: Calibration) => (state.kind === 'established' ? state.wanted : null);

describe('establishing', () => {
  it('a pair of classes is unordered', () => {
    expect(sortedPair('webgpu/x', 'wasm')).toEqual(sortedPair('wasm', 'webgpu/x'));
  });

  it('takes enough items, of at least three contributors; until then the author’s rule stands', () => {
    const few = compared(newPair(), 1e-6, ESTABLISHING_COMPARISONS - 1);
    expect(thresholdNow(few)).toBeNull();
    expect(ruleBy(few, AUTHORS, F32)).toEqual(AUTHORS);
    expect(ruleBy(undefined, AUTHORS, F32)).toEqual(AUTHORS);
    expect(thresholdNow(compared(few, 1e-6, 1))).not.toBeNull();
    const two = compared(newPair(), 1e-6, 10_000, people.slice(0, 2));
    expect(thresholdNow(two)).toBeNull();
    expect(thresholdNow(compared(two, 1e-6, 1, people.slice(2, 3)))).not.toBeNull();
  });

  it('gives a margin over the worst, never below the floor', () => {
    const known = compared(compared(newPair(), 1e-6, 200), 3e-6, 56);
    expect(thresholdNow(known)).toEqual({
      relativeL2: MARGIN * 3e-6,
      elementError: MARGIN * 10 * 3e-6,
    });
    expect(thresholdNow(compared(newPair(), 0))).toEqual(FLOOR);
  });

  it('tightens what the author allows, and never loosens it', () => {
    const known = compared(newPair(), 1e-6);
    const { relativeL2, elementError } = figures(1e-6);
    expect(ruleBy(known, AUTHORS, F32)).toEqual({
      ...AUTHORS,
      maxRelativeL2: MARGIN * relativeL2,
      maxElementError: MARGIN * elementError,
    });
    const strict = { ...AUTHORS, maxRelativeL2: 1e-7, maxElementError: 1e-6 };
    expect(ruleBy(known, strict, F32)).toEqual(strict);
    const label = { ...AUTHORS, kind: 'label', margin: 0.1 } as const;
    expect(ruleBy(known, label, F32)).toMatchObject({ margin: 0.1, maxRelativeL2: MARGIN * 1e-6 });
    const exact = { kind: 'exact', nonFinite: 'refuse' } as const;
    expect(ruleBy(known, exact, F32)).toEqual(exact);
  });

  it('half-precision outputs have a floor of their own: one step of them is a thousand of f32', () => {
    const known = compared(newPair(), 0);
    expect(ruleBy(known, AUTHORS, { y: { dtype: 'F16', dims: [4] } })).toEqual(AUTHORS);
  });
});

describe('recalibration', () => {
  it('follows the noise of late, down and up within the cap', () => {
    let known = compared(newPair(), 2e-6);
    for (let bucket = 0; bucket < 4; bucket++) known = compared(known, 1e-6, 1024);
    expect(thresholdNow(known)).toEqual(thresholdOf(figures(1e-6)));
    known = compared(known, 3e-6);
    expect(thresholdNow(known)).toEqual(thresholdOf(figures(3e-6)));
    expect(wantedNow(known)).toBeNull();
  });

  it('an odd item is forgotten after two buckets', () => {
    let known = compared(compared(newPair(), 1e-6), 1.9e-6, 1);
    expect(thresholdNow(known)).toEqual(thresholdOf(figures(1.9e-6)));
    for (let bucket = 0; bucket < 4; bucket++) known = compared(known, 1e-6, 1024);
    expect(thresholdNow(known)).toEqual(thresholdOf(figures(1e-6)));
  });

  it('noise that doubles every day is stopped at twice the first threshold, with an alarm', () => {
    const first = compared(newPair(), 1e-6);
    const cap = {
      relativeL2: MOST_LOOSENING * thresholdNow(first)!.relativeL2,
      elementError: MOST_LOOSENING * thresholdNow(first)!.elementError,
    };
    let known = first;
    let alarms = 0;
    let daysToAlarm = 0;
    for (let day = 1, noise = 2e-6; day <= 30; day++, noise *= 2) {
      // Only what the rule accepts is an honest comparison, and teaches anything.
      const rule = ruleBy(known, AUTHORS, F32);
      if (rule.kind === 'exact' || noise > rule.maxRelativeL2) break;
      const before = wantedNow(known);
      known = compared(known, noise, 5_000);
      if (before === null && wantedNow(known) !== null) {
        alarms += 1;
        daysToAlarm = day;
      }
      expect(thresholdNow(known)!.relativeL2).toBeLessThanOrEqual(cap.relativeL2);
      expect(thresholdNow(known)!.elementError).toBeLessThanOrEqual(cap.elementError);
    }
    expect({ alarms, daysToAlarm }).toEqual({ alarms: 1, daysToAlarm: 2 });
    expect(thresholdNow(known)).toEqual(cap);
    // Half precision, some 100 times the honest noise, was never in reach.
    expect(cap.relativeL2).toBeLessThan(100 * 1e-6);
  });

  it('shrinking first does not buy room: growth is counted from the first value', () => {
    let known = compared(newPair(), 8e-6);
    for (let bucket = 0; bucket < 4; bucket++) known = compared(known, 1e-6, 1024);
    expect(thresholdNow(known)!.relativeL2).toBeCloseTo(8e-6, 9);
    for (let step = 0; step < 20; step++) known = compared(known, 1e-3, 1024);
    expect(thresholdNow(known)!.relativeL2).toBe(MOST_LOOSENING * MARGIN * 8e-6);
  });

  it('an operator grants what is wanted, once; then growth is counted from there', () => {
    const known = compared(compared(newPair(), 1e-6), 5e-6, 10);
    expect(wantedNow(known)).toEqual(thresholdOf(figures(5e-6)));
    const granted = afterLoosening(known);
    expect(thresholdNow(granted)).toEqual(thresholdOf(figures(5e-6)));
    expect(wantedNow(granted)).toBeNull();
    expect(afterLoosening(granted)).toBe(granted);
    expect(wantedNow(compared(granted, 9e-6, 1))).toBeNull();
    expect(wantedNow(compared(granted, 11e-6, 1))).not.toBeNull();
  });
});
