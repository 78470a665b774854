/**
 * The growing edge of a log: the hashes and entries of its last tile at every level, which is all that is needed to
 * append and to know the root. Pure.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { leafHash, type Sha256 } from '../merkle.ts';
import { assert } from '../result.ts';
import { countAt, encodeBundle, nodeInTile, rootOfTile, TILE_WIDTH, type Tile } from './tiles.ts';
import { rootOf } from './tree.ts';

export interface TileFile {
  readonly tile: Tile;
  readonly bytes: Uint8Array;
}

/** Levels of nodes in one level of tiles. */
const TILE_HEIGHT = Math.log2(TILE_WIDTH);

export class LogEdge {
  readonly #hash: Sha256;
  /** Of the last tile of each level, which is not whole. */
  readonly #hashes: Uint8Array[][] = [];
  #entries: Uint8Array[] = [];
  #size = 0;

  constructor(hash: Sha256) {
    this.#hash = hash;
  }

  get size(): number {
    return this.#size;
  }

  get root(): Uint8Array {
    return rootOf(
      { start: 0, end: this.#size },
      (node) => {
        const tile = concatBytes(...this.#hashes[Math.floor(node.level / TILE_HEIGHT)]!);
        const hash = nodeInTile(node, tile, this.#hash);
        assert(hash !== null, 'LogEdge: a node behind the edge');
        return hash;
      },
      this.#hash,
    );
  }

  /** Appends, and gives the tiles and bundles that are whole now. */
  append(entries: readonly Uint8Array[]): TileFile[] {
    const whole: TileFile[] = [];
    for (const entry of entries) {
      this.#size += 1;
      this.#entries.push(entry);
      if (this.#entries.length === TILE_WIDTH) {
        whole.push({ tile: this.#lastTile('entries'), bytes: encodeBundle(this.#entries) });
        this.#entries = [];
      }
      this.#push(0, leafHash(entry, this.#hash), whole);
    }
    return whole;
  }

  /** The tiles and the bundle at the edge, as narrow as they are. */
  partial(): TileFile[] {
    const files: TileFile[] = [];
    for (const [level, hashes] of this.#hashes.entries()) {
      if (hashes.length > 0) {
        files.push({ tile: this.#lastTile(level, hashes.length), bytes: concatBytes(...hashes) });
      }
    }
    if (this.#entries.length > 0) {
      const tile = this.#lastTile('entries', this.#entries.length);
      files.push({ tile, bytes: encodeBundle(this.#entries) });
    }
    return files;
  }

  #push(level: number, hash: Uint8Array, whole: TileFile[]): void {
    const hashes = (this.#hashes[level] ??= []);
    hashes.push(hash);
    if (hashes.length < TILE_WIDTH) return;
    const bytes = concatBytes(...hashes);
    whole.push({ tile: this.#lastTile(level), bytes });
    hashes.length = 0;
    this.#push(level + 1, rootOfTile(bytes, this.#hash), whole);
  }

  #lastTile(level: Tile['level'], width = TILE_WIDTH): Tile {
    const count = countAt(level === 'entries' ? 0 : level, this.#size);
    return { level, index: Math.ceil(count / TILE_WIDTH) - 1, width };
  }
}
