/**
 * Which items a shard holds, and in which order an assignment lists them: keyed pseudo-random, so that
 * item indices of an assignment look alike and a host cannot tell which of them others compute too.
 *
 * A Feistel network over the smallest even-bit domain that holds the index space, walked until it lands
 * inside (cycle walking), with HalfSipHash-2-4 under an own 64-bit key per round (Aumasson & Bernstein).
 * Nothing is stored: the job's secret key gives everything back.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { AssignmentId } from '../../shared/ids.ts';
import { assert } from '../../shared/result.ts';

const ROUNDS = 4;

/** A bijection of `[0, size)` onto itself. */
export type Permutation = (index: number) => number;

export function keyedPermutation(key: string, size: number): Permutation {
  assert(size > 0 && size <= 2 ** 30, `keyedPermutation: size ${size}`);
  const roundKeys = keysFrom(`${key}/permutation`, ROUNDS);
  let halfBits = 1;
  while (2 ** (2 * halfBits) < size) halfBits += 1;
  const mask = 2 ** halfBits - 1;
  const once = (value: number): number => {
    let left = value >>> halfBits;
    let right = value & mask;
    for (const roundKey of roundKeys) {
      [left, right] = [right, left ^ (halfSipHash(roundKey, right) & mask)];
    }
    return (left << halfBits) | right;
  };
  return (index) => {
    assert(index >= 0 && index < size, `keyedPermutation: index ${index} of ${size}`);
    let value = once(index);
    while (value >= size) value = once(value);
    return value;
  };
}

/** Row order of one assignment: `order[i]` is the shard's row that the assignment lists i-th. */
export function assignmentOrder(key: string, assignment: AssignmentId, rows: number): number[] {
  const [shuffleKey] = keysFrom(`${key}/order/${assignment}`, 1);
  const order = Array.from({ length: rows }, (_, i) => i);
  for (let i = rows - 1; i > 0; i--) {
    const j = halfSipHash(shuffleKey!, i) % (i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Two 32-bit words of key for HalfSipHash. */
type HashKey = readonly [number, number];

function keysFrom(text: string, count: number): HashKey[] {
  const seed = sha256(utf8ToBytes(text));
  assert(count * 8 <= seed.length, 'keysFrom: too many keys');
  const view = new DataView(seed.buffer, seed.byteOffset);
  return Array.from({ length: count }, (_, i) => [
    view.getUint32(i * 8, true),
    view.getUint32(i * 8 + 4, true),
  ]);
}

/**
 * HalfSipHash-2-4 of one 32-bit little-endian word, to an unsigned 32-bit number.
 *
 * Unrolled into one loop over the rounds: it runs some hundred times for every assignment.
 */
export function halfSipHash(key: HashKey, word: number): number {
  let v0 = key[0] | 0;
  let v1 = key[1] | 0;
  let v2 = 0x6c796765 ^ key[0];
  let v3 = 0x74656462 ^ key[1] ^ word;
  // Two rounds for the word, two for the final block (the length, 4, in its top byte), four to finish.
  for (let round = 0; round < 8; round++) {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    if (round === 1) {
      v0 ^= word;
      v3 ^= 4 << 24;
    } else if (round === 3) {
      v0 ^= 4 << 24;
      v2 ^= 0xff;
    }
  }
  return (v1 ^ v3) >>> 0;
}
