/** A log in memory, by the definition of RFC 6962 and by nothing else, that serves its tiles: what others are held to. */
import { concatBytes } from '@noble/hashes/utils.js';
import { leafHash, merkleRoot, merkleTree } from '../merkle.ts';
import { fail, ok } from '../result.ts';
import type { Checkpoint } from '../tlog/checkpoint.ts';
import type { FetchTile } from '../tlog/logReader.ts';
import { encodeBundle, parseTilePath, TILE_WIDTH } from '../tlog/tiles.ts';
import { emptyRoot, type ReadNode } from '../tlog/tree.ts';

export const logRoot = (entries: readonly Uint8Array[]): Uint8Array =>
  entries.length === 0 ? emptyRoot() : merkleRoot(merkleTree(entries));

export const readerOf =
  (entries: readonly Uint8Array[]): ReadNode =>
  ({ level, index }) =>
    logRoot(entries.slice(index * 2 ** level, (index + 1) * 2 ** level));

export const checkpointOf = (entries: readonly Uint8Array[]): Checkpoint => ({
  origin: 'log.example',
  size: entries.length,
  root: logRoot(entries),
});

/** `change` is what a server makes of the bytes that it should send. */
export const serving =
  (
    entries: readonly Uint8Array[],
    change: (path: string, bytes: Uint8Array) => Uint8Array | null = (_, bytes) => bytes,
  ): FetchTile =>
  async (path) => {
    const tile = parseTilePath(path);
    if (tile === null) return fail(`no tile: ${path}`);
    const { level, index, width } = tile;
    const span = level === 'entries' ? 1 : TILE_WIDTH ** level;
    const first = index * TILE_WIDTH;
    if ((first + width) * span > entries.length) return fail(`not there: ${path}`);
    const numbers = Array.from({ length: width }, (_, i) => first + i);
    const bytes =
      level === 'entries'
        ? encodeBundle(numbers.map((i) => entries[i]!))
        : concatBytes(...numbers.map((i) => subtree(entries.slice(i * span, (i + 1) * span))));
    const sent = change(path, bytes);
    return sent === null ? fail(`refused: ${path}`) : ok(sent);
  };

const subtree = (entries: readonly Uint8Array[]): Uint8Array =>
  entries.length === 1 ? leafHash(entries[0]!) : logRoot(entries);
