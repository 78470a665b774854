/** Chunks: every byte is in exactly one; a set survives its text, and no other text is a set. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkSet, chunkCount, chunkRange } from './chunks.ts';
import { CHUNK_BYTES, MAX_CHUNKS } from './limits.ts';

describe('ranges', () => {
  it('cover the blob, each byte once', () => {
    for (const bytes of [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 5 * CHUNK_BYTES]) {
      let at = 0;
      for (let chunk = 0; chunk < chunkCount(bytes); chunk++) {
        const { start, end } = chunkRange(chunk, bytes);
        expect([start, end - start <= CHUNK_BYTES, end > start]).toEqual([at, true, true]);
        at = end;
      }
      expect(at).toBe(bytes);
    }
  });

  it('of a chunk that is not there are a bug', () => {
    expect(() => chunkRange(1, CHUNK_BYTES)).toThrow('no chunk 1');
    expect(chunkCount(0)).toBe(0);
  });
});

describe('a set of chunks', () => {
  it('is what a set of numbers is, and survives its text', () => {
    const count = fc.integer({ min: 0, max: MAX_CHUNKS });
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(MAX_CHUNKS)), { maxLength: 60 });
    fc.assert(
      fc.property(count, steps, (chunks, changes) => {
        const set = new ChunkSet(chunks);
        const truth = new Set<number>();
        for (const [adds, at] of changes) {
          const chunk = at % Math.max(chunks, 1);
          if (chunks === 0) continue;
          if (adds) set.add(chunk);
          else set.delete(chunk);
          if (adds) truth.add(chunk);
          else truth.delete(chunk);
        }
        const sorted = [...truth].sort((a, b) => a - b);
        expect([...set]).toEqual(sorted);
        expect(set.size).toBe(truth.size);
        expect([...set.missing()]).toHaveLength(chunks - truth.size);
        expect([...ChunkSet.parse(set.toHex(), chunks)!]).toEqual(sorted);
      }),
    );
  });

  it.each([
    ['too short', 'ff', 9],
    ['too long', 'ff00', 8],
    ['a chunk too many', 'ff', 7],
    ['no hex', 'zz', 8],
    ['capitals', 'FF', 8],
  ])('%s is no set', (_, hex, count) => {
    expect(ChunkSet.parse(hex, count)).toBeNull();
  });

  it('holds no chunk that the blob does not have', () => {
    expect(() => new ChunkSet(3, [3])).toThrow('no chunk 3');
    expect(ChunkSet.all(3).isFull).toBe(true);
  });
});
