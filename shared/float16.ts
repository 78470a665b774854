/**
 * Between f32 and the sixteen bits of an f16, for arrays: with `Float16Array` where there is one.
 *
 * Invariant: both ways of converting give the same bits: round to nearest, ties to even, with the carry into the
 * exponent; values beyond 65,504 by half a step and more become infinite; a NaN stays one.
 */
interface HalfArray {
  set(values: ArrayLike<number>): void;
  readonly length: number;
  readonly [index: number]: number;
}
type HalfArrayConstructor = new (
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
) => HalfArray;

/** Chrome 135, Firefox 129, Safari 18.2; no Node 20. */
const Native = (globalThis as { Float16Array?: HalfArrayConstructor }).Float16Array;

/** The f16 bits of every value. */
export function toHalfBits(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint16Array(values.length);
  if (Native === undefined) return toHalfBitsByHand(values, bits);
  new Native(bits.buffer, 0, bits.length).set(values);
  return bits;
}

/** Exact: every f16 is an f32. */
export function fromHalfBits(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(bits.length);
  if (Native === undefined) return fromHalfBitsByHand(bits, values);
  values.set(new Native(bits.buffer, bits.byteOffset, bits.length));
  return values;
}

export function toHalfBitsByHand<T extends Uint16Array>(values: Float32Array, into: T): T {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < words.length; i++) into[i] = halfOf(words[i]!);
  return into;
}

function halfOf(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const exponent = (word >>> 23) & 0xff;
  const fraction = word & 0x7f_ffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  const shifted = exponent - 112;
  if (shifted >= 31) return sign | 0x7c00;
  if (shifted <= 0) {
    // Subnormal: the hidden bit moves into the fraction. Below half of the smallest it is zero.
    if (shifted < -10) return sign;
    return sign | roundedShift(fraction | 0x80_0000, 14 - shifted);
  }
  // Added, not or-ed: a fraction that rounds up to the next power of two carries into the exponent.
  return sign | roundedShift((shifted << 23) + fraction, 13);
}

/** `value / 2^bits`, to nearest, ties to even. */
function roundedShift(value: number, bits: number): number {
  const kept = value >>> bits;
  const rest = value & ((1 << bits) - 1);
  const half = 1 << (bits - 1);
  return kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0);
}

export function fromHalfBitsByHand<T extends Float32Array>(bits: Uint16Array, into: T): T {
  const words = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let i = 0; i < bits.length; i++) words[i] = wordOf(bits[i]!);
  return into;
}

function wordOf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 31) return sign | 0x7f80_0000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal in f16, normal in f32: the leading bit becomes the hidden one.
  const leading = 31 - Math.clz32(fraction);
  return sign | ((leading + 103) << 23) | ((fraction << (23 - leading)) & 0x7f_ffff);
}
