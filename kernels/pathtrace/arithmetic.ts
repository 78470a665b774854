/**
 * The fixed point of pathtrace@1: 32-bit integers that wrap, as WGSL fixes them. Lengths in units of 2^-12, directions 2^-14.
 */
export interface Vec {
  x: number;
  y: number;
  z: number;
}

/** 1 as a direction. */
export const ONE = 2 ** 14;
/** Half the side of the world; 28 units of length, longer than its diagonal; what of a hit is taken for none; and off it. */
export const WORLD = 2 ** 15;
export const FAR = 28 * 2 ** 12;
export const NEAR = 8;
export const LIFT = 4;

const { imul, abs, min, max } = Math;

/** By 2^14, to the nearest. */
export const shifted = (value: number): number => ((value + ONE / 2) | 0) >> 14;

/** The whole part of a square root of a u32. */
export const root = (value: number): number => Math.floor(Math.sqrt(value));

/** The direction of a vector: first its largest part is brought to 14 bits. */
export function unit(x: number, y: number, z: number, into: Vec): void {
  const most = max(abs(x) | 0, abs(y) | 0, abs(z) | 0);
  if (most === 0) {
    into.x = 0;
    into.y = 0;
    into.z = ONE;
    return;
  }
  const room = Math.clz32(most) - 18;
  const sized = (value: number) => (room > 0 ? value << room : value >> max(-room, 0));
  const [a, b, c] = [sized(x), sized(y), sized(z)];
  const square = (imul(a, a) + imul(b, b) + imul(c, c)) >>> 0;
  const inverse = Math.floor(0x20000000 / root(square));
  into.x = ((imul(a, inverse) + ONE) | 0) >> 15;
  into.y = ((imul(b, inverse) + ONE) | 0) >> 15;
  into.z = ((imul(c, inverse) + ONE) | 0) >> 15;
}

/** A point of the unit sphere: a height and an angle, by 5th order polynomials that are off by 2e-4. */
export function ballSurface(height: number, angle: number, into: Vec): void {
  const z = (height >>> 17) - ONE;
  const radius = root(2 ** 28 - z * z);
  const part = (angle >>> 15) & 0x7fff;
  const sine = imul(radius, quarterSine(part)) >> 14;
  const cosine = imul(radius, quarterSine(32_768 - part)) >> 14;
  const quarter = angle >>> 30;
  const isTurned = quarter % 2 === 1;
  const sign = quarter < 2 ? 1 : -1;
  into.x = sign * (isTurned ? -sine : cosine);
  into.y = sign * (isTurned ? cosine : sine);
  into.z = z;
}

/** The sine of a share (2^-15) of a right angle. */
function quarterSine(part: number): number {
  const square = imul(part, part) >> 15;
  const inner = imul(square, 10_512 - (imul(square, 1160) >> 15)) >> 15;
  return imul(part, 25_736 - inner) >> 15;
}

/** pcg4d of Jarzynski and Olano. */
export function random(into: Uint32Array, a: number, b: number, c: number, d: number): void {
  let x = (imul(a, 1_664_525) + 1_013_904_223) | 0;
  let y = (imul(b, 1_664_525) + 1_013_904_223) | 0;
  let z = (imul(c, 1_664_525) + 1_013_904_223) | 0;
  let w = (imul(d, 1_664_525) + 1_013_904_223) | 0;
  x = (x + imul(y, w)) | 0;
  y = (y + imul(z, x)) | 0;
  z = (z + imul(x, y)) | 0;
  w = (w + imul(y, z)) | 0;
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  w ^= w >>> 16;
  x = (x + imul(y, w)) | 0;
  y = (y + imul(z, x)) | 0;
  z = (z + imul(x, y)) | 0;
  w = (w + imul(y, z)) | 0;
  into[0] = x;
  into[1] = y;
  into[2] = z;
  into[3] = w;
}

/** The nearest multiple of 2^-bits to an f32 given by its bits, as its number, in [low, high]; beyond all for NaN. */
export function fixed(word: number, bits: number, low: number, high: number): number {
  const exponent = ((word >>> 23) & 255) - 150 + bits;
  const digits = (word & 0x7fffff) | 0x800000;
  let size = 0;
  if (exponent > 6) size = 0x3fffffff;
  else if (exponent >= 0) size = digits << exponent;
  else if (exponent >= -25) size = (digits + 2 ** (-exponent - 1)) >>> -exponent;
  return min(max(word >>> 31 === 1 ? -size : size, low), high);
}
