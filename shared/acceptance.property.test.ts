/** What every rule must keep for any values: symmetry, reflexivity, and exactness in itself. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareOutputs, type Acceptance } from './acceptance.ts';
import { tensorOf } from './tensor.ts';

const tolerance = fc.double({ min: 1e-9, max: 1, noNaN: true });
const nonFinite = fc.constantFrom<'refuse' | 'data'>('refuse', 'data');
const anyRule: fc.Arbitrary<Acceptance> = fc.oneof(
  fc.record({ kind: fc.constant('exact' as const), nonFinite }),
  fc.record({
    kind: fc.constant('relative-l2' as const),
    maxRelativeL2: tolerance,
    maxElementError: tolerance,
    nonFinite,
  }),
  fc.record({
    kind: fc.constant('label' as const),
    maxRelativeL2: tolerance,
    maxElementError: tolerance,
    margin: tolerance,
    nonFinite,
  }),
);

/** Pairs that are near each other half of the time: else every pair would just disagree. */
const anyPair = fc
  .integer({ min: 1, max: 6 })
  .chain((length) =>
    fc.tuple(
      fc.array(fc.double(), { minLength: length, maxLength: length }),
      fc.array(fc.oneof(fc.double(), fc.double({ min: 1 - 1e-3, max: 1 + 1e-3, noNaN: true })), {
        minLength: length,
        maxLength: length,
      }),
      fc.boolean(),
    ),
  )
  .map(([a, b, near]) => [a, near ? a.map((value, i) => value * b[i]!) : b] as const);

/** Once, values whose squares overflow agreed with everything: NaN is above no bound. */
const OVERFLOWING: [readonly [readonly number[], readonly number[]], Acceptance][] = [
  [
    [[-1.3407807929942597e154], [0.999]],
    { kind: 'relative-l2', maxRelativeL2: 1e-9, maxElementError: 1e-9, nonFinite: 'refuse' },
  ],
];

describe.each([
  [
    'F64',
    (values: readonly number[]) => tensorOf('F64', [1, values.length], Float64Array.from(values)),
  ],
  [
    'F32',
    (values: readonly number[]) => tensorOf('F32', [1, values.length], Float32Array.from(values)),
  ],
] as const)('any values of %s', (_, tensor) => {
  it('a and b agree exactly where b and a do, with the same figures', () => {
    fc.assert(
      fc.property(anyPair, anyRule, ([a, b], rule) => {
        const there = compareOutputs({ y: tensor(a) }, { y: tensor(b) }, 1, rule);
        expect(there).toEqual(compareOutputs({ y: tensor(b) }, { y: tensor(a) }, 1, rule));
        expect(there.worst.relativeL2).not.toBeNaN();
      }),
      { numRuns: 2_000, examples: OVERFLOWING },
    );
  });

  it('equal bytes agree under every rule', () => {
    fc.assert(
      fc.property(anyPair, anyRule, ([a], rule) => {
        expect(compareOutputs({ y: tensor(a) }, { y: tensor(a) }, 1, rule).kind).toBe('agree');
      }),
      { numRuns: 500 },
    );
  });

  it('what agrees under a bound agrees under a wider one', () => {
    fc.assert(
      fc.property(anyPair, tolerance, tolerance, ([a, b], x, y) => {
        const kindAt = (bound: number) =>
          compareOutputs({ y: tensor(a) }, { y: tensor(b) }, 1, {
            kind: 'relative-l2',
            maxRelativeL2: bound,
            maxElementError: bound,
            nonFinite: 'data',
          }).kind;
        if (kindAt(Math.min(x, y)) === 'agree') expect(kindAt(Math.max(x, y))).toBe('agree');
      }),
      { numRuns: 1_000 },
    );
  });
});
