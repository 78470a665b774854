/** Amounts of credit and work, as computed and as people read them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatCredits,
  formatOdds,
  formatSeconds,
  formatShare,
  priceMicroCredits,
} from './units.ts';

describe('priceMicroCredits', () => {
  it.each([
    [0, 10, 1n],
    [1, 1, 1n],
    [1_000_000, 1, 1n],
    [1_000_000, 2, 2n],
    [1_000_001, 1, 2n],
    [1e12, 4096, 4_096_000_000n],
  ])('%d FLOP an item, %i items', (flops, items, price) => {
    expect(priceMicroCredits(flops, items)).toBe(price);
  });

  it('never falls as work grows', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e15, noNaN: true }),
        fc.integer({ min: 1, max: 1e6 }),
        (flops, items) => {
          expect(priceMicroCredits(flops, items + 1)).toBeGreaterThanOrEqual(
            priceMicroCredits(flops, items),
          );
          expect(priceMicroCredits(flops, items)).toBeGreaterThan(0n);
        },
      ),
    );
  });
});

describe('formatCredits', () => {
  it.each([
    [0n, '0.00'],
    [1n, '0.000001'],
    [56n, '0.000056'],
    [500_000n, '0.50'],
    [123_456n, '0.123456'],
    [1_000_000n, '1.00'],
    [12_345_678n, '12.34'],
    [-12_345_678n, '-12.34'],
    [-1n, '-0.000001'],
    [10n ** 30n, '1000000000000000000000000.00'],
  ])('%d micro-credits', (microCredits, text) => {
    expect(formatCredits(microCredits)).toBe(text);
  });

  it('something is never shown as nothing', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 20n }), (microCredits) => {
        expect(formatCredits(microCredits)).toMatch(/[1-9]/);
        expect(formatCredits(-microCredits)).toBe(`-${formatCredits(microCredits)}`);
      }),
    );
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [5 * 1024 ** 3, '5.0 GiB'],
    [4096 * 1024 ** 4, '4096.0 TiB'],
  ])('%d', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('shares and odds', () => {
  it.each([
    [0, '0 %'],
    [0.00249, '0.25 %'],
    [0.005, '0.5 %'],
    [0.0996, '10 %'],
    [0.034, '3.4 %'],
    [1.1, '110 %'],
    [1e-7, '0.00001 %'],
  ])('%f is %s', (share, text) => expect(formatShare(share)).toBe(text));

  it.each([
    [0, 'none'],
    [0.03, '3 %'],
    [0.001, '0.1 %'],
    [1.03e-4, '1 in 9,700'],
    [1e-8, '1 in 100,000,000'],
  ])('a probability of %f is %s', (probability, text) =>
    expect(formatOdds(probability)).toBe(text),
  );

  it('counts have their thousands apart', () => {
    expect([1, 999, 1_000, 1_234_567.4].map(formatCount)).toEqual([
      '1',
      '999',
      '1,000',
      '1,234,567',
    ]);
  });
});

describe('formatSeconds', () => {
  it('keeps two digits, in the unit that a person would take', () => {
    const of = [0.001, 0.04, 1.26, 12.4, 89, 90, 5400, 36_000, 10 * 86_400];
    expect(of.map(formatSeconds)).toEqual([
      'under 0.01 s',
      '0.04 s',
      '1.3 s',
      '12 s',
      '89 s',
      '1.5 min',
      '1.5 h',
      '10 h',
      '10 days',
    ]);
  });
});
