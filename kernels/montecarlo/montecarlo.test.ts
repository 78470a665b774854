/** The generator's known answers, the predicate's geometry, and what the manifest says of itself. */
import { describe, expect, it } from 'vitest';
import { valuesOf } from '../../shared/tensor.ts';
import { ONLY_VARIANT } from '../variants.ts';
import {
  MAX_DIMENSIONS,
  MAX_SAMPLES_PER_ITEM,
  MAX_STEPS,
  MAX_STEPS_PER_ITEM,
  montecarloManifest,
  montecarloParams,
} from './manifest.ts';
import { montecarloReference, philox4x32 } from './reference.ts';

describe('philox4x32', () => {
  // Known answers of the authors' Random123 distribution, file kat_vectors, "philox4x32 10".
  it.each([
    {
      counter: [0, 0, 0, 0],
      key: [0, 0],
      expected: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    },
    {
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff],
      expected: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      expected: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    },
  ] as const)('gives the published block for counter $counter', ({ counter, key, expected }) => {
    const words = new Uint32Array(4);
    philox4x32(words, counter, key);
    expect([...words]).toEqual(expected);
  });
});

const hitsOf = (params: object, item = 0): number => {
  const parsed = montecarloParams.parse({ seed: 2026, ...params });
  return (valuesOf(montecarloReference(parsed, item, {})['hits']!) as Uint32Array)[0]!;
};

describe('montecarloReference', () => {
  it.each([
    [2, Math.PI],
    [3, (4 / 3) * Math.PI],
    [4, Math.PI ** 2 / 2],
    [8, Math.PI ** 4 / 24],
  ])('estimates the volume of the unit ball in %i dimensions', (dimensions, volume) => {
    const samples = 100_000;
    const chance = volume / 2 ** dimensions;
    const deviation = Math.sqrt((chance * (1 - chance)) / samples);
    const share = hitsOf({ dimensions, samplesPerItem: samples }) / samples;
    // The seed is fixed, so this holds always or never; five deviations leave no room for a biased predicate.
    expect(Math.abs(share - chance)).toBeLessThan(5 * deviation);
  });

  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  /** Chances of a walk in the plane to be back: 1/4 by its second step, 5/64 more by its fourth. */
  const walk = { integrand: 'walk' };
  it.each([
    ...[2, 3, 5].map((d) => ({ integrand: 'simplex', dimensions: d, chance: 1 / factorial(d) })),
    ...[2, 3, 7].map((d) => ({ integrand: 'bump', dimensions: d, chance: (2 / 3) ** d })),
    { ...walk, dimensions: 2, steps: 2, chance: 1 / 4 },
    { ...walk, dimensions: 2, steps: 5, chance: 1 / 4 + 5 / 64 },
    { ...walk, dimensions: 3, steps: 3, chance: 1 / 6 },
    { ...walk, dimensions: 8, steps: 2, chance: 1 / 16 },
    // Of endless walks 0.340537; those that return later than this step are (3 / (2 pi))^1.5 2 / sqrt(1000) (1 - 0.3405)^2.
    { ...walk, dimensions: 3, steps: 1000, chance: 0.340537 - 0.00907 },
  ])('tallies by chance: %j', ({ chance, ...shape }) => {
    const samples = shape.integrand === 'walk' ? 20_000 : 100_000;
    const deviation = Math.sqrt((chance * (1 - chance)) / samples);
    const share = hitsOf({ ...shape, samplesPerItem: samples }) / samples;
    expect(Math.abs(share - chance)).toBeLessThan(5 * deviation);
  });

  it('keeps the tallies of the ball that its first release gave', () => {
    const tallies = [2, 3, 4, 5, 8].map((dimensions) =>
      hitsOf({ dimensions, samplesPerItem: 1000, stream: 4 }, 9),
    );
    expect(tallies).toEqual([798, 521, 314, 171, 24]);
  });

  it('adds points without changing those before them', () => {
    const counts = Array.from({ length: 40 }, (_, i) =>
      hitsOf({ dimensions: 3, samplesPerItem: i + 1 }),
    );
    counts.forEach((count, i) => expect([0, 1]).toContain(count - (counts[i - 1] ?? 0)));
    expect(counts.at(-1)).toBeGreaterThan(0);
  });
});

describe('montecarloManifest', () => {
  const least = { dimensions: 2, samplesPerItem: 1, seed: 0 };

  it('takes parameters up to each limit and refuses them beyond', () => {
    const accepts = (change: object) => montecarloParams.safeParse({ ...least, ...change }).success;
    expect(accepts({})).toBe(true);
    expect(accepts({ dimensions: 1 })).toBe(false);
    expect(accepts({ dimensions: MAX_DIMENSIONS })).toBe(true);
    expect(accepts({ dimensions: MAX_DIMENSIONS + 1 })).toBe(false);
    expect(accepts({ samplesPerItem: 0 })).toBe(false);
    expect(accepts({ samplesPerItem: MAX_SAMPLES_PER_ITEM })).toBe(true);
    expect(accepts({ samplesPerItem: MAX_SAMPLES_PER_ITEM + 1 })).toBe(false);
    expect(accepts({ seed: 0xffffffff })).toBe(true);
    expect(accepts({ seed: 2 ** 32 })).toBe(false);
    expect(accepts({ sample: 1 })).toBe(false);
    expect(accepts({ steps: 2 })).toBe(false);
    expect(accepts({ integrand: 'walk', steps: MAX_STEPS })).toBe(true);
    expect(accepts({ integrand: 'walk', steps: MAX_STEPS + 1 })).toBe(false);
    const most = MAX_STEPS_PER_ITEM / MAX_STEPS;
    expect(accepts({ integrand: 'walk', steps: MAX_STEPS, samplesPerItem: most })).toBe(true);
    expect(accepts({ integrand: 'walk', steps: MAX_STEPS, samplesPerItem: most + 1 })).toBe(false);
    expect(accepts({ integrand: 'bump', dimensions: 7 })).toBe(true);
    expect(accepts({ integrand: 'bump', dimensions: 8 })).toBe(false);
  });

  it('plans lanes that cover every block, at most 4096 of them', () => {
    for (const samplesPerItem of [1, 33, 131_073 * 4, MAX_SAMPLES_PER_ITEM]) {
      const params = montecarloParams.parse({ ...least, samplesPerItem });
      const { constants, workgroups } = montecarloManifest.plan(
        params,
        { rows: 3, strides: {} },
        ONLY_VARIANT,
      ).passes[0]!;
      const { LANES, BLOCKS, BLOCKS_PER_LANE, SAMPLES_PER_BLOCK } = constants;
      expect(LANES! * BLOCKS_PER_LANE!).toBeGreaterThanOrEqual(BLOCKS!);
      expect((LANES! - 1) * BLOCKS_PER_LANE!).toBeLessThan(BLOCKS!);
      expect(BLOCKS! * SAMPLES_PER_BLOCK!).toBeGreaterThanOrEqual(samplesPerItem);
      expect(LANES).toBeLessThanOrEqual(4096);
      expect(workgroups[0] * 64).toBeGreaterThanOrEqual(LANES!);
    }
  });
});
