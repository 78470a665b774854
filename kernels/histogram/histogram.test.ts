/** The reference by hand, and what the manifest says of itself. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { ONLY_VARIANT } from '../variants.ts';
import { MAX_BINS, MAX_HISTOGRAM_LENGTH, histogramManifest, histogramParams } from './manifest.ts';
import { histogramReference } from './reference.ts';

const counted = (given: object, ...values: number[]): number[][] => {
  const params = histogramParams.parse({ length: values.length, ...given });
  const x = tensorOf('U32', [values.length], Uint32Array.from(values));
  const { counts, outside } = histogramReference(params, 0, { x });
  return [counts!, outside!].map((it) => [...(valuesOf(it) as Uint32Array)]);
};

describe('histogramReference', () => {
  it('counts values by bin, and those outside', () => {
    const given = { bins: 3, low: 10, binWidth: 5 };
    expect(counted(given, 9, 10, 14, 15, 24, 25, 0xffffffff, 0)).toEqual([
      [2, 1, 1],
      [2, 2],
    ]);
  });

  it('takes bins to the end of 32 bits', () => {
    expect(counted({ bins: 2, low: 0xfffffffe }, 0xffffffff, 0xfffffffe, 0xfffffffd)).toEqual([
      [1, 1],
      [1, 0],
    ]);
    expect(counted({ bins: 1, binWidth: 0xffffffff }, 0xffffffff, 0xfffffffe)).toEqual([
      [1],
      [0, 1],
    ]);
  });
});

describe('histogramManifest', () => {
  it('takes parameters up to each limit and refuses them beyond', () => {
    const accepts = (change: object) =>
      histogramParams.safeParse({ length: 5, bins: 2, ...change }).success;
    expect(accepts({ length: MAX_HISTOGRAM_LENGTH, bins: MAX_BINS })).toBe(true);
    expect(accepts({ low: 0xffffffff, binWidth: 0xffffffff })).toBe(true);
    expect(accepts({ length: MAX_HISTOGRAM_LENGTH + 1 })).toBe(false);
    expect(accepts({ bins: MAX_BINS + 1 })).toBe(false);
    expect(accepts({ bins: 0 })).toBe(false);
    expect(accepts({ binWidth: 0 })).toBe(false);
    expect(accepts({ low: -1 })).toBe(false);
  });

  it('plans at most 256 lanes, each with some values for its counters', () => {
    for (const bins of [1, 254, MAX_BINS]) {
      for (const length of [1, 64, 65, 16_385, MAX_HISTOGRAM_LENGTH]) {
        const params = histogramParams.parse({ length, bins });
        const shape = { rows: 2, strides: { x: length } };
        const { passes, scratchBytes } = histogramManifest.plan(params, shape, ONLY_VARIANT);
        const { LANES } = passes[0]!.constants;
        expect(LANES).toBeGreaterThan(0);
        expect(LANES).toBeLessThanOrEqual(256);
        expect(LANES! * bins).toBeLessThanOrEqual(4 * length + bins);
        expect(scratchBytes['laneCounts']).toBe(2 * 4 * LANES! * (bins + 2));
        expect(passes[1]!.workgroups[0] * 64).toBeGreaterThanOrEqual(bins + 2);
      }
    }
  });
});
