/**
 * mandelbrot@1 on the CPU: the definition of what is right, digit by digit.
 *
 * Products keep the columns down to one guard digit below the last; their sum is rounded to the last digit by the
 * carry that makes the guard digit one of -8192 to 8191. Columns stay below 2^31: `|0` is never lossy.
 */
import { tensorOf, type NamedTensors } from '../../shared/tensor.ts';
import { DIGIT_BITS, HALF_DIGIT, fixedView } from './arithmetic.ts';
import { tilesOf, type MandelbrotParams } from './manifest.ts';

/** z is seen to 11 binary places: 14 bits of the first fraction digit, less three. */
const SEEN_BITS = 11;
/** |z|^2 of 4 at that scale. */
const ESCAPE = 4 * 2 ** (2 * SEEN_BITS);

/** `iterations` U32 [tile, tile] of the tile number `item`. */
export function mandelbrotReference(
  params: MandelbrotParams,
  item: number,
  _inputs: NamedTensors,
): NamedTensors {
  const { tilePixels, maxIterations } = params;
  const { left, top, step } = fixedView(params);
  const { across, down } = tilesOf(params);
  const tile = item % (across * down);
  const firstColumn = (tile % across) * tilePixels;
  const firstRow = Math.floor(tile / across) * tilePixels;
  const iterations = new Uint32Array(tilePixels ** 2);
  for (let pixel = 0; pixel < iterations.length; pixel++) {
    const column = firstColumn + (pixel % tilePixels);
    const row = firstRow + Math.floor(pixel / tilePixels);
    const real = normalized(left.map((digit, i) => digit + column * step[i]!));
    const imaginary = normalized(top.map((digit, i) => digit - row * step[i]!));
    iterations[pixel] = escapeTime(real, imaginary, maxIterations);
  }
  return { iterations: tensorOf('U32', [tilePixels, tilePixels], iterations) };
}

/** How often z^2 + c is taken from z = 0 before |z| exceeds 2; `most` where it never does. */
export function escapeTime(real: Int32Array, imaginary: Int32Array, most: number): number {
  const x = new Int32Array(real.length);
  const y = new Int32Array(real.length);
  for (let taken = 0; taken < most; taken++) {
    const seenX = (x[0]! << SEEN_BITS) + (x[1]! >> (DIGIT_BITS - SEEN_BITS));
    const seenY = (y[0]! << SEEN_BITS) + (y[1]! >> (DIGIT_BITS - SEEN_BITS));
    if (seenX * seenX + seenY * seenY > ESCAPE) return taken;
    squarePlus(x, y, real, imaginary);
  }
  return most;
}

/** z = z^2 + c in place. A digit is written once no column needs the old one. */
function squarePlus(x: Int32Array, y: Int32Array, real: Int32Array, imaginary: Int32Array): void {
  const digits = x.length;
  let carryX = 0;
  let carryY = 0;
  for (let column = digits; column >= 0; column--) {
    let difference = carryX;
    let product = 0;
    for (let i = Math.max(0, column - digits + 1); i <= Math.min(column, digits - 1); i++) {
      const j = column - i;
      difference += x[i]! * x[j]! - y[i]! * y[j]!;
      product += x[i]! * y[j]!;
    }
    const sumX = difference + (real[column] ?? 0);
    const sumY = 2 * product + carryY + (imaginary[column] ?? 0);
    carryX = column === 0 ? 0 : (sumX + HALF_DIGIT) >> DIGIT_BITS;
    carryY = column === 0 ? 0 : (sumY + HALF_DIGIT) >> DIGIT_BITS;
    if (column === digits) continue;
    nextX[column] = sumX - (carryX << DIGIT_BITS);
    nextY[column] = sumY - (carryY << DIGIT_BITS);
  }
  for (let i = 0; i < digits; i++) {
    x[i] = nextX[i]!;
    y[i] = nextY[i]!;
  }
}

const nextX = new Int32Array(16);
const nextY = new Int32Array(16);

/** Carries, so that all digits but the first are in range. */
function normalized(digits: readonly number[]): Int32Array {
  const made = Int32Array.from(digits);
  for (let i = made.length - 1; i > 0; i--) {
    const carry = (made[i]! + HALF_DIGIT) >> DIGIT_BITS;
    made[i]! -= carry << DIGIT_BITS;
    made[i - 1]! += carry;
  }
  return made;
}
