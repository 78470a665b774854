/**
 * Images of handwritten-looking digits: a glyph's strokes, bent, slanted, drawn with a pen and blurred.
 *
 * Made here, from `glyphs.ts` and a seed; no data set is used. An image is 28 × 28 floats from 0
 * (paper) to 1 (ink), row-major.
 */
import { GLYPHS, type Glyph, type Point } from './glyphs.ts';
import type { Random } from './random.ts';

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;
export const DIGITS = 10;

export interface DigitSet {
  /** `[count, 1, 28, 28]`. */
  readonly images: Float32Array;
  readonly labels: Uint8Array;
}

/** `count` images of digits chosen at random. */
export function digitSet(count: number, random: Random): DigitSet {
  const images = new Float32Array(count * PIXELS);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const digit = random.below(DIGITS);
    labels[i] = digit;
    drawDigit(digit, random, images.subarray(i * PIXELS, (i + 1) * PIXELS));
  }
  return { images, labels };
}

/** One digit in a hand of its own into `image`, which is overwritten. */
export function drawDigit(digit: number, random: Random, image: Float32Array): void {
  const ways = GLYPHS[digit]!;
  const glyph = ways[random.below(ways.length)]!;
  const strokes = written(glyph, random);
  const radius = random.between(0.7, 1.9);
  const pressure = random.between(0.75, 1);
  image.fill(0);
  for (const stroke of strokes) {
    for (let i = 1; i < stroke.length; i++) {
      inkSegment(image, stroke[i - 1]!, stroke[i]!, radius, pressure);
    }
  }
  if (random.next() < 0.5) blur(image);
  addSpecks(image, random);
}

/** The glyph's points in pixels, after a trembling hand and a random affine map. */
function written(glyph: Glyph, random: Random): Point[][] {
  const tilt = random.between(-0.3, 0.3);
  const slant = random.between(-0.35, 0.35);
  const width = SIDE * random.between(0.45, 0.78);
  const height = SIDE * random.between(0.58, 0.85);
  const centreX = SIDE / 2 + random.between(-2.5, 2.5);
  const centreY = SIDE / 2 + random.between(-2.5, 2.5);
  const tremble = random.between(0.005, 0.045);
  const bendX = random.between(-0.12, 0.12);
  const bendY = random.between(-0.12, 0.12);
  const cos = Math.cos(tilt);
  const sin = Math.sin(tilt);
  return glyph.map((stroke) =>
    stroke.map(([x, y]) => {
      const u = x - 0.5 + tremble * random.normal();
      const v = y - 0.5 + tremble * random.normal();
      const bentX = (u + bendX * Math.sin(Math.PI * v) - slant * v) * width;
      const bentY = (v + bendY * Math.sin(Math.PI * u)) * height;
      return [centreX + cos * bentX - sin * bentY, centreY + sin * bentX + cos * bentY];
    }),
  );
}

/** A capsule with a soft edge of one pixel; overlapping ink does not add up. */
function inkSegment(
  image: Float32Array,
  [ax, ay]: Point,
  [bx, by]: Point,
  radius: number,
  pressure: number,
): void {
  const reach = radius + 1;
  const left = Math.max(0, Math.floor(Math.min(ax, bx) - reach));
  const right = Math.min(SIDE - 1, Math.ceil(Math.max(ax, bx) + reach));
  const top = Math.max(0, Math.floor(Math.min(ay, by) - reach));
  const bottom = Math.min(SIDE - 1, Math.ceil(Math.max(ay, by) + reach));
  const dx = bx - ax;
  const dy = by - ay;
  const square = dx * dx + dy * dy;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const along = square === 0 ? 0 : ((x + 0.5 - ax) * dx + (y + 0.5 - ay) * dy) / square;
      const t = Math.min(1, Math.max(0, along));
      const distance = Math.hypot(x + 0.5 - ax - t * dx, y + 0.5 - ay - t * dy);
      const ink = pressure * Math.min(1, Math.max(0, radius + 0.5 - distance));
      const at = y * SIDE + x;
      if (ink > image[at]!) image[at] = ink;
    }
  }
}

/** A 3 × 3 binomial filter, as a scanner out of focus. */
function blur(image: Float32Array): void {
  const sharp = Float32Array.from(image);
  const at = (y: number, x: number): number =>
    y < 0 || x < 0 || y >= SIDE || x >= SIDE ? 0 : sharp[y * SIDE + x]!;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const corners = at(y - 1, x - 1) + at(y - 1, x + 1) + at(y + 1, x - 1) + at(y + 1, x + 1);
      const edges = at(y - 1, x) + at(y + 1, x) + at(y, x - 1) + at(y, x + 1);
      image[y * SIDE + x] = (4 * at(y, x) + 2 * edges + corners) / 16;
    }
  }
}

/** Grain, and values rounded to 1/255: an image could have come from an 8-bit file. */
function addSpecks(image: Float32Array, random: Random): void {
  const grain = random.between(0, 0.12);
  for (let i = 0; i < PIXELS; i++) {
    const value = image[i]! + grain * random.normal();
    image[i] = Math.fround(Math.round(255 * Math.min(1, Math.max(0, value))) / 255);
  }
}
