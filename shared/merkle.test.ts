/**
 * The Merkle tree against the Certificate Transparency test vectors (google/certificate-transparency,
 * merkletree tests: eight leaves, their roots and audit paths), and against forgeries.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  leavesOf,
  merklePath as pathIn,
  merkleRoot as rootIn,
  merkleTree,
  verifyMerklePath,
  type Sha256,
} from './merkle.ts';
import { BugError } from './result.ts';
import { RFC_LEAVES, RFC_ROOTS } from './testing/rfc6962.ts';

/** Index, leaf count, path from the leaf's sibling upwards. */
const PATHS: readonly [number, number, readonly string[]][] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];

const hexOf = bytesToHex;
const merkleRoot = (chunks: readonly Uint8Array[], hash?: Sha256) =>
  rootIn(merkleTree(chunks, hash));
const merklePath = (chunks: readonly Uint8Array[], index: number) =>
  pathIn(merkleTree(chunks), index);
const node = (prefix: number, ...parts: Uint8Array[]) =>
  sha256(concatBytes(Uint8Array.of(prefix), ...parts));

describe('Certificate Transparency vectors', () => {
  it.each(RFC_ROOTS.map((root, i) => [i + 1, root] as const))(
    'root of %i leaves',
    (count, root) => {
      expect(hexOf(merkleRoot(RFC_LEAVES.slice(0, count)))).toBe(root);
    },
  );

  it.each(PATHS)('path of leaf %i of %i', (index, count, path) => {
    const leaves = RFC_LEAVES.slice(0, count);
    expect(merklePath(leaves, index).map(hexOf)).toEqual(path);
    const root = merkleRoot(leaves);
    expect(verifyMerklePath(leaves[index]!, index, count, merklePath(leaves, index), root)).toBe(
      true,
    );
  });

  it('a tree knows how many leaves it has', () => {
    RFC_LEAVES.forEach((_, i) =>
      expect(leavesOf(merkleTree(RFC_LEAVES.slice(0, i + 1)))).toBe(i + 1),
    );
  });

  it('hashes with what it is given', () => {
    let hashed = 0;
    const counting = (message: Uint8Array) => {
      hashed += 1;
      return sha256(message);
    };
    expect(hexOf(merkleRoot(RFC_LEAVES, counting))).toBe(RFC_ROOTS[7]);
    expect(hashed).toBe(8 + 7);
  });
});

describe('forgeries', () => {
  const root4 = merkleRoot(RFC_LEAVES.slice(0, 4));
  const leaf = (i: number) => node(0, RFC_LEAVES[i]!);

  it('a node cannot pose as a leaf', () => {
    const left = node(1, leaf(0), leaf(1));
    const right = node(1, leaf(2), leaf(3));
    expect(hexOf(node(1, left, right))).toBe(hexOf(root4));
    const pair = concatBytes(leaf(0), leaf(1));
    // Without prefixes this would verify in a tree of two.
    expect(verifyMerklePath(pair, 0, 2, [right], root4)).toBe(false);
    expect(hexOf(merkleRoot([pair, RFC_LEAVES[2]!]))).not.toBe(hexOf(root4));
  });

  it('a leaf cannot pose as a node', () => {
    expect(hexOf(merkleRoot([Uint8Array.of(1)]))).not.toBe(hexOf(node(1)));
    expect(verifyMerklePath(RFC_LEAVES[0]!, 0, 4, [], root4)).toBe(false);
  });

  it('a doubled last leaf is another tree (CVE-2012-2459)', () => {
    const three = RFC_LEAVES.slice(0, 3);
    expect(hexOf(merkleRoot([...three, three[2]!]))).not.toBe(hexOf(merkleRoot(three)));
  });

  it('the path must be exact: not shorter, not longer, not of another leaf', () => {
    const path = merklePath(RFC_LEAVES, 5);
    const root = merkleRoot(RFC_LEAVES);
    const chunk = RFC_LEAVES[5]!;
    expect(verifyMerklePath(chunk, 5, 8, path, root)).toBe(true);
    expect(verifyMerklePath(chunk, 5, 8, path.slice(1), root)).toBe(false);
    expect(verifyMerklePath(chunk, 5, 8, path.slice(0, -1), root)).toBe(false);
    expect(verifyMerklePath(chunk, 5, 8, [...path, path[0]!], root)).toBe(false);
    expect(verifyMerklePath(chunk, 5, 8, [path[0]!, ...path], root)).toBe(false);
    expect(verifyMerklePath(chunk, 5, 8, [...path].reverse(), root)).toBe(false);
    expect(verifyMerklePath(RFC_LEAVES[4]!, 5, 8, path, root)).toBe(false);
    expect(verifyMerklePath(chunk, 5, 8, path, merkleRoot(RFC_LEAVES.slice(0, 7)))).toBe(false);
  });

  it('the index and the count are part of what is proven', () => {
    const path = merklePath(RFC_LEAVES, 5);
    const root = merkleRoot(RFC_LEAVES);
    for (let index = -1; index < 9; index++) {
      expect(verifyMerklePath(RFC_LEAVES[5]!, index, 8, path, root)).toBe(index === 5);
    }
    expect(verifyMerklePath(RFC_LEAVES[5]!, 5, 5, path, root)).toBe(false);
    expect(verifyMerklePath(RFC_LEAVES[5]!, 5, 0, path, root)).toBe(false);
  });
});

describe('any tree', () => {
  const anyChunks = fc.array(fc.uint8Array({ maxLength: 9 }), { minLength: 1, maxLength: 33 });

  it('every leaf proves itself, and no other chunk does in its place', () => {
    fc.assert(
      fc.property(anyChunks, fc.uint8Array({ maxLength: 9 }), (chunks, other) => {
        const root = merkleRoot(chunks);
        chunks.forEach((chunk, i) => {
          const path = merklePath(chunks, i);
          expect(verifyMerklePath(chunk, i, chunks.length, path, root)).toBe(true);
          const same = hexOf(chunk) === hexOf(other);
          expect(verifyMerklePath(other, i, chunks.length, path, root)).toBe(same);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('has at least one leaf: none is a bug of ours', () => {
    expect(() => merkleRoot([])).toThrow(BugError);
    expect(() => merklePath([], 0)).toThrow(BugError);
    expect(() => merklePath(RFC_LEAVES, 8)).toThrow(BugError);
  });
});
