/** Commitments and openings: pinned values, what they are bound to, and that they are the rows they say. */
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPENED_ROWS, commitmentOf, openedRows, openingsOf } from './commitment.ts';
import type { AssignmentId } from './ids.ts';
import { merkleRoot, merkleTree, verifyMerklePath } from './merkle.ts';

const ID = 'asg_000102030405060708090a0b0c0d0e0f' as AssignmentId;
const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => utf8ToBytes(`row ${i}`));
const TREE = merkleTree(rowsOf(9));
const CHALLENGE = '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d';

describe('a commitment', () => {
  it('is pinned', () => {
    expect(commitmentOf(ID, TREE)).toMatchInlineSnapshot(
      `"08eb59fdf74575f64b4de19c8f19f71340c08df270fd0a3ee9951af426448df3"`,
    );
  });

  it('is bound to its assignment and its rows, and is not the tree’s own root', () => {
    const other = commitmentOf('asg_other' as AssignmentId, TREE);
    const fewer = commitmentOf(ID, merkleTree(rowsOf(8)));
    const all = new Set([commitmentOf(ID, TREE), other, fewer, bytesToHex(merkleRoot(TREE))]);
    expect(all.size).toBe(4);
  });
});

describe('openings', () => {
  it('of a challenge are pinned', () => {
    expect(openedRows(CHALLENGE, 4096)).toMatchInlineSnapshot(`
      [
        3560,
        3775,
        3667,
        256,
      ]
    `);
  });

  it('are all rows where there are few', () => {
    for (let rows = 1; rows <= OPENED_ROWS; rows++) {
      const opened = openedRows(CHALLENGE, rows);
      expect([...opened].sort()).toEqual(Array.from({ length: rows }, (_, i) => i));
    }
  });

  it('prove their own rows under the root, exactly as many, for any challenge and count', () => {
    const anyChallenge = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesToHex);
    fc.assert(
      fc.property(anyChallenge, fc.integer({ min: 1, max: 70 }), (challenge, count) => {
        const rows = rowsOf(count);
        const tree = merkleTree(rows);
        const opened = openedRows(challenge, count);
        const paths = openingsOf(tree, challenge);
        expect(new Set(opened).size).toBe(Math.min(OPENED_ROWS, count));
        expect(paths).toHaveLength(opened.length);
        opened.forEach((row, i) => {
          const path = paths[i]!.map((hash) => hexToBytes(hash));
          expect(verifyMerklePath(rows[row]!, row, count, path, merkleRoot(tree))).toBe(true);
        });
      }),
      { numRuns: 100 },
    );
  });

  it('fall on every row about equally often', () => {
    const hits = new Array<number>(10).fill(0);
    for (let i = 0; i < 5_000; i++) {
      const challenge = i.toString(16).padStart(64, '0');
      for (const row of openedRows(challenge, 10)) hits[row]! += 1;
    }
    // 2,000 expected of each, with a deviation of 35.
    for (const count of hits) expect(Math.abs(count - 2_000)).toBeLessThan(5 * 35);
  });
});
