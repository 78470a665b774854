/**
 * Merkle tree over the per-item output chunks of one report (RFC 6962 section 2.1 form).
 *
 * Leaves and nodes are hashed under different prefixes, so a node can never be shown as a leaf, and
 * the tree has no duplicated last leaf (CVE-2012-2459): a level of odd length splits at the largest
 * power of two below it. The leaf count is fixed by the assignment, so the depth is exact.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { equalBytes } from './bytes.ts';
import { assert } from './result.ts';

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/** SHA-256 of one message; Node passes its native one where thousands are hashed a second. */
export type Sha256 = (message: Uint8Array) => Uint8Array;

export const HASH_BYTES = 32;

/**
 * Every hash of the tree over the chunks: a subtree's left half, its right half, its own root. So whoever
 * made it once gives root and paths without hashing again. Throws (a bug) on an empty list: an assignment
 * has items.
 */
export const merkleTree = (chunks: readonly Uint8Array[], hash: Sha256 = sha256): Uint8Array =>
  merkleTreeOf(
    chunks.map((chunk) => leafHash(chunk, hash)),
    hash,
  );

/** The same over the leaves' hashes, the SHA-256 of `leafMessage` of each chunk. */
export function merkleTreeOf(leaves: readonly Uint8Array[], hash: Sha256 = sha256): Uint8Array {
  assert(leaves.length > 0, 'merkleTreeOf: an assignment has at least one item');
  const tree = new Uint8Array((2 * leaves.length - 1) * HASH_BYTES);
  let next = 0;
  const fill = (start: number, end: number): Uint8Array => {
    const count = end - start;
    let root: Uint8Array;
    if (count === 1) root = leaves[start]!;
    else {
      const split = start + largestPowerOfTwoBelow(count);
      const left = fill(start, split);
      root = nodeHash(left, fill(split, end), hash);
    }
    tree.set(root, next++ * HASH_BYTES);
    return root;
  };
  fill(0, leaves.length);
  return tree;
}

/** The root of a `merkleTree`. */
export const merkleRoot = (tree: Uint8Array): Uint8Array => tree.subarray(-HASH_BYTES);

/** Chunks that a `merkleTree` was made of. */
export const leavesOf = (tree: Uint8Array): number => (tree.length / HASH_BYTES + 1) / 2;

/** Audit path of chunk `index`, from the leaf's sibling up to the root's child (RFC 6962 2.1.1). */
export function merklePath(tree: Uint8Array, index: number): Uint8Array[] {
  let count = leavesOf(tree);
  assert(index >= 0 && index < count, 'merklePath: index out of range');
  const path: Uint8Array[] = [];
  // The subtree of `count` leaves whose hashes end before `end`, and the leaf's place in it.
  let end = 2 * count - 1;
  let place = index;
  const rootBefore = (at: number) => tree.subarray((at - 1) * HASH_BYTES, at * HASH_BYTES);
  while (count > 1) {
    const split = largestPowerOfTwoBelow(count);
    const endOfRight = end - 1;
    const endOfLeft = endOfRight - (2 * (count - split) - 1);
    const isLeft = place < split;
    path.unshift(rootBefore(isLeft ? endOfRight : endOfLeft));
    end = isLeft ? endOfLeft : endOfRight;
    place = isLeft ? place : place - split;
    count = isLeft ? split : count - split;
  }
  return path;
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

/** What is hashed of a leaf. */
export function leafMessage(chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(chunk.length + 1);
  message[0] = LEAF_PREFIX;
  message.set(chunk, 1);
  return message;
}

export const leafHash = (chunk: Uint8Array, hash: Sha256 = sha256): Uint8Array =>
  hash(leafMessage(chunk));

export function nodeHash(left: Uint8Array, right: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  const message = new Uint8Array(1 + left.length + right.length);
  message[0] = NODE_PREFIX;
  message.set(left, 1);
  message.set(right, 1 + left.length);
  return hash(message);
}

export function largestPowerOfTwoBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}
