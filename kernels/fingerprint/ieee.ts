/**
 * f32 arithmetic as IEEE 754 has it, on the CPU: what a fingerprint is read against.
 *
 * Values go through f64. Sums and products of f32 are exact there at the probes' operands, quotients and roots close
 * enough to be rounded once more; transcendental functions are as good as the engine's.
 */
import type { Operation, Probe } from './probes.ts';

export const ROUNDINGS = ['nearest-even', 'nearest-away', 'zero', 'up', 'down'] as const;
export type Rounding = (typeof ROUNDINGS)[number];

const word = new DataView(new ArrayBuffer(4));

export function bitsOf(value: number): number {
  word.setFloat32(0, value);
  return word.getUint32(0);
}

export function valueOf(bits: number): number {
  word.setUint32(0, bits);
  return word.getFloat32(0);
}

/** f32 numbers counted from zero, so that neighbours differ by one; both zeros are 0. */
const rankOf = (bits: number): number => (bits >= 0x80000000 ? -(bits - 0x80000000) : bits);

/** Units in the last place between two f32, by their bits. */
export const ulpsBetween = (a: number, b: number): number => Math.abs(rankOf(a) - rankOf(b));

/** An exact value in f32 bits, by a direction. */
export function rounded(value: number, rounding: Rounding): number {
  const nearest = Math.fround(value);
  if (nearest === value || rounding === 'nearest-even' || !Number.isFinite(nearest)) {
    return bitsOf(nearest);
  }
  const isAbove = nearest > value;
  const lower = isAbove ? neighbour(nearest, -1) : nearest;
  const upper = isAbove ? nearest : neighbour(nearest, 1);
  const outer = value > 0 ? upper : lower;
  const inner = value > 0 ? lower : upper;
  switch (rounding) {
    case 'nearest-away':
      return bitsOf(value - lower === upper - value ? outer : nearest);
    case 'zero':
      return bitsOf(inner);
    case 'up':
      return bitsOf(upper);
    case 'down':
      return bitsOf(lower);
    default:
      return rounding satisfies never;
  }
}

function neighbour(value: number, step: 1 | -1): number {
  const rank = rankOf(bitsOf(value)) + step;
  return valueOf(rank < 0 ? 0x80000000 - rank : rank);
}

/** The result of a probe before it is rounded for the last time; every operation written has its own rounding. */
export function exactResult(
  { operation, operands }: Probe,
  rounding: Rounding = 'nearest-even',
): number {
  const [a = 0, b = 0, c = 0] = operands;
  const once = (value: number) => valueOf(rounded(value, rounding));
  return RESULTS[operation](a, b, c, once);
}

type Result = (a: number, b: number, c: number, once: (value: number) => number) => number;

const RESULTS: Readonly<Record<Operation, Result>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  sqrt: Math.sqrt,
  multiplyAdd: (a, b, c, once) => once(a * b) + c,
  fma: (a, b, c) => a * b + c,
  regroup: (a, b, _c, once) => once(a + b) - a,
  fromInteger: (a) => a,
  exp: Math.exp,
  exp2: (a) => 2 ** a,
  log: Math.log,
  log2: Math.log2,
  sin: Math.sin,
  cos: Math.cos,
  pow: (a, b) => a ** b,
  inverseSqrt: (a) => 1 / Math.sqrt(a),
};

/** The bits that a machine of IEEE 754 gives, rounding so. */
export const expectedBits = (probe: Probe, rounding: Rounding = 'nearest-even'): number =>
  rounded(exactResult(probe, rounding), rounding);
