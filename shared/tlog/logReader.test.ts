import { describe, expect, it } from 'vitest';
import { checkpointOf, serving } from '../testing/memoryLog.ts';
import { LogReader, type FetchTile } from './logReader.ts';
import { encodeBundle } from './tiles.ts';

const entriesOf = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => new TextEncoder().encode(`entry ${i}`));

const SIZES = [1, 2, 255, 256, 257, 700];
const LOG = entriesOf(700);
const bent = (bytes: Uint8Array): Uint8Array => {
  const copy = new Uint8Array(bytes);
  copy[copy.length - 1]! ^= 1;
  return copy;
};

async function readAll(fetch: FetchTile, size = LOG.length): Promise<(string | number)[]> {
  const seen: (string | number)[] = [];
  const reader = new LogReader(fetch);
  for await (const part of reader.all(checkpointOf(LOG.slice(0, size)))) {
    seen.push(part.ok ? part.value.length : part.error);
  }
  return seen;
}

describe('a reader', () => {
  it.each(SIZES)('finds every entry of a log of %i', async (size) => {
    const log = LOG.slice(0, size);
    const reader = new LogReader(serving(log));
    for (const index of [0, size >> 1, size - 1]) {
      expect(await reader.entry(index, checkpointOf(log))).toEqual({
        ok: true,
        value: { index, bytes: LOG[index] },
      });
    }
    expect((await reader.entry(size, checkpointOf(log))).ok).toBe(false);
    expect((await readAll(serving(log), size)).reduce<number>((sum, n) => sum + Number(n), 0)).toBe(
      size,
    );
  });

  it.each(SIZES)('sees that a log of %i has grown, and nothing else', async (size) => {
    const reader = new LogReader(serving(LOG));
    const [older, newer] = [checkpointOf(LOG.slice(0, size)), checkpointOf(LOG)];
    expect(await reader.inconsistency(older, newer)).toBeNull();
    if (size < LOG.length) {
      expect(await reader.inconsistency(newer, older)).toContain('the log had 700 entries');
    }
    const forked = [...LOG];
    forked[size >> 1] = Uint8Array.of(1);
    const fork = new LogReader(serving(forked));
    expect(await fork.inconsistency(older, checkpointOf(forked))).toContain('does not begin with');
  });

  it('finds a tile that was tampered with, an entry that was rewritten, one that was dropped', async () => {
    for (const level of ['0', '1', 'entries']) {
      const fetch = serving(LOG, (path, bytes) =>
        path.startsWith(`tile/${level}/`) ? bent(bytes) : bytes,
      );
      const found = await Promise.all(
        [0, 255, 256, 511, 512, 699].map(
          async (i) => (await new LogReader(fetch).entry(i, checkpointOf(LOG))).ok,
        ),
      );
      expect(found, level).toContain(false);
      expect((await readAll(fetch)).at(-1), level).toMatch(/has not the hashes of the entries/);
    }
    const rewritten = [...LOG];
    rewritten[300] = Uint8Array.of(1);
    const reader = new LogReader(serving(rewritten));
    expect(await reader.entry(300, checkpointOf(LOG))).toMatchObject({ ok: false });
    expect((await readAll(serving(rewritten))).at(-1)).toContain('signed root');
    const dropped = LOG.filter((_, i) => i !== 10);
    expect((await readAll(serving([...dropped, ...entriesOf(1)]))).at(-1)).toContain('signed root');
  });

  it.each(SIZES)('says which root the served hashes of a log of %i lead to', async (size) => {
    const log = LOG.slice(0, size);
    const { root } = checkpointOf(log);
    expect(await new LogReader(serving(log)).servedRoot(size)).toEqual({ ok: true, value: root });
    const wrong = serving(log, (path, bytes) => (path.includes('entries') ? bytes : bent(bytes)));
    expect(await new LogReader(wrong).servedRoot(size)).not.toEqual({ ok: true, value: root });
  });

  it('says what is missing', async () => {
    const reader = new LogReader(serving(LOG, () => null));
    expect(await reader.entry(0, checkpointOf(LOG))).toMatchObject({
      ok: false,
      error: { kind: 'unserved', text: expect.stringContaining('refused: tile') as string },
    });
    expect(await reader.entry(700, checkpointOf(LOG))).toMatchObject({
      error: { kind: 'no-such-entry' },
    });
    const short = serving(LOG, (path, bytes) =>
      path.startsWith('tile/entries') ? encodeBundle(LOG.slice(0, 3)) : bytes,
    );
    expect(await new LogReader(short).entry(0, checkpointOf(LOG))).toMatchObject({
      error: { kind: 'short', text: 'tile/entries/000: expected 256 entries, came 3' },
    });
    const cut = new LogReader(serving(LOG, () => new Uint8Array(3)));
    expect(await cut.entry(0, checkpointOf(LOG))).toMatchObject({ error: { kind: 'unreadable' } });
    expect(await readAll(serving(LOG, () => new Uint8Array(3)))).toEqual([
      expect.stringMatching(/tile\/entries\/000: it ends within/),
    ]);
  });
});
