import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex } from '@noble/hashes/utils.js';
import { readerOf, serving } from '../testing/memoryLog.ts';
import {
  decodeBundle,
  encodeBundle,
  newTiles,
  nodeInTile,
  parseTilePath,
  tileOfNode,
  tilePath,
  type Tile,
} from './tiles.ts';

describe('paths', () => {
  it.each<[Tile, string]>([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 1, index: 1_234_067, width: 256 }, 'tile/1/x001/x234/067'],
    [{ level: 0, index: 999, width: 1 }, 'tile/0/999.p/1'],
    [{ level: 'entries', index: 1_000, width: 255 }, 'tile/entries/x001/000.p/255'],
  ])('of %o', (tile, path) => {
    expect(tilePath(tile)).toBe(path);
    expect(parseTilePath(path)).toEqual(tile);
  });

  it.each([
    'tile/0/0',
    'tile/0/0000',
    'tile/0/x000/001',
    'tile/64/000',
    'tile/00/000',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/257',
    'tile/0/000.p/01',
    'tile/0/../000',
    'tile/entry/000',
    '/tile/0/000',
    `tile/0/${'x999/'.repeat(6)}999`,
  ])('%s is none', (path) => {
    expect(parseTilePath(path)).toBeNull();
  });
});

describe('bundles', () => {
  it('come back as they were', () => {
    const entries = [new Uint8Array(0), Uint8Array.of(1), new Uint8Array(65_535).fill(7)];
    expect(decodeBundle(encodeBundle(entries))).toEqual({ ok: true, value: entries });
  });

  it('that are cut anywhere do not, or have fewer entries', () => {
    const bundle = encodeBundle([Uint8Array.of(1, 2, 3), Uint8Array.of(4)]);
    for (let end = 0; end < bundle.length; end++) {
      const cut = decodeBundle(bundle.subarray(0, end));
      expect(!cut.ok || cut.value.length < 2).toBe(true);
    }
    expect(decodeBundle(new Uint8Array(2 * 257)).ok).toBe(false);
  });
});

describe('tiles', () => {
  it('have every node of a log', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1_500 }), fc.nat(), async (size, a) => {
        const entries = Array.from({ length: size }, (_, i) => Uint8Array.of(i, i >> 8));
        const level = a % (Math.floor(Math.log2(size)) + 1);
        const index = a % Math.floor(size / 2 ** level);
        const bytes = await serving(entries)(tilePath(tileOfNode({ level, index }, size)));
        expect(bytes.ok && bytesToHex(nodeInTile({ level, index }, bytes.value)!)).toBe(
          bytesToHex(readerOf(entries)({ level, index })),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('that are new when a log grows are all that differ', () => {
    fc.assert(
      fc.property(fc.nat(70_000), fc.nat(1_000), (before, more) => {
        const paths = [...newTiles(before, before + more)].map(tilePath);
        expect(new Set(paths).size).toBe(paths.length);
        const all = new Set([...newTiles(0, before + more)].map(tilePath));
        for (const path of paths) expect(all).toContain(path);
        const had = new Set([...newTiles(0, before)].map(tilePath));
        expect(new Set([...all].filter((path) => !had.has(path)))).toEqual(new Set(paths));
      }),
      { numRuns: 100 },
    );
  });
});
