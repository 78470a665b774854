/**
 * The append-only tree of a transparency log (RFC 6962 section 2.1): which hashes prove what, and whether they do. Pure.
 *
 * The hash of a complete subtree never changes once its leaves are there, so a log keeps only those: `(level, index)` is
 * the root over the leaves `[index * 2^level, (index + 1) * 2^level)`. Everything else is composed of them. Sizes are
 * exact integers, at most `MAX_LOG_ENTRIES`.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { equalBytes } from '../bytes.ts';
import { MAX_LOG_ENTRIES } from '../limits.ts';
import { largestPowerOfTwoBelow, nodeHash, type Sha256 } from '../merkle.ts';
import { assert } from '../result.ts';

/** The root of a complete subtree of `2 ** level` leaves. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
}

/** Leaves `[start, end)`. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

export type ReadNode = (node: TreeNode) => Uint8Array;

/** What the root of an empty log is: the hash of nothing. */
export const emptyRoot = (hash: Sha256 = sha256): Uint8Array => hash(new Uint8Array(0));

/** The complete subtrees that the root over `range` is made of, from left to right. `start` is where a subtree begins. */
export function nodesOf({ start, end }: LeafRange): TreeNode[] {
  const nodes: TreeNode[] = [];
  let at = start;
  while (at < end) {
    let level = 0;
    // As large as its place and what is left allow.
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level += 1;
    nodes.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return nodes;
}

/** The root over a range that begins where a subtree of at least its length begins. */
export function rootOf(range: LeafRange, read: ReadNode, hash: Sha256 = sha256): Uint8Array {
  const hashes = nodesOf(range).map(read);
  const last = hashes.pop();
  if (last === undefined) return emptyRoot(hash);
  return hashes.reduceRight((right, left) => nodeHash(left, right, hash), last);
}

/** Ranges whose roots prove that a leaf is in a tree, from the leaf's sibling upwards (RFC 6962 section 2.1.1). */
export function inclusionRanges(leaf: number, size: number): LeafRange[] {
  assert(leaf >= 0 && leaf < size && size <= MAX_LOG_ENTRIES, 'inclusionRanges: no such leaf');
  const ranges: LeafRange[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const split = start + largestPowerOfTwoBelow(end - start);
    if (leaf < split) {
      ranges.unshift({ start: split, end });
      end = split;
    } else {
      ranges.unshift({ start, end: split });
      start = split;
    }
  }
  return ranges;
}

/** Ranges whose roots prove that a tree continues an older one (RFC 6962 section 2.1.2). None where both are one. */
export function consistencyRanges(older: number, newer: number): LeafRange[] {
  assert(older > 0 && older <= newer && newer <= MAX_LOG_ENTRIES, 'consistencyRanges: no sizes');
  const ranges: LeafRange[] = [];
  let [start, end] = [0, newer];
  // The older tree's own root is known to whoever asks, as long as it is a subtree of the newer one.
  let isKnown = true;
  while (older !== end) {
    const split = start + largestPowerOfTwoBelow(end - start);
    if (older <= split) {
      ranges.unshift({ start: split, end });
      end = split;
    } else {
      ranges.unshift({ start, end: split });
      start = split;
      isKnown = false;
    }
  }
  return isKnown ? ranges : [{ start, end }, ...ranges];
}

/** Is this the hash of leaf `leaf` in the tree of `size` leaves under `root`? */
export function verifyInclusion(
  leafHash: Uint8Array,
  leaf: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
  hash: Sha256 = sha256,
): boolean {
  if (!(Number.isSafeInteger(leaf) && leaf >= 0 && leaf < size && size <= MAX_LOG_ENTRIES)) {
    return false;
  }
  const ranges = inclusionRanges(leaf, size);
  if (ranges.length !== proof.length) return false;
  const computed = ranges.reduce(
    (known, { start }, i) =>
      start > leaf ? nodeHash(known, proof[i]!, hash) : nodeHash(proof[i]!, known, hash),
    leafHash,
  );
  return equalBytes(computed, root);
}

/** Does the tree under `newerRoot` begin with all that is in the one under `olderRoot`? */
export function verifyConsistency(
  older: number,
  newer: number,
  olderRoot: Uint8Array,
  newerRoot: Uint8Array,
  proof: readonly Uint8Array[],
  hash: Sha256 = sha256,
): boolean {
  if (!(Number.isSafeInteger(older) && older >= 0 && older <= newer && newer <= MAX_LOG_ENTRIES)) {
    return false;
  }
  if (older === 0) return proof.length === 0 && equalBytes(olderRoot, emptyRoot(hash));
  const ranges = consistencyRanges(older, newer);
  if (ranges.length !== proof.length) return false;
  // The largest subtree at the end of the older tree is the seed of both roots: given, or the older tree itself.
  const isGiven = ranges.length > 0 && ranges[0]!.end === older;
  const seed = isGiven ? proof[0]! : olderRoot;
  let [olderSeen, newerSeen] = [seed, seed];
  for (const [i, { start, end }] of ranges.entries()) {
    if (i === 0 && isGiven) continue;
    const given = proof[i]!;
    if (start >= older) newerSeen = nodeHash(newerSeen, given, hash);
    else {
      assert(end <= older, 'verifyConsistency: a range across the end of the older tree');
      olderSeen = nodeHash(given, olderSeen, hash);
      newerSeen = nodeHash(given, newerSeen, hash);
    }
  }
  return equalBytes(olderSeen, olderRoot) && equalBytes(newerSeen, newerRoot);
}
