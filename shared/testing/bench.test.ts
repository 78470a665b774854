import { describe, expect, it } from 'vitest';
import { medianOf } from './bench.ts';

describe('medianOf', () => {
  it('is the middle value, whatever the order', () => {
    expect(medianOf([9, 1, 5])).toBe(5);
    expect(medianOf([7])).toBe(7);
  });

  it('is the mean of the two middle values of an even number', () => {
    expect(medianOf([10, 2, 4, 100])).toBe(7);
  });

  it('is not a number where there are no values', () => {
    expect(medianOf([])).toBeNaN();
  });
});
