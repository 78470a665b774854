/** The history of a contributor over HTTP, from work that was really done. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, recentAverage, bucketOf } from '../../../shared/history.ts';
import { MAX_HISTORY_DAYS, MAX_HISTORY_HOURS } from '../../../shared/limits.ts';
import { historyViewSchema, type HistoryView } from '../../../shared/protocol/history.ts';
import { contributorIdOf } from '../link/proof.ts';
import { HttpRig } from '../testing/httpRig.ts';
import { makeKeyPair } from '../testing/linkRig.ts';

let http: HttpRig;
beforeAll(async () => {
  http = await HttpRig.started();
});
afterAll(() => http.close());

const keys = makeKeyPair();
const id = contributorIdOf(keys.publicKey);
const path = (query = '') => `/v1/contributors/${id}/history${query}`;
const read = async (query = ''): Promise<HistoryView> => {
  const view = await http.json<HistoryView>(path(query), { key: null });
  return historyViewSchema.strict().parse(view);
};
const problem = (query: string) => http.problem(path(query), { key: null });

it('tells of hours and days, with refused work, each device, and the recent average', async () => {
  const { rig } = http.links;
  rig.nowMs = 20_000 * DAY_MS + 6 * HOUR_MS + 1;
  const params = { dimensions: 2, samplesPerItem: 1_000_000, seed: 7 };
  const program = { kind: 'kernel', kernel: 'montecarlo@1', params };
  const job = { program, items: 1, verification: { kind: 'quorum', quorum: 1 } };
  await http.post(job);
  const host = await http.links.welcomed(1, 'host', keys);
  await host.deliver();
  await http.post(job);
  await host.say({ type: 'want', count: 1 });
  const assignment = host.assignment(1);
  await host.say({ type: 'compute-error', assignment, code: 'oops', message: 'no' });
  const day = bucketOf('day', rig.nowMs);
  const earned = (await http.json<{ microCredits: string }>(`/v1/contributors/${id}`)).microCredits;
  const work = { shards: 1, items: 1, microCredits: earned, refused: 1 };
  const byDay = await read();
  expect(byDay).toMatchObject({
    contributor: id,
    by: 'day',
    fromMs: day - 29 * DAY_MS,
    toMs: day + DAY_MS,
    buckets: [{ atMs: day, ...work }],
    devices: [{ device: id, ...work }],
  });
  const byHour = await read(`?by=hour&device=${id}`);
  expect(byHour).toMatchObject({ device: id, buckets: [{ atMs: day + 6 * HOUR_MS, ...work }] });
  // Nothing of that device, and of that time.
  expect((await read('?device=c_other')).buckets).toEqual([]);
  expect((await read(`?to=${day}`)).buckets).toEqual([]);
  expect((await read(`?from=${day + 1}&to=${day + 1}`)).buckets).toHaveLength(1);
  // Six hours' work, as of a day.
  const average = recentAverage([{ atMs: day, microCredits: BigInt(earned) }], rig.nowMs);
  expect(Math.round(average)).toBeGreaterThan(0);
  expect(byDay.recentAverageMicroCredits).toBe(String(Math.round(average)));
});

it('answers for so many hours and days, and no more', async () => {
  const hours = MAX_HISTORY_HOURS * HOUR_MS;
  expect((await read(`?by=hour&from=0&to=${hours}`)).buckets).toEqual([]);
  expect((await read(`?from=0&to=${MAX_HISTORY_DAYS * DAY_MS}`)).buckets).toEqual([]);
  const tooLong = { code: 'invalid-field', field: 'query.from' };
  expect(await problem(`?by=hour&from=0&to=${hours + 1}`)).toMatchObject(tooLong);
  expect(await problem(`?from=0&to=${MAX_HISTORY_DAYS * DAY_MS + 1}`)).toMatchObject(tooLong);
  expect(await problem(`?from=${9 * DAY_MS}&to=${DAY_MS}`)).toMatchObject(tooLong);
});

it.each(['?by=minute', '?from=x', '?from=-1', '?to=1.5', '?to=1e20', '?device=..%2F'])(
  'refuses %s',
  async (query) => {
    expect(await problem(query)).toMatchObject({ code: 'invalid-field' });
  },
);

it('of somebody who never was here is empty', async () => {
  const view = await http.json<HistoryView>('/v1/contributors/c_nobody/history', { key: null });
  expect(view).toMatchObject({ buckets: [], devices: [], recentAverageMicroCredits: '0' });
});
