/**
 * montecarlo@1 on the CPU, and the generator Philox4x32-10 that it draws from.
 */
import { tensorOf, type NamedTensors } from '../../shared/tensor.ts';
import {
  DEFAULT_STEPS,
  halvesPerSample,
  samplesPerBlock,
  type MontecarloParams,
} from './manifest.ts';

/** Multipliers and Weyl constants of Philox4x32 (Salmon et al., table 2 and section 3.3). */
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

const COORDINATE_BITS = 14;
const COORDINATE_MASK = 2 ** COORDINATE_BITS - 1;
/** The squared radius, in grid steps. */
const RADIUS_SQUARED = 2 ** (2 * COORDINATE_BITS);

/** Fills `words` (4 u32) with the block of this 128-bit counter and 64-bit key. */
export function philox4x32(
  words: Uint32Array,
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): void {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = highProduct(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = highProduct(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/** Upper 32 bits of the product of two u32, by 16-bit halves: a double holds only 53 of its bits. */
function highProduct(x: number, y: number): number {
  const xLow = x & 0xffff;
  const xHigh = x >>> 16;
  const yLow = y & 0xffff;
  const yHigh = y >>> 16;
  const cross = xHigh * yLow + ((xLow * yLow) >>> 16);
  const carry = (cross & 0xffff) + xLow * yHigh;
  return (xHigh * yHigh + Math.floor(cross / 65536) + Math.floor(carry / 65536)) >>> 0;
}

/** Half number `i` of a block, 16 bits. */
const halfAt = (words: Uint32Array, i: number): number =>
  (words[i >> 1]! >>> (i % 2 === 0 ? 0 : 16)) & 0xffff;

/** Whether a sample whose halves begin at `first` is a hit. */
type Predicate = (words: Uint32Array, first: number, dimensions: number) => boolean;

const PREDICATES: Readonly<Record<Exclude<MontecarloParams['integrand'], 'walk'>, Predicate>> = {
  // (x + 1/2)^2 summed over the axes is below r^2 where the sum of x(x+1) is, but for a grid boundary.
  ball(words, first, dimensions) {
    let squares = 0;
    for (let axis = first; axis < first + dimensions; axis++) {
      const x = halfAt(words, axis) & COORDINATE_MASK;
      squares += x * (x + 1);
    }
    return squares < RADIUS_SQUARED;
  },
  simplex(words, first, dimensions) {
    let sum = 0;
    for (let axis = first; axis < first + dimensions; axis++) {
      sum += (halfAt(words, axis) & COORDINATE_MASK) + 0.5;
    }
    return sum < 2 ** COORDINATE_BITS;
  },
  // One number more than coordinates is below the product of 4 x (1 - x), to 2^-14.
  bump(words, first, dimensions) {
    const one = 2 ** COORDINATE_BITS;
    let height = one;
    for (let axis = first; axis < first + dimensions; axis++) {
      const x = (halfAt(words, axis) & COORDINATE_MASK) + 0.5;
      const factor = Math.floor((4 * x * (one - x)) / one);
      height = Math.floor((height * factor) / one);
    }
    return (halfAt(words, first + dimensions) & COORDINATE_MASK) < height;
  },
};

/** `hits` U32 scalar: how many of the item's samples are hits. */
export function montecarloReference(
  params: MontecarloParams,
  item: number,
  _inputs: NamedTensors,
): NamedTensors {
  const { dimensions, samplesPerItem, seed, stream, integrand } = params;
  const perBlock = samplesPerBlock(params);
  const words = new Uint32Array(4);
  let hits = 0;
  for (let sample = 0; sample < samplesPerItem; sample++) {
    if (integrand === 'walk') {
      if (returns(params, item, sample, words)) hits += 1;
      continue;
    }
    const place = sample % perBlock;
    if (place === 0) philox4x32(words, [sample / perBlock, item, 0, 0], [seed, stream]);
    const first = place * halvesPerSample(params);
    if (PREDICATES[integrand](words, first, dimensions)) hits += 1;
  }
  return { hits: tensorOf('U32', [], Uint32Array.of(hits)) };
}

/** Whether a walk from the origin is there again after any of its steps, eight of which a block gives. */
function returns(
  { dimensions, seed, stream, steps = DEFAULT_STEPS }: MontecarloParams,
  item: number,
  sample: number,
  words: Uint32Array,
): boolean {
  const place = new Int32Array(dimensions);
  let away = 0;
  for (let step = 0; step < steps; step++) {
    if (step % 8 === 0) philox4x32(words, [sample, item, step / 8, 0], [seed, stream]);
    const way = (halfAt(words, step % 8) * 2 * dimensions) >>> 16;
    const before = place[way >> 1]!;
    const after = before + (way % 2 === 0 ? -1 : 1);
    place[way >> 1] = after;
    away += Math.abs(after) - Math.abs(before);
    if (away === 0) return true;
  }
  return false;
}
