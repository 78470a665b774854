/**
 * Merkle tree over the per-item output chunks of one report (RFC 6962 section 2.1 form).
 *
 * Leaves and nodes are hashed under different prefixes, so a node can never be shown as a leaf, and
 * the tree has no duplicated last leaf (CVE-2012-2459): a level of odd length splits at the largest
 * power of two below it. The leaf count is fixed by the assignment, so the depth is exact.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { assert } from './result.ts';

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/** SHA-256 of one message; Node passes its native one where thousands are hashed a second. */
export type Sha256 = (message: Uint8Array) => Uint8Array;

/** Root over the chunks, in order. Throws (a bug) on an empty list: an assignment has items. */
export function merkleRoot(chunks: readonly Uint8Array[], hash: Sha256 = sha256): Uint8Array {
  assert(chunks.length > 0, 'merkleRoot: an assignment has at least one item');
  return rootOf(chunks, 0, chunks.length, hash);
}

/** Audit path of chunk `index`, from the leaf's sibling up to the root's child (RFC 6962 2.1.1). */
export function merklePath(
  chunks: readonly Uint8Array[],
  index: number,
  hash: Sha256 = sha256,
): Uint8Array[] {
  assert(index >= 0 && index < chunks.length, 'merklePath: index out of range');
  return pathOf(chunks, index, 0, chunks.length, hash);
}

/** True when `chunk` is the `index`-th of `count` chunks under `root`; the path must be exact. */
export function verifyMerklePath(
  chunk: Uint8Array,
  index: number,
  count: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
  hash: Sha256 = sha256,
): boolean {
  const computed = climb(leafHash(chunk, hash), index, count, path, hash);
  return computed !== null && equalBytes(computed, root);
}

function rootOf(
  chunks: readonly Uint8Array[],
  start: number,
  end: number,
  hash: Sha256,
): Uint8Array {
  const count = end - start;
  if (count === 1) return leafHash(chunks[start]!, hash);
  const split = start + largestPowerOfTwoBelow(count);
  return nodeHash(rootOf(chunks, start, split, hash), rootOf(chunks, split, end, hash), hash);
}

function pathOf(
  chunks: readonly Uint8Array[],
  index: number,
  start: number,
  end: number,
  hash: Sha256,
): Uint8Array[] {
  const count = end - start;
  if (count === 1) return [];
  const split = start + largestPowerOfTwoBelow(count);
  return index < split
    ? [...pathOf(chunks, index, start, split, hash), rootOf(chunks, split, end, hash)]
    : [...pathOf(chunks, index, split, end, hash), rootOf(chunks, start, split, hash)];
}

function climb(
  leaf: Uint8Array,
  index: number,
  count: number,
  path: readonly Uint8Array[],
  hash: Sha256,
): Uint8Array | null {
  if (index < 0 || index >= count) return null;
  if (count === 1) return path.length === 0 ? leaf : null;
  const sibling = path.at(-1);
  if (sibling === undefined) return null;
  const rest = path.slice(0, -1);
  const split = largestPowerOfTwoBelow(count);
  if (index < split) {
    const left = climb(leaf, index, split, rest, hash);
    return left === null ? null : nodeHash(left, sibling, hash);
  }
  const right = climb(leaf, index - split, count - split, rest, hash);
  return right === null ? null : nodeHash(sibling, right, hash);
}

function leafHash(chunk: Uint8Array, hash: Sha256): Uint8Array {
  const message = new Uint8Array(chunk.length + 1);
  message[0] = LEAF_PREFIX;
  message.set(chunk, 1);
  return hash(message);
}

function nodeHash(left: Uint8Array, right: Uint8Array, hash: Sha256): Uint8Array {
  const message = new Uint8Array(1 + left.length + right.length);
  message[0] = NODE_PREFIX;
  message.set(left, 1);
  message.set(right, 1 + left.length);
  return hash(message);
}

function largestPowerOfTwoBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
