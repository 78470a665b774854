/**
 * A log cut into files that never change (C2SP tlog-tiles): tiles of 256 hashes, and bundles of the entries under them.
 * Paths, and which hash lies where. Pure.
 *
 * Tile `(level, index)` holds the roots of the complete subtrees of `256 ** level` leaves with the numbers
 * `[index * 256, index * 256 + width)`. A tile narrower than 256 is partial, and is never looked at again once the
 * whole one is there.
 */
import { MAX_LOG_ENTRY_BYTES } from '../limits.ts';
import { HASH_BYTES, nodeHash, type Sha256 } from '../merkle.ts';
import { assert, fail, ok, type Result } from '../result.ts';
import type { TreeNode } from './tree.ts';
import { sha256 } from '@noble/hashes/sha2.js';

/** Hashes of a whole tile, and entries of a whole bundle. */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
const LENGTH_BYTES = 2;

export interface Tile {
  /** `entries` are the leaves' own bytes; 0 their hashes. */
  readonly level: number | 'entries';
  readonly index: number;
  readonly width: number;
}

/** `tile/1/x001/067.p/8`: below the log's address. */
export const tilePath = ({ level, index, width }: Tile): string =>
  `tile/${level}/${indexPath(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`;

function indexPath(index: number): string {
  const groups = [index % 1000];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(rest % 1000);
  }
  const texts = groups.map((group) => String(group).padStart(3, '0'));
  return texts.map((text, i) => (i === texts.length - 1 ? text : `x${text}`)).join('/');
}

const PATH_FORM =
  /^tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/;

/** The tile of a path as `tilePath` writes it, and of no other. */
export function parseTilePath(path: string): Tile | null {
  const [, level, index, width] = PATH_FORM.exec(path) ?? [];
  if (level === undefined || index === undefined) return null;
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: Number(index.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  const isSafe = Number.isSafeInteger(tile.index) && tile.width > 0 && tile.width <= TILE_WIDTH;
  return isSafe && tilePath(tile) === path ? tile : null;
}

/** Hashes at a tile's level in a log of `size` leaves. */
export const countAt = (level: number, size: number): number =>
  Math.floor(size / TILE_WIDTH ** level);

/** The tile that has what `node` is made of, in a log of `size` leaves which has it. */
export function tileOfNode({ level, index }: TreeNode, size: number): Tile {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const first = index * 2 ** (level % TILE_HEIGHT);
  return tileAt(tileLevel, Math.floor(first / TILE_WIDTH), size);
}

/** The bundle that has an entry. */
export const bundleOfEntry = (entry: number, size: number): Tile => ({
  ...tileAt(0, Math.floor(entry / TILE_WIDTH), size),
  level: 'entries',
});

function tileAt(level: number, index: number, size: number): Tile {
  const width = Math.min(TILE_WIDTH, countAt(level, size) - index * TILE_WIDTH);
  assert(width > 0, `tileAt: a log of ${size} has no tile ${index} at level ${level}`);
  return { level, index, width };
}

/** Every tile and bundle that a log of `size` leaves has and one of `before` leaves had not, partial ones too. */
export function* newTiles(before: number, size: number): Generator<Tile> {
  for (let level = 0; countAt(level, size) > 0; level++) {
    const had = countAt(level, before);
    const has = countAt(level, size);
    if (has === had) continue;
    for (let index = Math.floor(had / TILE_WIDTH); index * TILE_WIDTH < has; index++) {
      const tile = tileAt(level, index, size);
      yield tile;
      if (level === 0) yield { ...tile, level: 'entries' };
    }
  }
}

/** The hash of a node from the bytes of its tile; null where the tile is too short. */
export function nodeInTile(
  { level, index }: TreeNode,
  bytes: Uint8Array,
  hash: Sha256 = sha256,
): Uint8Array | null {
  const count = 2 ** (level % TILE_HEIGHT);
  const first = (index * count) % TILE_WIDTH;
  const isThere = bytes.length >= (first + count) * HASH_BYTES;
  return isThere ? subtreeRoot(hashesIn(bytes).slice(first, first + count), hash) : null;
}

/** The hash of a whole tile one level above. */
export const rootOfTile = (bytes: Uint8Array, hash: Sha256 = sha256): Uint8Array =>
  subtreeRoot(hashesIn(bytes), hash);

export const hashesIn = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.floor(bytes.length / HASH_BYTES) }, (_, i) =>
    bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );

/** Of a power of two of hashes. */
function subtreeRoot(hashes: readonly Uint8Array[], hash: Sha256): Uint8Array {
  let row = hashes;
  while (row.length > 1) {
    const below = row;
    row = below.flatMap((it, i) => (i % 2 === 0 ? [nodeHash(it, below[i + 1]!, hash)] : []));
  }
  return row[0]!;
}

/** Entries one after another, each behind its length in two bytes, the higher first. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const total = entries.reduce((sum, entry) => sum + LENGTH_BYTES + entry.length, 0);
  const bundle = new Uint8Array(total);
  const view = new DataView(bundle.buffer);
  let at = 0;
  for (const entry of entries) {
    assert(entry.length <= MAX_LOG_ENTRY_BYTES, `encodeBundle: an entry of ${entry.length} bytes`);
    view.setUint16(at, entry.length);
    bundle.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return bundle;
}

/** What the partial `tile` had, from the bytes of the whole one that took its place. */
export function partOfWhole({ level, width }: Tile, whole: Uint8Array): Uint8Array {
  if (level !== 'entries') return whole.slice(0, width * HASH_BYTES);
  const entries = decodeBundle(whole);
  assert(entries.ok && entries.value.length === TILE_WIDTH, 'partOfWhole: not a whole bundle');
  return encodeBundle(entries.value.slice(0, width));
}

/** The entries of a bundle, `most` of them; a failure says what is wrong with it. */
export function decodeBundle(bundle: Uint8Array, most = TILE_WIDTH): Result<Uint8Array[], string> {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bundle.length) {
    if (at + LENGTH_BYTES > bundle.length) return fail('it ends within a length');
    const end = at + LENGTH_BYTES + view.getUint16(at);
    if (end > bundle.length) return fail('it ends within an entry');
    entries.push(bundle.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return entries.length <= most ? ok(entries) : fail(`it has ${entries.length} entries`);
}
