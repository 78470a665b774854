import { describe, expect, it } from 'vitest';
import { RUNTIME } from './runtime.ts';

describe('what has no operator', () => {
  it('bits', () => {
    expect(RUNTIME.REVERSE_BITS(1) >>> 0).toBe(0x80000000);
    expect(RUNTIME.COUNT_BITS(-1)).toBe(32);
    expect([RUNTIME.LOWEST_BIT(0), RUNTIME.LOWEST_BIT(40)]).toEqual([-1, 3]);
    expect([RUNTIME.HIGHEST_BIT(0), RUNTIME.HIGHEST_BIT(40)]).toEqual([-1, 5]);
    expect(RUNTIME.SIGNED_BITS(0b1100, 2, 2)).toBe(-1);
    expect(RUNTIME.UNSIGNED_BITS(0b1100, 2, 2)).toBe(3);
    expect(RUNTIME.UNSIGNED_BITS(-1, 0, 32)).toBe(0xffffffff);
    expect(RUNTIME.FLOAT_OF(RUNTIME.BITS_OF(-1.5))).toBe(-1.5);
  });

  it('floats to integers, and to even', () => {
    expect([NaN, -3, 2.9, 1e20].map(RUNTIME.TO_U32)).toEqual([0, 0, 2, 0xffffffff]);
    expect([NaN, -3.9, 2.9, -1e20].map(RUNTIME.TO_I32)).toEqual([0, -3, 2, -0x80000000]);
    expect([0.5, 1.5, -0.5, 2.4, 2.6].map(RUNTIME.ROUND_EVEN)).toEqual([0, 2, -0, 2, 3]);
  });
});
