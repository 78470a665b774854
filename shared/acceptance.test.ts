/** The rule by which two outputs agree: each rule on both sides of its bound. */
import { describe, expect, it } from 'vitest';
import { compareOutputs, firstNonFinite, type Acceptance } from './acceptance.ts';
import { BugError } from './result.ts';
import { tensorOf, type Dtype, type Tensor } from './tensor.ts';

const EXACT: Acceptance = { kind: 'exact', nonFinite: 'refuse' };
const CLOSE: Acceptance = {
  kind: 'relative-l2',
  maxRelativeL2: 1e-4,
  maxElementError: 1e-3,
  nonFinite: 'refuse',
};
const LABEL: Acceptance = {
  ...CLOSE,
  kind: 'label',
  maxRelativeL2: 0.5,
  maxElementError: 1,
  margin: 0.01,
};
const DATA: Acceptance = { ...CLOSE, nonFinite: 'data' };

const f32 = (...values: number[]) => tensorOf('F32', [1, values.length], Float32Array.from(values));
const f64 = (...values: number[]) => tensorOf('F64', [1, values.length], Float64Array.from(values));
const f16 = (...bits: number[]) => tensorOf('F16', [1, bits.length], Uint16Array.from(bits));

/** `agree`, or the reason, in both directions: they must be the same. */
function compare(a: Tensor, b: Tensor, rule: Acceptance, items = 1): string {
  const there = compareOutputs({ y: a }, { y: b }, items, rule);
  const back = compareOutputs({ y: b }, { y: a }, items, rule);
  expect(there).toEqual(back);
  return there.kind === 'agree' ? 'agree' : there.reason;
}

/** A reproducible vector of values around one. */
const noisy = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, i) => Math.fround(Math.sin(seed + i * 12.9898) * 1.7 + 0.3));

/** Nearest f16, as a number. */
function roundedToHalf(value: number): number {
  if (value === 0) return 0;
  const step = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(value))), -14) - 10);
  return Math.round(value / step) * step;
}

describe('exact', () => {
  it('equal bytes agree, anything else does not', () => {
    expect(compare(f32(1, 2), f32(1, 2), EXACT)).toBe('agree');
    expect(compare(f32(1, 2), f32(1, 2 + 2 ** -22), EXACT)).toContain('not equal');
    expect(compare(f32(0), f32(-0), EXACT)).toContain('not equal');
  });

  it.each<[Dtype, Tensor, Tensor]>([
    [
      'I32',
      tensorOf('I32', [1, 1], Int32Array.of(1_000_000)),
      tensorOf('I32', [1, 1], Int32Array.of(1_000_001)),
    ],
    ['U8', tensorOf('U8', [1, 1], Uint8Array.of(255)), tensorOf('U8', [1, 1], Uint8Array.of(254))],
    [
      'I64',
      tensorOf('I64', [1, 1], BigInt64Array.of(2n ** 60n)),
      tensorOf('I64', [1, 1], BigInt64Array.of(2n ** 60n + 1n)),
    ],
    [
      'BOOL',
      tensorOf('BOOL', [1, 1], Uint8Array.of(1)),
      tensorOf('BOOL', [1, 1], Uint8Array.of(0)),
    ],
  ])('%s must be equal under every rule', (_, a, b) => {
    for (const rule of [EXACT, CLOSE, LABEL]) {
      expect(compare(a, b, rule)).toContain('not equal');
      expect(compare(a, a, rule)).toBe('agree');
    }
  });
});

describe('relative L2', () => {
  it('is a bound on the whole item', () => {
    const x = noisy(1000, 1);
    const norm = Math.hypot(...x);
    const shifted = (relative: number) =>
      f64(...Array.from(x, (value) => value + (relative * norm) / Math.sqrt(1000)));
    expect(compare(f64(...x), shifted(0.9e-4), CLOSE)).toBe('agree');
    expect(compare(f64(...x), shifted(1.1e-4), CLOSE)).toContain('relative L2');
  });

  it('the max guard catches one element that the norm would forgive', () => {
    const length = 10_000;
    const x = new Float64Array(length).fill(1);
    const y = x.slice();
    y[4711] = 1.005; // relative L2 of 5e-5
    expect(compare(f64(...x), f64(...y), CLOSE)).toContain('one element is off by 5.00e-3 RMS');
    y[4711] = 1.0009;
    expect(compare(f64(...x), f64(...y), CLOSE)).toBe('agree');
  });

  it('values rounded to f16 are refused: a cheat by half the work', () => {
    for (let seed = 0; seed < 20; seed++) {
      const x = noisy(256, seed);
      const rounded = f32(...Array.from(x, roundedToHalf));
      expect(compare(f32(...x), rounded, CLOSE)).toMatch(/relative L2 [12]\.\d+e-4 > 1\.00e-4/);
    }
  });

  it('reordered f32 sums agree', () => {
    const x = noisy(4096, 3);
    const forwards = x.reduce((sum, value) => Math.fround(sum + value), 0);
    const backwards = x.reduceRight((sum, value) => Math.fround(sum + value), 0);
    expect(forwards).not.toBe(backwards);
    expect(compare(f32(forwards), f32(backwards), CLOSE)).toBe('agree');
  });

  it('is relative: scale does not matter', () => {
    for (const scale of [1e-30, 1e-3, 1e3, 1e30]) {
      expect(compare(f32(scale, -scale), f32(scale * 1.00001, -scale), CLOSE)).toBe('agree');
      expect(compare(f32(scale, -scale), f32(scale * 1.01, -scale), CLOSE)).toContain(
        'relative L2',
      );
    }
  });

  it('zeros: of either sign they agree; with anything tiny they do not', () => {
    expect(compare(f32(0, 0), f32(0, 0), CLOSE)).toBe('agree');
    expect(compare(f32(0, 0), f32(-0, 0), CLOSE)).toBe('agree');
    expect(compare(f32(0, 0), f32(1e-45, 0), CLOSE)).toContain('relative L2');
    expect(compare(f64(0, 0), f64(5e-324, 0), CLOSE)).toContain('relative L2');
  });

  it('f64 beyond the range of squares is still compared', () => {
    expect(compare(f64(1e-200), f64(5e-200), CLOSE)).toContain('relative L2');
    expect(compare(f64(1e200), f64(-1e200), CLOSE)).toContain('relative L2');
    expect(compare(f64(1.7e308), f64(-1.7e308), CLOSE)).toContain('relative L2');
    expect(compare(f64(1e200, 1e200), f64(1e200 * (1 + 1e-6), 1e200), CLOSE)).toBe('agree');
    expect(compare(f64(1e-300, 1e-300), f64(1e-300 * (1 + 1e-6), 1e-300), CLOSE)).toBe('agree');
  });

  it('f16 bits are compared as numbers', () => {
    expect(compare(f16(0x3c00, 0x0001), f16(0x3c00, 0x8001), CLOSE)).toBe('agree'); // 1, ±6e-8
    expect(compare(f16(0x3c00), f16(0x3c01), CLOSE)).toContain('relative L2'); // 1, 1.001
    expect(compare(f16(0x0000), f16(0x8000), CLOSE)).toBe('agree');
    expect(compare(f16(0x7bff), f16(0xfbff), CLOSE)).toContain('relative L2'); // ±65504
  });
});

describe('label', () => {
  it('another argmax is accepted within the margin of the two best only', () => {
    expect(compare(f32(1, 1.001, 0), f32(1.001, 1, 0), LABEL)).toBe('agree');
    expect(compare(f32(1, 1.1, 0), f32(1.1, 1, 0), LABEL)).toContain('label');
    expect(compare(f32(1, 1.1, 0), f32(1, 1.12, 0), LABEL)).toBe('agree');
  });

  it('the norm and the guard hold besides', () => {
    expect(compare(f32(1, 2, 0), f32(1, 5, 0), LABEL)).toContain('relative L2');
    expect(compare(f32(1, 9, 0), f32(-8.9, 9, 0), { ...LABEL, maxRelativeL2: 1 })).toContain(
      'one element',
    );
  });
});

describe('not finite', () => {
  it('as data it must be equal in place and in kind', () => {
    expect(compare(f32(NaN, 1), f32(NaN, 1 + 1e-6), DATA)).toBe('agree');
    expect(compare(f32(Infinity, 1), f32(Infinity, 1 + 1e-6), DATA)).toBe('agree');
    for (const other of [1, NaN, -Infinity]) {
      expect(compare(f32(Infinity, 1), f32(other, 1), DATA)).toContain('place or kind');
    }
    expect(compare(f32(NaN, 1), f32(1, NaN), DATA)).toContain('place or kind');
    expect(compare(f16(0x7e00), f16(0x7c00), DATA)).toContain('place or kind');
  });

  it('what is finite beside it is still compared', () => {
    expect(compare(f32(NaN, 1), f32(NaN, 2), DATA)).toContain('relative L2');
    expect(compare(f32(NaN, 0), f32(NaN, -0), DATA)).toBe('agree');
  });

  it('the first one is found, in every float dtype', () => {
    expect(firstNonFinite(f32(0, NaN, Infinity))).toBe(1);
    expect(firstNonFinite(f64(0, 1, -Infinity))).toBe(2);
    expect(firstNonFinite(f16(0x3c00, 0x7bff, 0x7c00))).toBe(2);
    expect(firstNonFinite(f16(0xfe01))).toBe(0);
    expect(firstNonFinite(f32(3.4e38, -1e-45))).toBe(-1);
    expect(firstNonFinite(tensorOf('I32', [1], Int32Array.of(-1)))).toBe(-1);
  });
});

describe('several items and outputs', () => {
  const stacked = (...values: number[]) =>
    tensorOf('F32', [values.length, 1], Float32Array.from(values));

  it('names every differing item once, rising, with the first reason', () => {
    const a = { p: stacked(1, 2, 3, 4), q: stacked(1, 1, 1, 1) };
    const b = { p: stacked(1, 2, 9, 9), q: stacked(1, 7, 7, 1) };
    const compared = compareOutputs(a, b, 4, CLOSE);
    expect(compared).toMatchObject({ kind: 'disagree', items: [1, 2, 3] });
    expect(compared.kind === 'disagree' && compared.reason).toContain('output "p" of item 2');
    expect(compared.worst.relativeL2).toBeCloseTo(6 / 7, 5);
    expect(compared.worst.elementError).toBeCloseTo(6 / 7, 5);
  });

  it('gives the worst of both figures, each by itself, also where all agree', () => {
    const pairs = (...values: number[]) =>
      tensorOf('F32', [values.length / 2, 2], Float32Array.from(values));
    // One element alone, then both by less: the first item has the largest element, the second the largest norm.
    const a = { y: pairs(1, 1, 1, 1) };
    const b = { y: pairs(1 + 12e-6, 1, 1 + 10e-6, 1 + 10e-6) };
    const { kind, worst } = compareOutputs(a, b, 2, CLOSE);
    expect(kind).toBe('agree');
    expect(worst.elementError / 12e-6).toBeCloseTo(1, 1);
    expect(worst.relativeL2 / 10e-6).toBeCloseTo(1, 1);
    expect(compareOutputs(a, a, 2, CLOSE).worst).toEqual({ relativeL2: 0, elementError: 0 });
  });

  it('each item counts for itself: a large one does not hide a small one', () => {
    const a = { y: stacked(1e6, 1e-3) };
    const b = { y: stacked(1e6, 2e-3) };
    expect(compareOutputs(a, b, 2, CLOSE)).toMatchObject({ kind: 'disagree', items: [1] });
  });

  it('an output on one side only, or of two dtypes, is a bug of the caller', () => {
    expect(() => compareOutputs({ y: f32(1) }, {}, 1, CLOSE)).toThrow(BugError);
    expect(() => compareOutputs({}, { y: f32(1) }, 1, CLOSE)).toThrow(BugError);
    expect(() => compareOutputs({ y: f32(1) }, { y: f64(1) }, 1, CLOSE)).toThrow(BugError);
  });

  it('items of no elements agree', () => {
    expect(
      compareOutputs(
        { y: tensorOf('F32', [2, 0], new Float32Array(0)) },
        { y: tensorOf('F32', [2, 0], new Float32Array(0)) },
        2,
        CLOSE,
      ).kind,
    ).toBe('agree');
  });
});
