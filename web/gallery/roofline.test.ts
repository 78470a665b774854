import { expect, it } from 'vitest';
import { drawingOf, logAxis, ridgeOf, roofAt, standingOf } from './roofline.ts';

/** 10 GFLOP/s and 2 GB/s: they meet at 5 operations a byte. */
const ROOF = { flopsPerSecond: 10e9, bytesPerSecond: 2e9 };

it('the roof is memory below the ridge, arithmetic above it, and both on it', () => {
  expect(ridgeOf(ROOF)).toBe(5);
  expect(roofAt(ROOF, 1)).toBe(2e9);
  expect(roofAt(ROOF, 5)).toBe(10e9);
  expect(roofAt(ROOF, 500)).toBe(10e9);
});

it.each([
  // 1000 operations on 1000 bytes in 1 microsecond: 1 GFLOP/s of the 2 that memory allows.
  [1000, 1000, 0.001, 'memory', 0.5],
  [1000, 10, 0.0004, 'arithmetic', 0.25],
  // Its data stays in caches.
  [1000, 1000, 0.00025, 'memory', 2],
] as const)(
  '%d operations on %d bytes in %d ms are bound by %s',
  (flopsPerItem, bytesPerItem, msPerItem, boundBy, share) => {
    const standing = standingOf({ flopsPerItem, bytesPerItem, msPerItem }, ROOF);
    expect(standing).toMatchObject({ boundBy, intensity: flopsPerItem / bytesPerItem });
    expect(standing.share).toBeCloseTo(share, 9);
    expect(standing.flopsPerSecond / standing.bytesPerSecond).toBeCloseTo(standing.intensity, 9);
  },
);

it('a kernel without arithmetic stands on the ground', () => {
  const standing = standingOf({ flopsPerItem: 0, bytesPerItem: 8, msPerItem: 1 }, ROOF);
  expect(standing).toMatchObject({ intensity: 0, share: 0, boundBy: 'memory' });
  const { x, y, roof } = drawingOf(ROOF, standing);
  for (const [intensity, rate] of roof) {
    expect(x.place(intensity)).toBeGreaterThanOrEqual(0);
    expect(y.place(rate)).toBeLessThanOrEqual(1);
  }
});

it('an axis has whole decades around its values', () => {
  const axis = logAxis([0.3, 25, 0, Infinity]);
  expect(axis.decades).toEqual([-1, 0, 1, 2]);
  expect([0.1, 1, 100].map((value) => axis.place(value))).toEqual([0, 1 / 3, 1]);
  expect(logAxis([10]).decades).toEqual([1, 2]);
});

it.each([1e-3, 0.5, 5, 300, 1e6])('a drawing holds its roof and a kernel of %d', (flopsPerItem) => {
  const standing = standingOf({ flopsPerItem, bytesPerItem: 1, msPerItem: 1 }, ROOF);
  const { x, y, roof } = drawingOf(ROOF, standing);
  const points = [...roof, [standing.intensity, standing.flopsPerSecond] as const];
  for (const [intensity, rate] of points) {
    expect(x.place(intensity)).toBeGreaterThanOrEqual(-1e-9);
    expect(x.place(intensity)).toBeLessThanOrEqual(1 + 1e-9);
    expect(y.place(rate)).toBeGreaterThanOrEqual(-1e-9);
    expect(y.place(rate)).toBeLessThanOrEqual(1 + 1e-9);
  }
});
