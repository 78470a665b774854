import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafHash } from '../merkle.ts';
import { logRoot, readerOf } from '../testing/memoryLog.ts';
import { RFC_LEAVES, RFC_ROOTS } from '../testing/rfc6962.ts';
import {
  consistencyRanges,
  emptyRoot,
  inclusionRanges,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from './tree.ts';

/** By size. */
const ROOTS = [bytesToHex(emptyRoot()), ...RFC_ROOTS];
/** Other hashes of the reference implementation's proofs. */
const H = {
  leaf1: '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
  leaves23: '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
  leaves47: '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  leaf4: 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  leaves67: 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
  leaves45: '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
};

const read = readerOf(RFC_LEAVES);
const hexes = (ranges: { start: number; end: number }[]): string[] =>
  ranges.map((range) => bytesToHex(rootOf(range, read)));

describe('vectors of RFC 6962', () => {
  it('the root of nothing', () => {
    expect(ROOTS[0]).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it.each(ROOTS.map((root, size) => [size, root]))('the root of %i leaves', (size, root) => {
    expect(bytesToHex(rootOf({ start: 0, end: size }, read))).toBe(root);
  });

  it.each([
    [0, 1, []],
    [0, 8, [H.leaf1, H.leaves23, H.leaves47]],
    [5, 8, [H.leaf4, H.leaves67, ROOTS[4]]],
    [2, 3, [ROOTS[2]]],
    [1, 5, [ROOTS[1], H.leaves23, H.leaf4]],
  ])('leaf %i is in %i leaves', (leaf, size, proof) => {
    expect(hexes(inclusionRanges(leaf, size))).toEqual(proof);
  });

  it.each([
    [1, 1, []],
    [1, 8, [H.leaf1, H.leaves23, H.leaves47]],
    [6, 8, [H.leaves45, H.leaves67, ROOTS[4]]],
    [2, 5, [H.leaves23, H.leaf4]],
  ])('%i leaves go on as %i', (older, newer, proof) => {
    expect(hexes(consistencyRanges(older, newer))).toEqual(proof);
  });
});

const entries = fc.array(fc.uint8Array({ minLength: 0, maxLength: 4 }), {
  minLength: 1,
  maxLength: 70,
});
const rootsOf = (ranges: { start: number; end: number }[], log: readonly Uint8Array[]) =>
  ranges.map((range) => rootOf(range, readerOf(log)));

describe('proofs', () => {
  it('of every leaf of any log hold, and of nothing else', () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.nat(), fc.nat(), (log, a, b, c) => {
        const leaf = a % log.length;
        const proof = rootsOf(inclusionRanges(leaf, log.length), log);
        const root = logRoot(log);
        const hash = leafHash(log[leaf]!);
        expect(verifyInclusion(hash, leaf, log.length, proof, root)).toBe(true);
        const other = leafHash(Uint8Array.of(1, 2, 3, 4, 5));
        expect(verifyInclusion(other, leaf, log.length, proof, root)).toBe(false);
        expect(verifyInclusion(hash, leaf, log.length, [...proof, root], root)).toBe(false);
        expect(verifyInclusion(hash, leaf, log.length, proof.slice(1), root)).toBe(
          proof.length === 0,
        );
        if (proof.length === 0) return;
        const bent = proof.map((it) => new Uint8Array(it));
        bent[b % bent.length]![c % 32]! ^= 1;
        expect(verifyInclusion(hash, leaf, log.length, bent, root)).toBe(false);
      }),
    );
  });

  it('of two sizes of any log hold, and not for a log that was rewritten before', () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.nat(), (log, a, b) => {
        const older = a % (log.length + 1);
        const newer = log.length;
        const before = log.slice(0, older);
        const proof = older === 0 ? [] : rootsOf(consistencyRanges(older, newer), log);
        const root = logRoot(log);
        expect(verifyConsistency(older, newer, logRoot(before), root, proof)).toBe(true);
        if (older === 0) return;
        const rewritten = [...log];
        rewritten[b % older] = Uint8Array.of(9, 9, 9, 9, 9);
        const forged = rootsOf(consistencyRanges(older, newer), rewritten);
        const forgedRoot = logRoot(rewritten);
        expect(verifyConsistency(older, newer, logRoot(before), forgedRoot, forged)).toBe(false);
        expect(verifyConsistency(older, newer, logRoot(before), forgedRoot, proof)).toBe(false);
        expect(verifyConsistency(older, newer, logRoot(before), root, [...proof, root])).toBe(
          false,
        );
      }),
    );
  });

  it('are refused for sizes that cannot be', () => {
    const hash = emptyRoot();
    expect(verifyInclusion(hash, 0, 0, [], hash)).toBe(false);
    expect(verifyInclusion(hash, -1, 1, [], hash)).toBe(false);
    expect(verifyInclusion(hash, 0.5, 1, [], hash)).toBe(false);
    expect(verifyInclusion(hash, 0, 2 ** 60, [], hash)).toBe(false);
    expect(verifyConsistency(2, 1, hash, hash, [])).toBe(false);
    expect(verifyConsistency(0, 5, ROOTS_OF_NOTHING, hash, [])).toBe(false);
  });
});

const ROOTS_OF_NOTHING = new Uint8Array(32);
