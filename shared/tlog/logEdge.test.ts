import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex } from '@noble/hashes/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { newTiles, tilePath } from './tiles.ts';
import { logRoot, serving } from '../testing/memoryLog.ts';
import { LogEdge, type TileFile } from './logEdge.ts';

const entryOf = (i: number): Uint8Array => Uint8Array.of(i, i >> 8, i >> 16);
const entriesOf = (first: number, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => entryOf(first + i));

describe('the edge of a log', () => {
  it('has the root and writes the tiles of the definition, in whatever parts it grows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 200, max: 600 })), {
          maxLength: 5,
        }),
        async (parts) => {
          const edge = new LogEdge(sha256);
          const files = new Map<string, string>();
          const put = ({ tile, bytes }: TileFile): void => {
            files.set(tilePath(tile), bytesToHex(bytes));
          };
          for (const count of parts) edge.append(entriesOf(edge.size, count)).forEach(put);
          edge.partial().forEach(put);
          const all = entriesOf(0, edge.size);
          expect(bytesToHex(edge.root)).toBe(bytesToHex(logRoot(all)));
          const served = serving(all);
          const expected = new Map<string, string>();
          for (const tile of newTiles(0, edge.size)) {
            const bytes = await served(tilePath(tile));
            if (bytes.ok) expected.set(tilePath(tile), bytesToHex(bytes.value));
          }
          expect(new Map([...files].sort())).toEqual(new Map([...expected].sort()));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('has three levels of tiles behind 65,536 entries', () => {
    const edge = new LogEdge(sha256);
    const paths = edge.append(entriesOf(0, 65_536 + 256)).map(({ tile }) => tilePath(tile));
    expect(paths.filter((path) => path.startsWith('tile/0/'))).toHaveLength(257);
    expect(paths.filter((path) => path.startsWith('tile/1/'))).toEqual(['tile/1/000']);
    expect(edge.partial().map(({ tile }) => tilePath(tile))).toEqual([
      'tile/1/001.p/1',
      'tile/2/000.p/1',
    ]);
  });
});
