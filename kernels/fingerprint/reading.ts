/**
 * What the bits of a fingerprint say, in plain words. Pure: bits are handed in.
 */
import { expectedBits, ROUNDINGS, rounded, ulpsBetween, type Rounding } from './ieee.ts';
import { PROBES, type Operation, type Probe } from './probes.ts';

export interface ProbeReading {
  readonly name: string;
  readonly bits: number;
  /** What IEEE 754 gives, rounding to nearest, ties to even. */
  readonly expectedBits: number;
  /** For a person: "as IEEE 754", "flushed to zero", "3 units in the last place off". */
  readonly reading: string;
}

export interface Arithmetic {
  readonly probes: readonly ProbeReading[];
  /** The directions that explain all probes of an operation, the likeliest first; none where it is not exactly rounded. */
  readonly rounding: Readonly<Record<RoundedOperation, readonly Rounding[]>>;
  readonly fusesMultiplyAdd: boolean;
  readonly fmaIsFused: boolean;
  readonly regroupsSums: boolean;
  readonly flushesSubnormalInputs: boolean;
  readonly flushesSubnormalOutputs: boolean;
  /** The same for a person, a line each, as "add rounds to nearest even". */
  readonly summary: readonly string[];
}

const ROUNDED_OPERATIONS = [
  'add',
  'subtract',
  'multiply',
  'divide',
  'sqrt',
  'fromInteger',
] as const;
export type RoundedOperation = (typeof ROUNDED_OPERATIONS)[number];

const ROUNDING_WORDS: Readonly<Record<Rounding, string>> = {
  'nearest-even': 'to nearest even',
  'nearest-away': 'to nearest, ties away from zero',
  zero: 'toward zero',
  up: 'up',
  down: 'down',
};

const TRANSCENDENTAL: readonly Operation[] = [
  ...(['exp', 'exp2', 'log', 'log2', 'sin', 'cos', 'pow', 'inverseSqrt'] as const),
];

/** `bits` are a probe's each, in the table's order. */
export function readingOf(bits: Uint32Array): Arithmetic {
  const found = new Map(PROBES.map((probe, i) => [probe.name, bits[i]!]));
  const bitsAt = (name: string): number => found.get(name)!;
  const probes = PROBES.map((probe, i) => ({
    name: probe.name,
    bits: bits[i]!,
    expectedBits: expectedBits(probe),
    reading: wordsFor(probe, bits[i]!),
  }));
  const rounding = Object.fromEntries(
    ROUNDED_OPERATIONS.map((operation) => [operation, roundingsOf(operation, bitsAt)]),
  ) as Record<RoundedOperation, readonly Rounding[]>;
  const facts = {
    fusesMultiplyAdd: isFused(bitsAt('multiplyAdd')),
    fmaIsFused: isFused(bitsAt('fma')),
    regroupsSums: !isZero(bitsAt('regroup')),
    flushesSubnormalInputs:
      isZero(bitsAt('subnormalProductIn')) || bitsAt(LOSABLE) === LEFT_OF_LOSABLE,
    flushesSubnormalOutputs: PROBES.some(
      ({ name }) => /^subnormal\w+(?<!In)Out$/.test(name) && isZero(bitsAt(name)),
    ),
  };
  return { probes, rounding, ...facts, summary: summaryOf(rounding, facts, bitsAt) };
}

/** A sum that loses its subnormal operand is the other one. */
const LOSABLE = 'subnormalSumIn';
const LEFT_OF_LOSABLE = rounded(2 ** -126, 'zero');

/** 2^-24 is what one rounding leaves of the probe; two leave nothing. */
const isFused = (bits: number): boolean => bits === rounded(2 ** -24, 'zero');
const isZero = (bits: number): boolean => (bits & 0x7fffffff) === 0;

/** Probes that ask for the rounding alone. */
const asksForRounding = ({ name }: Probe): boolean => !/^(subnormal|negativeZero)/.test(name);

function roundingsOf(
  operation: RoundedOperation,
  bitsAt: (name: string) => number,
): readonly Rounding[] {
  const asked = PROBES.filter((probe) => probe.operation === operation && asksForRounding(probe));
  return ROUNDINGS.filter((rounding) =>
    asked.every((probe) => bitsAt(probe.name) === expectedBits(probe, rounding)),
  );
}

function wordsFor(probe: Probe, bits: number): string {
  const expected = expectedBits(probe);
  if (probe.operation === 'multiplyAdd' || probe.operation === 'fma') {
    if (isFused(bits)) return 'fused: one rounding';
    if (isZero(bits)) return 'not fused: two roundings';
  }
  if (probe.operation === 'regroup') return isZero(bits) ? 'in the order written' : 'regrouped';
  if (bits === expected) return 'as IEEE 754';
  if (isZero(bits)) return isZero(expected) ? 'zero of the other sign' : 'flushed to zero';
  if (probe.name === LOSABLE && bits === LEFT_OF_LOSABLE)
    return 'subnormal operand flushed to zero';
  const ulps = ulpsBetween(bits, expected);
  return `${ulps} ${ulps === 1 ? 'unit' : 'units'} in the last place off`;
}

function summaryOf(
  rounding: Arithmetic['rounding'],
  facts: Readonly<
    Record<
      | 'fusesMultiplyAdd'
      | 'fmaIsFused'
      | 'regroupsSums'
      | 'flushesSubnormalInputs'
      | 'flushesSubnormalOutputs',
      boolean
    >
  >,
  bitsAt: (name: string) => number,
): string[] {
  const worst = (operation: Operation): number =>
    Math.max(
      ...PROBES.filter((probe) => probe.operation === operation && asksForRounding(probe)).map(
        (probe) => ulpsBetween(bitsAt(probe.name), expectedBits(probe)),
      ),
    );
  const off = (operation: Operation) => `${operation} is up to ${worst(operation)} ulp off`;
  return [
    ...ROUNDED_OPERATIONS.map((operation) => {
      const [likeliest] = rounding[operation];
      if (likeliest === undefined) return off(operation);
      return `${operation} rounds ${ROUNDING_WORDS[likeliest]}`;
    }),
    facts.fusesMultiplyAdd ? 'fuses multiply-add' : 'does not fuse multiply-add',
    facts.fmaIsFused ? 'fma() is fused' : 'fma() is not fused',
    facts.regroupsSums ? 'regroups sums' : 'keeps the order of sums',
    facts.flushesSubnormalInputs ? 'flushes subnormal inputs' : 'keeps subnormal inputs',
    facts.flushesSubnormalOutputs ? 'flushes subnormal outputs' : 'keeps subnormal outputs',
    ...TRANSCENDENTAL.map(off),
  ];
}
