/**
 * What a host commits to before it is told anything, and what it opens afterwards: both ends, one definition.
 *
 * The commitment is the Merkle root over the assignment's rows, hashed with the assignment's id: a root that
 * was copied from another assignment commits to nothing. The challenge names the rows whose paths come with the
 * report. Invariant: commitment, rows and paths follow from their arguments alone.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { AssignmentId } from './ids.ts';
import { leavesOf, merklePath, merkleRoot, type Sha256 } from './merkle.ts';

/** Rows that a report opens, or all of a smaller assignment. */
export const OPENED_ROWS = 4;

/** What a host commits to for the rows of `tree` (`merkleTree`), as lower-case hex. */
export function commitmentOf(
  assignment: AssignmentId,
  tree: Uint8Array,
  hash: Sha256 = sha256,
): string {
  return commitmentOfRoot(assignment, merkleRoot(tree), hash);
}

/** The same where only the tree's root is known. */
export function commitmentOfRoot(
  assignment: AssignmentId,
  root: Uint8Array,
  hash: Sha256 = sha256,
): string {
  const domain = utf8ToBytes(`idlewave commitment v1\n${assignment}\n`);
  return bytesToHex(hash(concatBytes(domain, root)));
}

/** The rows that a challenge (hex) opens: distinct, in the order in which their paths are sent. */
export function openedRows(challenge: string, rows: number, hash: Sha256 = sha256): number[] {
  const opened = new Set<number>();
  const wanted = Math.min(OPENED_ROWS, rows);
  const seed = concatBytes(utf8ToBytes('idlewave openings v1\n'), hexToBytes(challenge));
  for (let block = 0; opened.size < wanted; block++) {
    const words = hash(concatBytes(seed, Uint8Array.of(block)));
    const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
    for (let at = 0; at < view.byteLength && opened.size < wanted; at += 4) {
      opened.add(view.getUint32(at) % rows);
    }
  }
  return [...opened];
}

/** The paths that open a commitment: of each opened row, from its sibling upwards, as hex. */
export function openingsOf(tree: Uint8Array, challenge: string, hash: Sha256 = sha256): string[][] {
  return openedRows(challenge, leavesOf(tree), hash).map((row) =>
    merklePath(tree, row).map(bytesToHex),
  );
}
