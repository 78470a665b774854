/** Leaderboards and exports over the memory store: what is in them, and what makes them. */
import { beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../shared/history.ts';
import { HOURS_KEPT_MS } from '../../shared/limits.ts';
import type {
  ContributorStats,
  DayStats,
  LeaderboardView,
  StatsFileName,
} from '../../shared/protocol/history.ts';
import { openMemoryStore } from '../store/memoryStore.ts';
import type { Changes, Store } from '../store/store.ts';
import {
  NO_CHANGES,
  contributorId,
  jobId,
  makeContributor,
  makeCredit,
  makeShard,
} from '../store/testing/records.ts';
import { PublicStats } from './publicStats.ts';

const TODAY = 20_000 * DAY_MS;
let store: Store;
let stats: PublicStats;
let nowMs: number;
let logged: string[];
let shards = 0;

beforeEach(async () => {
  nowMs = TODAY + 5 * HOUR_MS;
  logged = [];
  store = await openMemoryStore();
  stats = new PublicStats({ store, now: () => nowMs, log: (event) => void logged.push(event) });
});

const commit = (changes: Partial<Changes>) => store.commit({ ...NO_CHANGES, ...changes });
/** Credit of one shard of ten items, and a record that says so. */
async function earned(who: string, microCredits: bigint, atMs: number, changes = {}) {
  const id = contributorId(who);
  const credit = makeCredit(id, makeShard(jobId(1), shards++).id, { microCredits, atMs });
  await commit({
    credits: [credit],
    contributors: [{ ...makeContributor(who, { microCredits, ...changes }), id }],
  });
}
const text = (name: StatsFileName) => Buffer.from(stats.file(name)!.body).toString();
const json = <T>(name: StatsFileName) => JSON.parse(text(name)) as T;
const idsOf = (board: 'day' | 'week' | 'all') =>
  json<LeaderboardView>(`leaderboard/${board}.json`).rows.map(({ id }) => id);

describe('leaderboards', () => {
  it('are of today, of seven days, and of all time', async () => {
    await earned('old', 900n, TODAY - 7 * DAY_MS);
    await earned('week', 50n, TODAY - 6 * DAY_MS);
    await earned('today', 7n, TODAY);
    await stats.make();
    expect(json<LeaderboardView>('leaderboard/day.json')).toEqual({
      board: 'day',
      sinceMs: TODAY,
      rows: [{ rank: 1, id: 'c_today', shards: 1, items: 10, microCredits: '7' }],
    });
    expect(idsOf('week')).toEqual(['c_week', 'c_today']);
    expect(idsOf('all')).toEqual(['c_old', 'c_week', 'c_today']);
    nowMs += DAY_MS;
    await stats.make();
    expect([idsOf('day'), idsOf('week')]).toEqual([[], ['c_today']]);
  });

  it('and the export name those that have a name, and are without who does not want to be there', async () => {
    await earned('a', 9n, TODAY);
    await earned('b', 8n, TODAY);
    await commit({
      names: [
        { contributor: contributorId('a'), name: '=Ada, "1"' },
        { contributor: contributorId('b'), name: 'Bob' },
      ],
    });
    await stats.make();
    expect(idsOf('all')).toEqual(['c_a', 'c_b']);
    expect(json<ContributorStats>('contributors.json').rows[0]).toEqual({
      rank: 1,
      id: 'c_a',
      name: '=Ada, "1"',
      shards: 1,
      items: 5,
      microCredits: '9',
      firstSeenMs: 1_700_000_000_000,
    });
    expect(text('contributors.csv').split('\r\n')[1]).toBe(
      `1,c_a,"'=Ada, ""1""",9,5,1,2023-11-14T22:13:20.000Z`,
    );
    await earned('a', 10n, TODAY, { unlisted: true });
    await stats.make();
    for (const board of ['day', 'week', 'all'] as const) expect(idsOf(board)).toEqual(['c_b']);
    for (const name of ['contributors.json', 'contributors.csv'] as const)
      expect(text(name)).not.toContain('Ada');
  });
});

it('days of the network go on while it runs, and what is past is not read again', async () => {
  await earned('a', 9n, TODAY - 3 * DAY_MS);
  await stats.make();
  const asked: number[] = [];
  const days = store.history.days;
  store.history.days = (fromMs) => {
    asked.push(fromMs);
    return days(fromMs);
  };
  await earned('b', 1n, TODAY);
  await stats.make();
  nowMs += DAY_MS;
  await earned('b', 2n, nowMs);
  await stats.make();
  expect(asked).toEqual([TODAY - DAY_MS, TODAY]);
  const work = { shards: 1, items: 10, refused: 0, contributors: 1, devices: 1 };
  expect(json<DayStats>('days.json').rows).toEqual([
    { day: '2024-10-01', ...work, microCredits: '9' },
    { day: '2024-10-04', ...work, microCredits: '1' },
    { day: '2024-10-05', ...work, microCredits: '2' },
  ]);
  expect(text('days.csv').split('\r\n').slice(0, 2)).toEqual([
    'day,contributors,devices,micro_credits,items,shards,refused',
    '2024-10-01,1,1,9,10,1,0',
  ]);
});

it('hours are forgotten when they are old enough', async () => {
  await earned('a', 9n, TODAY - HOURS_KEPT_MS);
  await earned('a', 9n, nowMs - HOURS_KEPT_MS);
  const hours = () =>
    store.history.buckets(contributorId('a'), null, { by: 'hour', fromMs: 0, toMs: nowMs });
  expect(await hours()).toHaveLength(2);
  await stats.make();
  expect((await hours()).map(({ atMs }) => atMs)).toEqual([nowMs - HOURS_KEPT_MS]);
});

it('what has not changed is the same file; a store that fails leaves what was there, and is told of', async () => {
  await earned('a', 9n, TODAY);
  await stats.make();
  const before = stats.file('days.csv');
  await stats.make();
  expect(stats.file('days.csv')).toBe(before);
  store.history.leaders = () => Promise.reject(new Error('gone'));
  stats.start();
  await expect(stats.make()).rejects.toThrow('gone');
  await stats.close();
  expect(logged).toEqual(['stats-failed']);
  expect(stats.file('days.csv')).toBe(before);
});
