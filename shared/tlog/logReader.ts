/**
 * A log as a reader sees it: through tiles that somebody serves, none of which is believed. Every hash that is used is
 * part of a proof against a checkpoint whose signature was verified.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { equalBytes } from '../bytes.ts';
import { HASH_BYTES, leafHash, type Sha256 } from '../merkle.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Checkpoint } from './checkpoint.ts';
import { LogEdge, type TileFile } from './logEdge.ts';
import {
  bundleOfEntry,
  decodeBundle,
  nodeInTile,
  tileOfNode,
  tilePath,
  TILE_WIDTH,
  type Tile,
} from './tiles.ts';
import {
  consistencyRanges,
  inclusionRanges,
  nodesOf,
  rootOf,
  verifyConsistency,
  verifyInclusion,
  type LeafRange,
  type TreeNode,
} from './tree.ts';

/** The bytes at a path of the log; a failure says why there are none. */
export type FetchTile = (path: string) => Promise<Result<Uint8Array, string>>;

/** What is wrong with an entry that was asked for. */
export interface EntryFault {
  /**
   * `unserved`: a file of the log did not come. `short`: a bundle has fewer entries than the log. `unreadable`: a file is
   * no bundle or tile. `unproven`: entry and hashes do not lead to the signed root.
   */
  readonly kind: 'no-such-entry' | 'unserved' | 'short' | 'unreadable' | 'unproven';
  readonly text: string;
}

export interface LogEntry {
  readonly index: number;
  readonly bytes: Uint8Array;
}

export class LogReader {
  readonly #fetch: FetchTile;
  readonly #hash: Sha256;
  /** Whole tiles never change: each is fetched once, the last `MAX_KEPT` of them. */
  readonly #kept = new Map<string, Uint8Array>();

  constructor(fetch: FetchTile, hash: Sha256 = sha256) {
    this.#fetch = fetch;
    this.#hash = hash;
  }

  /** An entry that the checkpoint vouches for; otherwise what is wrong. */
  async entry(index: number, checkpoint: Checkpoint): Promise<Result<LogEntry, EntryFault>> {
    if (index < 0 || index >= checkpoint.size) {
      const text = `the log has ${checkpoint.size} entries, none with the number ${index}`;
      return fail({ kind: 'no-such-entry', text });
    }
    const bundle = await this.#entries(bundleOfEntry(index, checkpoint.size));
    if (!bundle.ok) return bundle;
    const bytes = bundle.value[index % TILE_WIDTH]!;
    const proof = await this.#roots(inclusionRanges(index, checkpoint.size), checkpoint.size);
    if (!proof.ok) return proof;
    const leaf = leafHash(bytes, this.#hash);
    const isIn = verifyInclusion(
      leaf,
      index,
      checkpoint.size,
      proof.value,
      checkpoint.root,
      this.#hash,
    );
    if (isIn) return ok({ index, bytes });
    return fail({ kind: 'unproven', text: `entry ${index} is not what the signed root says` });
  }

  /** The root that the served hashes of a log of `size` entries lead to: where it is not the signed one, they are wrong. */
  async servedRoot(size: number): Promise<Result<Uint8Array, string>> {
    const roots = await this.#roots([{ start: 0, end: size }], size);
    return roots.ok ? ok(roots.value[0]!) : fail(roots.error.text);
  }

  /** Null where `newer` begins with all of `older`; otherwise what is wrong. */
  async inconsistency(older: Checkpoint, newer: Checkpoint): Promise<string | null> {
    if (older.size > newer.size) return `the log had ${older.size} entries, and has ${newer.size}`;
    const ranges = older.size === 0 ? [] : consistencyRanges(older.size, newer.size);
    const proof = await this.#roots(ranges, newer.size);
    if (!proof.ok) return proof.error.text;
    const { size, root } = older;
    const goesOn = verifyConsistency(size, newer.size, root, newer.root, proof.value, this.#hash);
    return goesOn
      ? null
      : `the log of ${newer.size} entries does not begin with the one of ${size}`;
  }

  /**
   * All entries in order, while every tile is held against them; at the end they have led to the checkpoint's root. The
   * first failure is the last that comes.
   */
  async *all(checkpoint: Checkpoint): AsyncGenerator<Result<LogEntry[], string>> {
    const edge = new LogEdge(this.#hash);
    for (let first = 0; first < checkpoint.size; first += TILE_WIDTH) {
      const bundle = await this.#entries(bundleOfEntry(first, checkpoint.size));
      if (!bundle.ok) return void (yield fail(bundle.error.text));
      const wrong = await this.#wrongTile(edge.append(bundle.value));
      if (wrong !== null) return void (yield fail(wrong));
      yield ok(bundle.value.map((bytes, i) => ({ index: first + i, bytes })));
    }
    const isRoot = equalBytes(edge.root, checkpoint.root);
    const wrong = await this.#wrongTile(edge.partial());
    if (!isRoot) yield fail('the entries do not lead to the signed root');
    else if (wrong !== null) yield fail(wrong);
  }

  /** The first that is served otherwise than it must be; null where none is. */
  async #wrongTile(files: readonly TileFile[]): Promise<string | null> {
    for (const { tile, bytes } of files) {
      if (tile.level === 'entries') continue;
      const served = await this.#bytes(tile);
      if (!served.ok) return served.error;
      if (!equalBytes(served.value.subarray(0, bytes.length), bytes)) {
        return `${tilePath(tile)} has not the hashes of the entries`;
      }
    }
    return null;
  }

  async #entries(tile: Tile): Promise<Result<Uint8Array[], EntryFault>> {
    const path = tilePath(tile);
    const bytes = await this.#bytes(tile);
    if (!bytes.ok) return fail({ kind: 'unserved', text: bytes.error });
    const entries = decodeBundle(bytes.value);
    if (!entries.ok) return fail({ kind: 'unreadable', text: `${path}: ${entries.error}` });
    if (entries.value.length >= tile.width) return ok(entries.value.slice(0, tile.width));
    const text = `${path}: expected ${tile.width} entries, came ${entries.value.length}`;
    return fail({ kind: 'short', text });
  }

  /** The roots over these ranges, of tiles that may be wrong. */
  async #roots(
    ranges: readonly LeafRange[],
    size: number,
  ): Promise<Result<Uint8Array[], EntryFault>> {
    const known = new Map<string, Uint8Array>();
    const nameOf = ({ level, index }: TreeNode): string => `${level}/${index}`;
    for (const node of ranges.flatMap(nodesOf)) {
      const tile = tileOfNode(node, size);
      const bytes = await this.#bytes(tile);
      if (!bytes.ok) return fail({ kind: 'unserved', text: bytes.error });
      const isWide = bytes.value.length >= tile.width * HASH_BYTES;
      const hash = isWide ? nodeInTile(node, bytes.value, this.#hash) : null;
      if (hash === null) {
        return fail({
          kind: 'unreadable',
          text: `${tilePath(tile)}: expected ${tile.width} hashes`,
        });
      }
      known.set(nameOf(node), hash);
    }
    return ok(ranges.map((range) => rootOf(range, (node) => known.get(nameOf(node))!, this.#hash)));
  }

  /** Of a partial tile perhaps those of the whole one, which has taken its place. */
  async #bytes(tile: Tile): Promise<Result<Uint8Array, string>> {
    const whole = tilePath({ ...tile, width: TILE_WIDTH });
    const kept = this.#kept.get(whole);
    if (kept !== undefined) return ok(kept);
    if (tile.width < TILE_WIDTH) {
      const partial = await this.#fetch(tilePath(tile));
      if (partial.ok) return partial;
    }
    const bytes = await this.#fetch(whole);
    if (bytes.ok) {
      this.#kept.set(whole, bytes.value);
      if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    }
    return bytes;
  }
}

/** Tiles of 8 KiB and bundles of some 50. */
const MAX_KEPT = 64;
