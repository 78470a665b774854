import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHalfBits, fromHalfBitsByHand, toHalfBits, toHalfBitsByHand } from './float16.ts';

const all = Uint16Array.from({ length: 65_536 }, (_, i) => i);
const toBits = (x: number): number => toHalfBitsByHand(Float32Array.of(x), new Uint16Array(1))[0]!;

/** What an f16's bits mean, by the definition of IEEE 754. */
function meaning(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

describe('f16 by hand', () => {
  const values = fromHalfBitsByHand(all, new Float32Array(all.length));

  it('reads all 65,536 as they are defined', () => {
    const wrong = [...all].filter((bits) => !Object.is(values[bits], meaning(bits)));
    expect(wrong).toEqual([]);
  });

  it('writes all of them back', () => {
    const back = toHalfBitsByHand(values, new Uint16Array(all.length));
    const wrong = [...all].filter((bits) =>
      Number.isNaN(meaning(bits)) ? !Number.isNaN(meaning(back[bits]!)) : back[bits] !== bits,
    );
    expect(wrong).toEqual([]);
  });

  it('rounds to nearest, ties to even, between all neighbours', () => {
    // Bits 0 to 0x7bff are the finite values from 0 up; the next step is infinity, as if it were 65,536.
    const wrong: number[] = [];
    for (let low = 0; low < 0x7c00; low++) {
      const [a, b] = [meaning(low), low === 0x7bff ? 65_536 : meaning(low + 1)];
      const middle = (a + b) / 2;
      const even = low % 2 === 0 ? low : low + 1;
      const step = middle * 2 ** -20;
      const isRight =
        toBits(middle) === even &&
        toBits(Math.fround(middle - step)) === low &&
        toBits(Math.fround(middle + step)) === low + 1 &&
        toBits(-middle) === (even | 0x8000);
      if (!isRight) wrong.push(low);
    }
    expect(wrong).toEqual([]);
  });

  it('knows the ends of the range', () => {
    expect([65_504, 65_519.996, 65_520, 1e30, Infinity].map(toBits)).toEqual([
      0x7bff, 0x7bff, 0x7c00, 0x7c00, 0x7c00,
    ]);
    expect([0, -0, 2 ** -25, 2 ** -25 * 1.0001, 2 ** -24, 1e-40].map(toBits)).toEqual([
      0, 0x8000, 0, 1, 1, 0,
    ]);
    expect(toBits(NaN) & 0x7fff).toBeGreaterThan(0x7c00);
  });

  it('agrees with what the platform has', () => {
    fc.assert(
      fc.property(fc.float32Array({ noNaN: true, maxLength: 50 }), (array) => {
        expect(toHalfBits(array)).toEqual(toHalfBitsByHand(array, new Uint16Array(array.length)));
        const bits = toHalfBits(array);
        expect(fromHalfBits(bits)).toEqual(fromHalfBitsByHand(bits, new Float32Array(bits.length)));
      }),
    );
  });
});
