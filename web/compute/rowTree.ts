/**
 * The Merkle tree over the rows of a task: what a host commits to. Large rows are hashed where the platform does it, on
 * a thread of its own and several times as fast as in JavaScript.
 */
import { leafMessage, merkleTree, merkleTreeOf, type Sha256 } from '../../shared/merkle.ts';
import { itemChunks } from '../../shared/program.ts';
import type { NamedTensors } from '../../shared/tensor.ts';

export interface Hashing {
  readonly sha256?: Sha256;
  /** SHA-256 as the platform has it; absent where it has none (no secure context). */
  readonly digest?: (message: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;
}

/** Below it, asking takes as long as hashing (some 50 µs). */
const WORTH_ASKING_BYTES = 8 * 1024;
/** Rows that are copied for it at a time. */
const ROWS_AT_ONCE = 16;

export async function rowTree(
  tensors: NamedTensors,
  count: number,
  { sha256, digest }: Hashing,
): Promise<Uint8Array> {
  const chunks = itemChunks(tensors, count);
  if (digest === undefined || chunks.every(({ length }) => length < WORTH_ASKING_BYTES)) {
    return merkleTree(chunks, sha256);
  }
  const leaves: Uint8Array[] = [];
  for (let first = 0; first < count; first += ROWS_AT_ONCE) {
    const some = chunks.slice(first, first + ROWS_AT_ONCE);
    leaves.push(...(await Promise.all(some.map((chunk) => digest(leafMessage(chunk))))));
  }
  return merkleTreeOf(leaves, sha256);
}
