/** Leaderboards and exports over HTTP: caching, compression, and that no request asks the store. */
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  contributorStatsSchema,
  dayStatsSchema,
  leaderboardSchema,
  STATS_FILES,
  STATS_PATH,
} from '../../../shared/protocol/history.ts';
import { contributorIdOf } from '../link/proof.ts';
import { HttpRig } from '../testing/httpRig.ts';
import { makeKeyPair } from '../testing/linkRig.ts';

let http: HttpRig;
const keys = makeKeyPair();
beforeAll(async () => {
  http = await HttpRig.started();
});
afterAll(() => http.close());

const DAY = `${STATS_PATH}/leaderboard/day.json`;
const get = (path: string, headers: Record<string, string> = {}) =>
  http.ask(path, { key: null, headers });

describe('before the first round', () => {
  it('a request is told to come again', async () => {
    const problem = await http.problem(DAY, { key: null });
    expect(problem).toMatchObject({ code: 'not-ready', status: 503 });
  });
});

describe('a file of statistics', () => {
  beforeAll(async () => {
    await http.post({ items: 1, verification: { kind: 'quorum', quorum: 1 } });
    await (await http.links.welcomed(1, 'host', keys)).deliver();
    await http.stats.make();
  });

  it('says what its schema does', async () => {
    const board = await http.json<unknown>(DAY, { key: null });
    expect(leaderboardSchema.strict().parse(board)).toMatchObject({
      rows: [{ rank: 1, id: contributorIdOf(keys.publicKey), items: 1, microCredits: '1' }],
    });
    const contributors = await http.json(`${STATS_PATH}/contributors.json`);
    expect(contributorStatsSchema.strict().parse(contributors).rows).toHaveLength(1);
    const days = await http.json(`${STATS_PATH}/days.json`);
    expect(dayStatsSchema.strict().parse(days).rows).toMatchObject([{ items: 1, contributors: 1 }]);
    const csv = await get(`${STATS_PATH}/days.csv`);
    expect(csv.headers.get('Content-Type')).toBe('text/csv; charset=utf-8');
    expect((await csv.text()).split('\r\n')).toHaveLength(3);
  });

  it('may be cached by anybody, and is not sent again to who has it', async () => {
    const first = await get(DAY);
    expect(first.headers.get('Cache-Control')).toBe('public, max-age=60');
    expect(first.headers.get('Vary')).toBe('Accept-Encoding');
    const etag = first.headers.get('ETag')!;
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await get(DAY, { 'If-None-Match': tag });
      expect([again.status, await again.text(), again.headers.get('ETag')]).toEqual([
        304,
        '',
        etag,
      ]);
      expect(again.headers.get('Cache-Control')).toBe('public, max-age=60');
    }
    expect((await get(DAY, { 'If-None-Match': '"other"' })).status).toBe(200);
  });

  it('comes compressed to who takes that, under a tag of its own', async () => {
    const plain = await get(DAY);
    const packed = await get(DAY, { 'Accept-Encoding': 'br;q=1.0, gzip;q=0.8, *;q=0.1' });
    expect(packed.headers.get('Content-Encoding')).toBe('gzip');
    const bytes = Buffer.from(await packed.arrayBuffer());
    expect(packed.headers.get('Content-Length')).toBe(String(bytes.byteLength));
    expect(gunzipSync(bytes).toString()).toBe(await plain.text());
    const etag = packed.headers.get('ETag')!;
    expect(etag).not.toBe(plain.headers.get('ETag'));
    const headers = { 'Accept-Encoding': 'gzip', 'If-None-Match': etag };
    expect((await get(DAY, headers)).status).toBe(304);
    const refused = await get(DAY, { 'Accept-Encoding': 'gzip;q=0, identity' });
    expect(refused.headers.get('Content-Encoding')).toBeNull();
  });

  it('costs the store nothing, however many ask', async () => {
    const { store } = http.deps;
    const reads: string[] = [];
    const watched = (of: object, name: string) =>
      new Proxy(of, {
        get(target, property) {
          reads.push(`${name}.${String(property)}`);
          return Reflect.get(target, property) as unknown;
        },
      });
    const { history, accounts } = store;
    const held = { history: watched(history, 'history'), accounts: watched(accounts, 'accounts') };
    Object.assign(store, held);
    const paths = STATS_FILES.map((name) => `${STATS_PATH}/${name}`);
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) => get(paths[i % paths.length]!)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(reads).toEqual([]);
    // The watch works: a round is seen by it.
    await http.stats.make();
    expect(reads).toContain('history.leaders');
    Object.assign(store, { history, accounts });
  });
});
