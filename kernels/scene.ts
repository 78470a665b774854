/**
 * What examples of kernels are made of where noise shows nothing: an image without a camera, and words that look like
 * chance. Pure.
 */

/** 32 bits that do not show what number they are of: the finalizer of MurmurHash3 (A. Appleby, public domain). */
export function scattered(index: number): number {
  let mixed = (index + 0x9e3779b9) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Red, green and blue, 0 to 1. */
type Light = readonly [red: number, green: number, blue: number];

const SKY_ABOVE: Light = [0.1, 0.16, 0.42];
const SKY_BELOW: Light = [0.98, 0.6, 0.34];
const SUN: Light = [1, 0.93, 0.7];
/** From the farthest to the nearest. */
const HILLS: readonly (readonly [height: number, waves: number, light: Light])[] = [
  [0.62, 2.3, [0.5, 0.34, 0.46]],
  [0.72, 3.7, [0.28, 0.24, 0.38]],
  [0.84, 5.1, [0.1, 0.14, 0.2]],
];

/** Above all hills, from the upper edge. */
const HILLS_BEGIN = 0.56;

/** A sun that sets behind hills, at `x` and `y` from the left upper corner, both 0 to 1; `hour` moves the sun. */
export function sceneAt(x: number, y: number, hour = 0): Light {
  if (y > HILLS_BEGIN) {
    const roll = (waves: number, i: number): number =>
      0.05 * Math.sin(waves * 2 * x + i) * Math.cos(7 * x - i);
    const hill = HILLS.findLast(([height, waves], i) => y > height + roll(waves, i));
    if (hill !== undefined) return hill[2];
  }
  const [across, down] = [x - 0.62 + 0.08 * hour, y - 0.46 - 0.03 * hour];
  const away = Math.sqrt(across * across + down * down);
  if (away < 0.12) return SUN;
  const glow = Math.max(0, 0.5 - away) / 2;
  const low = Math.min(1, 1.25 * y + 0.04 * Math.sin(38 * y + 14 * x * (1 - x)));
  const of = (i: 0 | 1 | 2): number =>
    Math.min(SKY_ABOVE[i] + (SKY_BELOW[i] - SKY_ABOVE[i]) * low + glow * SUN[i], 1);
  return [of(0), of(1), of(2)];
}
