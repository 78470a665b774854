/** On a real coordinator: what an author does to a job that is under way, and a job whose time is over. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MEMORY } from '../../coordinator/config.ts';
import type { Coordinator } from '../../coordinator/coordinator.ts';
import { startCoordinator } from '../../coordinator/main.ts';
import type { JobView } from '../../shared/protocol/job.ts';
import { MIN_JOB_LIFETIME_MS } from '../../shared/limits.ts';
import { IdlewaveClient, type Job } from '../client.ts';
import { kernelJob, wrongItems } from './testing/kernelJob.ts';
import { paced, startTestHost, type TestHost } from './testing/testHost.ts';

const MS_PER_ITEM = 20;
const WORK = { items: 200, itemsPerShard: 5, samplesPerItem: 1_000, seed: 9 };
const ONCE = { verification: { kind: 'quorum', quorum: 1 } } as const;

let coordinator: Coordinator;
let client: IdlewaveClient;
const hosts: TestHost[] = [];
beforeAll(async () => {
  coordinator = await startCoordinator({ port: 0, host: '127.0.0.1', dataDir: MEMORY });
  client = new IdlewaveClient({ url: coordinator.url, key: coordinator.adminToken });
});
afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  await coordinator.close();
});

async function until(job: Job, isSo: (view: JobView) => boolean): Promise<JobView> {
  for await (const view of job.events()) if (isSo(view)) return view;
  throw new Error('the job has ended');
}

test('a job is paused, paid better, goes on, and every item is right', async () => {
  const job = await client.submit({ ...kernelJob(WORK), ...ONCE });
  hosts.push(await startTestHost(coordinator.url, (honest) => paced(honest, MS_PER_ITEM)));
  await until(job, ({ items }) => items.settled > 0);

  await job.pause();
  const resting = await until(job, ({ waiting }) => waiting.every(({ code }) => code === 'paused'));
  expect(resting.items.settled).toBeLessThan(WORK.items);
  const other = await client.submit({ ...kernelJob({ ...WORK, items: 20, seed: 10 }), ...ONCE });
  expect((await other.done()).state).toBe('done');
  expect((await job.refresh()).items).toEqual(resting.items);

  const raised = await job.raise(150);
  expect(BigInt(raised.price)).toBeGreaterThan(BigInt(resting.price));
  expect(raised.pausedAtMs).toBe(resting.pausedAtMs);
  await job.resume();
  const done = await job.done();
  expect(done).toMatchObject({ state: 'done', granted: raised.price, ratePercent: 150 });
  expect(await wrongItems(job, WORK)).toEqual([]);
});

test('a job whose time is over has failed, and its price is refunded', async () => {
  const before = await client.balances();
  for (const host of hosts) host.pause();
  const job = await client.submit({
    ...kernelJob({ ...WORK, seed: 11 }),
    ...ONCE,
    expiresAfterMs: MIN_JOB_LIFETIME_MS,
  });
  const ended = await job.done();
  expect(ended).toMatchObject({ state: 'failed', items: { settled: 0 }, granted: '0' });
  expect(ended.reason).toMatch(/^expired: 0 of 200 items were final/);
  expect(ended.endedAtMs).toBeGreaterThanOrEqual(ended.expiresAtMs!);
  const escrows = ({ rows }: typeof before) =>
    rows.filter(({ account, microCredits }) => /^escrow:/.test(account) && microCredits !== '0');
  expect(escrows(await client.balances())).toEqual(escrows(before));
});
