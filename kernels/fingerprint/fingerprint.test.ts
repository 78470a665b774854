/** Emulated machines are read as what they are: the readings can fail, and tell ways of computing apart. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROUNDINGS, bitsOf, expectedBits, rounded, ulpsBetween, valueOf } from './ieee.ts';
import { OPERATIONS, PROBES } from './probes.ts';
import { readingOf } from './reading.ts';

const machine = (answer: (probe: (typeof PROBES)[number]) => number): Uint32Array =>
  Uint32Array.from(PROBES, answer);

describe('rounded', () => {
  it('is Math.fround to nearest even, and the neighbours otherwise', () => {
    const third = 1 / 3;
    expect(valueOf(rounded(third, 'nearest-even'))).toBe(Math.fround(third));
    expect(valueOf(rounded(third, 'down'))).toBeLessThan(third);
    expect(valueOf(rounded(third, 'up'))).toBeGreaterThan(third);
    expect(valueOf(rounded(-third, 'zero'))).toBeGreaterThan(-third);
    expect(rounded(-third, 'zero')).toBe(rounded(-third, 'up'));
    const tie = 1 + 2 ** -24;
    expect(valueOf(rounded(tie, 'nearest-even'))).toBe(1);
    expect(valueOf(rounded(tie, 'nearest-away'))).toBe(1 + 2 ** -23);
    expect(valueOf(rounded(-tie, 'nearest-away'))).toBe(-1 - 2 ** -23);
    for (const rounding of ROUNDINGS) expect(rounded(2.5, rounding)).toBe(bitsOf(2.5));
  });

  it('counts units in the last place, across zero too', () => {
    expect(ulpsBetween(bitsOf(1), bitsOf(1 + 2 ** -23))).toBe(1);
    expect(ulpsBetween(bitsOf(-(2 ** -149)), bitsOf(2 ** -149))).toBe(2);
    expect(ulpsBetween(bitsOf(-0), bitsOf(0))).toBe(0);
  });
});

describe('PROBES', () => {
  it('have names of their own and operands that are f32', () => {
    expect(new Set(PROBES.map(({ name }) => name)).size).toBe(PROBES.length);
    for (const { operation, operands } of PROBES) {
      if (operation === 'fromInteger') continue;
      for (const value of operands) expect(Math.fround(value)).toBe(value);
    }
    expect(new Set(PROBES.map(({ operation }) => operation)).size).toBe(OPERATIONS.length);
  });

  it('has a case of the module for every operation', () => {
    const module = readFileSync(new URL('./fingerprint.wgsl', import.meta.url), 'utf8');
    expect(module.match(/case \d+u:/g)).toEqual(OPERATIONS.map((_, i) => `case ${i}u:`));
  });

  it('tell every direction of rounding from every other, for sums, products, quotients and roots', () => {
    for (const operation of ['add', 'multiply'] as const) {
      const answers = ROUNDINGS.map((rounding) =>
        PROBES.filter((probe) => probe.operation === operation)
          .map((probe) => expectedBits(probe, rounding))
          .join(),
      );
      expect(new Set(answers).size, operation).toBe(ROUNDINGS.length);
    }
  });
});

describe('readingOf', () => {
  it.each(ROUNDINGS)('knows a machine that rounds %s', (direction) => {
    const { rounding, summary } = readingOf(machine((probe) => expectedBits(probe, direction)));
    for (const operation of ['add', 'multiply'] as const)
      expect(rounding[operation]).toEqual([direction]);
    for (const operation of ['subtract', 'divide', 'sqrt', 'fromInteger'] as const)
      expect(rounding[operation]).toContain(direction);
    if (direction === 'zero') expect(summary).toContain('add rounds toward zero');
  });

  it('finds nothing to say against IEEE 754', () => {
    const { probes, ...read } = readingOf(machine((probe) => expectedBits(probe)));
    expect(read).toMatchObject({
      fusesMultiplyAdd: false,
      fmaIsFused: true,
      regroupsSums: false,
      flushesSubnormalInputs: false,
      flushesSubnormalOutputs: false,
    });
    const special = ['fused: one rounding', 'not fused: two roundings', 'in the order written'];
    for (const { reading } of probes) expect(['as IEEE 754', ...special]).toContain(reading);
    expect(read.summary).toContain('divide rounds to nearest even');
    expect(read.summary).toContain('exp is up to 0 ulp off');
  });

  it('sees fusion, regrouping, flushing and error, each by itself', () => {
    const changed = (change: Readonly<Record<string, number>>) =>
      readingOf(
        machine((probe) => {
          const value = change[probe.name];
          return value === undefined ? expectedBits(probe) : bitsOf(value);
        }),
      );
    expect(changed({ multiplyAdd: 2 ** -24 }).summary).toContain('fuses multiply-add');
    expect(changed({ fma: 0 }).fmaIsFused).toBe(false);
    expect(changed({ regroup: 2 ** -30 }).regroupsSums).toBe(true);
    expect(changed({ subnormalProductIn: 0 }).flushesSubnormalInputs).toBe(true);
    expect(changed({ subnormalSumIn: 2 ** -126 }).flushesSubnormalInputs).toBe(true);
    const flushing = changed({ subnormalProductOut: 0 });
    expect(flushing.flushesSubnormalOutputs).toBe(true);
    expect(flushing.flushesSubnormalInputs).toBe(false);
    // A sum of subnormals says that one of both happens, not which.
    expect(changed({ subnormalSumInOut: 0 }).flushesSubnormalOutputs).toBe(false);
    const off = changed({ divideThird: Math.fround(1 / 3) + 2 ** -24 });
    expect(off.rounding.divide).toEqual([]);
    expect(off.summary).toContain('divide is up to 2 ulp off');
    expect(off.probes.find(({ name }) => name === 'divideThird')!.reading).toBe(
      '2 units in the last place off',
    );
  });
});
