/**
 * What a stage of a route commits to and shows: both ends, one definition.
 *
 * A stage commits to the rows that it received and to those that it computed. What it received must be what the
 * stage before computed: the plain Merkle roots of one boundary are equal, whoever tells them. Of a few rows that
 * are drawn afterwards it shows both, so that anybody who can run the stage can check it alone.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { merklePath, merkleRoot, merkleTree, verifyMerklePath, type Sha256 } from './merkle.ts';
import { itemChunks } from './program.ts';
import { itemOf, type NamedTensors, type Tensor } from './tensor.ts';

/** Names of shown rows in a report: an input and an output of one stage may be called the same. */
const INPUT = 'in:';
const OUTPUT = 'out:';

/** The rows of one side of a stage, with their tree. */
export interface BoundaryRows {
  readonly tensors: NamedTensors;
  /** `merkleTree` of `itemChunks(tensors)`. */
  readonly tree: Uint8Array;
}

/** The tree over a stage's rows: `count` of them, by names in order. */
export const boundaryTree = (tensors: NamedTensors, count: number, hash?: Sha256): Uint8Array =>
  merkleTree(itemChunks(tensors, count), hash);

export const boundaryRoot = (tree: Uint8Array): string => bytesToHex(merkleRoot(tree));

/** Rows that are shown, and the paths that prove them. */
export interface StageOpening {
  /** `in:NAME` and `out:NAME`, each `[rows.length, ...itemShape]`. */
  readonly tensors: NamedTensors;
  /** Of each row in turn: of its inputs, then of its outputs. */
  readonly paths: string[][];
}

/** Shows `rows` of both sides. */
export function stageOpening(
  inputs: BoundaryRows,
  outputs: BoundaryRows,
  rows: readonly number[],
): StageOpening {
  const paths = rows.flatMap((row) =>
    [inputs.tree, outputs.tree].map((tree) => merklePath(tree, row).map(bytesToHex)),
  );
  const tensors = {
    ...prefixed(INPUT, rowsOf(inputs.tensors, rows)),
    ...prefixed(OUTPUT, rowsOf(outputs.tensors, rows)),
  };
  return { tensors: rows.length === 0 ? {} : tensors, paths };
}

/** What is shown, by its own names. */
export interface ShownRows {
  readonly inputs: NamedTensors;
  readonly outputs: NamedTensors;
}

export const shownRows = (tensors: NamedTensors): ShownRows => ({
  inputs: unprefixed(INPUT, tensors),
  outputs: unprefixed(OUTPUT, tensors),
});

/** Do these rows stand at their places under the roots (hex) that were committed to? `of` rows in all. */
export function isOpenedBy(
  { inputs, outputs }: ShownRows,
  rows: readonly number[],
  of: number,
  boundary: { readonly inputs: string; readonly outputs: string },
  paths: readonly (readonly string[])[],
  hash: Sha256 = sha256,
): boolean {
  if (paths.length !== rows.length * 2) return false;
  if (rows.length === 0) return true;
  const chunks = [itemChunks(inputs, rows.length), itemChunks(outputs, rows.length)];
  const roots = [hexToBytes(boundary.inputs), hexToBytes(boundary.outputs)];
  return rows.every((row, i) =>
    chunks.every((side, at) => {
      const path = paths[i * 2 + at]!;
      if (!path.every((text) => HASH.test(text))) return false;
      return verifyMerklePath(side[i]!, row, of, path.map(hexToBytes), roots[at]!, hash);
    }),
  );
}

const HASH = /^[0-9a-f]{64}$/;

/** Some rows of stacked tensors, stacked in their order. */
export const rowsOf = (tensors: NamedTensors, rows: readonly number[]): NamedTensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, takeRows(tensor, rows)]),
  );

function takeRows(tensor: Tensor, rows: readonly number[]): Tensor {
  const rowBytes = tensor.bytes.byteLength / tensor.dims[0]!;
  const bytes = new Uint8Array(rows.length * rowBytes);
  rows.forEach((row, i) => bytes.set(itemOf(tensor, row).bytes, i * rowBytes));
  return { dtype: tensor.dtype, dims: [rows.length, ...tensor.dims.slice(1)], bytes };
}

const prefixed = (prefix: string, tensors: NamedTensors): NamedTensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));

const unprefixed = (prefix: string, tensors: NamedTensors): NamedTensors =>
  Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
