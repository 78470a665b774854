/**
 * What the fingerprint asks an adapter: one f32 operation per probe, at operands where ways of computing differ.
 * Not what it answers: that is `arithmeticOf.ts` on a GPU, and `ieee.ts` says what IEEE 754 would.
 */

/** In the order of the cases in `fingerprint.wgsl`. */
export const OPERATIONS = [
  ...['add', 'subtract', 'multiply', 'divide', 'sqrt'],
  ...['multiplyAdd', 'fma', 'regroup', 'fromInteger'],
  ...['exp', 'exp2', 'log', 'log2', 'sin', 'cos', 'pow', 'inverseSqrt'],
] as const;

export type Operation = (typeof OPERATIONS)[number];

export interface Probe {
  readonly name: string;
  readonly operation: Operation;
  /** f32 values, exactly; `fromInteger` takes a u32. */
  readonly operands: readonly number[];
}

const ULP_OF_1 = 2 ** -23;
const TIE = ULP_OF_1 / 2;
/** Just more, and less, than half a unit in the last place of 1. */
const MORE = TIE * (1 + 2 ** -20);
const LESS = TIE * (1 - 2 ** -20);
const SUBNORMAL = 2 ** -130;
const LEAST_NORMAL = 2 ** -126;

const probe = (name: string, operation: Operation, ...operands: number[]): Probe => ({
  name,
  operation,
  operands,
});

/** Operands of transcendental functions, rounded to f32: small, ordinary, and where a range has to be reduced. */
const at = (operation: Operation, ...operands: number[]): Probe =>
  probe(`${operation}(${operands.join(', ')})`, operation, ...operands.map(Math.fround));

/** Names are unique. A table: append to it, since fingerprints are compared word by word. */
export const PROBES: readonly Probe[] = [
  // Controls: exact results, which no rounding may touch.
  probe('addExact', 'add', 1.5, 2.25),
  probe('multiplyExact', 'multiply', 3, 7),
  probe('divideExact', 'divide', 21, 4),
  probe('sqrtExact', 'sqrt', 6.25),
  // Rounding of sums: ties beside an even and an odd number, and what lies on either side of a tie.
  probe('addTieBelowOdd', 'add', 1, TIE),
  probe('addTieAboveOdd', 'add', 1 + ULP_OF_1, TIE),
  probe('addMoreThanTie', 'add', 1, MORE),
  probe('addLessThanTie', 'add', 1, LESS),
  probe('addMoreThanTieNegative', 'add', -1, -MORE),
  probe('addLessThanTieNegative', 'add', -1, -LESS),
  probe('subtractTie', 'subtract', 1 + ULP_OF_1, -TIE),
  probe('subtractLessThanTie', 'subtract', 2, LESS),
  // (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24 is a tie; (1 + 3 x 2^-12)^2 ends in 9 x 2^-24, above an odd number.
  probe('multiplyTieBelowOdd', 'multiply', 1 + 2 ** -12, 1 + 2 ** -12),
  probe('multiplyTieNegative', 'multiply', -1 - 3 * 2 ** -12, 1 + 2 ** -12),
  probe('multiplyMoreThanTie', 'multiply', 1 + ULP_OF_1, 1.5 + ULP_OF_1),
  probe('multiplyLessThanTie', 'multiply', 1 + ULP_OF_1, 1.25),
  probe('multiplyNegative', 'multiply', -1 - ULP_OF_1, 1.25),
  probe('divideThird', 'divide', 1, 3),
  probe('divideTenth', 'divide', 1, 10),
  probe('divideNegative', 'divide', -2, 3),
  probe('divideNearOne', 'divide', 1 + ULP_OF_1, 1 + 2 * ULP_OF_1),
  probe('divideLarge', 'divide', 355, 113),
  probe('sqrt2', 'sqrt', 2),
  probe('sqrt3', 'sqrt', 3),
  probe('sqrt5', 'sqrt', 5),
  probe('sqrtBelowOne', 'sqrt', 1 - ULP_OF_1),
  // With one rounding 2^-24 is left, with two nothing.
  probe('multiplyAdd', 'multiplyAdd', 1 + 2 ** -12, 1 + 2 ** -12, -1 - 2 ** -11),
  probe('fma', 'fma', 1 + 2 ** -12, 1 + 2 ** -12, -1 - 2 ** -11),
  // (a + b) - a is 0 where sums are taken in the order written, b where they are regrouped.
  probe('regroup', 'regroup', 1, 2 ** -30),
  probe('fromIntegerTie', 'fromInteger', 2 ** 24 + 1),
  probe('fromIntegerMost', 'fromInteger', 2 ** 32 - 1),
  // Subnormal numbers that go in, and that come out.
  probe('subnormalProductIn', 'multiply', SUBNORMAL, 2 ** 30),
  probe('subnormalSumIn', 'add', SUBNORMAL, LEAST_NORMAL),
  probe('subnormalProductOut', 'multiply', 2 ** -100, 2 ** -30),
  probe('subnormalDifferenceOut', 'subtract', 1.5 * LEAST_NORMAL, LEAST_NORMAL),
  probe('subnormalQuotientOut', 'divide', LEAST_NORMAL, 8),
  probe('subnormalSumInOut', 'add', SUBNORMAL, SUBNORMAL),
  probe('negativeZero', 'multiply', -0, 1),
  ...[-20.25, 0.5, 1, 10.5].map((x) => at('exp', x)),
  ...[-7.3, 0.1, 12.7].map((x) => at('exp2', x)),
  ...[0.3, 1.0001, 2, 1e20].map((x) => at('log', x)),
  ...[0.7, 3, 1e10].map((x) => at('log2', x)),
  ...[0.001, 0.5, 1, 3, 100].map((x) => at('sin', x)),
  ...[0.001, 0.5, 1, 1.57, 100].map((x) => at('cos', x)),
  at('pow', 1.5, 3.7),
  at('pow', 10, -5),
  at('pow', 0.9, 100),
  ...[2, 3, 3e-5].map((x) => at('inverseSqrt', x)),
];
