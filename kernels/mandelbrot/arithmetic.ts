/**
 * The fixed-point numbers of mandelbrot@1: how precise they are for a view, and a view's corner and step in them.
 *
 * A number is `digits` signed digits of 14 bits, from -8192 to 8191, but for the first, which is the integer part
 * and takes what is left. Sums of products of such digits fit an i32 without a carry; signs need no cases.
 */

export const DIGIT_BITS = 14;
export const HALF_DIGIT = 2 ** (DIGIT_BITS - 1);
/** A column of x^2 - y^2 sums 2 x 12 products of 2^26: below 2^31 with room for the carry. */
export const MAX_DIGITS = 12;
/** The escape test reads the first two digits. */
const MIN_DIGITS = 3;
/**
 * Bits below a pixel's step. One iteration rounds by a few units of the last digit where it adds a pixel's offset
 * once, and both grow alike: 16 bits keep rounding under 1e-4 of a pixel.
 */
const GUARD_BITS = 16;

export interface View {
  readonly centreReal: string;
  readonly centreImaginary: string;
  readonly viewWidth: number;
  readonly widthPixels: number;
  readonly heightPixels: number;
}

export interface FixedView {
  /** Digits of each number; the arrays below are so long. */
  readonly digits: number;
  /** Real part of the first column of pixels, imaginary part of the first row. */
  readonly left: readonly number[];
  readonly top: readonly number[];
  /** From one pixel to the next, along both axes. */
  readonly step: readonly number[];
}

/** Digits that a step of this size needs; more than `MAX_DIGITS` where the view is too deep. */
export const digitsFor = (step: number): number =>
  Math.max(MIN_DIGITS, 1 + Math.ceil((GUARD_BITS - Math.log2(step)) / DIGIT_BITS));

export function fixedView(view: View): FixedView {
  const { widthPixels, heightPixels } = view;
  const digits = digitsFor(view.viewWidth / widthPixels);
  const bits = (digits - 1) * DIGIT_BITS;
  const step = fixedOf(String(view.viewWidth), bits) / BigInt(widthPixels);
  const left = fixedOf(view.centreReal, bits) - (step * BigInt(widthPixels - 1)) / 2n;
  const top = fixedOf(view.centreImaginary, bits) + (step * BigInt(heightPixels - 1)) / 2n;
  return {
    digits,
    left: digitsOf(left, digits),
    top: digitsOf(top, digits),
    step: digitsOf(step, digits),
  };
}

/** A decimal, with or without an exponent, times 2^bits, towards zero. */
export function fixedOf(decimal: string, bits: number): bigint {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(decimal);
  if (parts === null) throw new Error(`expected a decimal number, came "${decimal}"`);
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts;
  const tens = Number(exponent) - fraction.length;
  const scaled = BigInt(whole + fraction) << BigInt(bits);
  const size = tens < 0 ? scaled / 10n ** BigInt(-tens) : scaled * 10n ** BigInt(tens);
  return sign === '-' ? -size : size;
}

/** The digits of a fixed-point number, the integer part first. */
export function digitsOf(fixed: bigint, digits: number): number[] {
  const base = BigInt(2 ** DIGIT_BITS);
  const half = BigInt(HALF_DIGIT);
  const found: number[] = [];
  let rest = fixed;
  for (let i = 1; i < digits; i++) {
    const digit = ((rest + half) & (base - 1n)) - half;
    found.push(Number(digit));
    rest = (rest - digit) / base;
  }
  return [...found, Number(rest)].reverse();
}

/** The number back from its digits, as it lies in between: for tests. */
export const fixedOfDigits = (digits: readonly number[]): bigint =>
  digits.reduce((sum, digit) => sum * BigInt(2 ** DIGIT_BITS) + BigInt(digit), 0n);
