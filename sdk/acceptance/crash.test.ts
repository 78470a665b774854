/**
 * A coordinator that is killed without warning again and again, in the middle of its work: nothing is lost,
 * nothing is done twice, and its author and volunteers only wait.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { NO_POSTGRES, startPostgres } from '../../coordinator/store/testing/postgres.ts';
import type { Job } from '../client.ts';
import { seeded } from '../demo/random.ts';
import { CoordinatorProcess } from './testing/idlewaveProcess.ts';
import { kernelJob, wrongItems, type KernelJobOptions } from './testing/kernelJob.ts';
import { faultsOfBooks, itemsNotOnce } from './testing/ledger.ts';
import { startTestHost, type TestHost } from './testing/testHost.ts';

const ROUNDS = 20;
const DEADLINE_MS = 600_000;
/** A kill comes at most this long after the coordinator was ready, or after the first report in its life. */
const MAX_LIFE_MS = 1_000;

/** A shard is some 5 ms of plain JavaScript: tens of reports are on their way at any moment. */
const jobOf = (seed: number): KernelJobOptions => ({
  items: 120,
  itemsPerShard: 2,
  samplesPerItem: 20_000,
  seed,
});

const hosts: TestHost[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
});

test(`embedded store: ${ROUNDS} kills in a row`, { timeout: DEADLINE_MS }, async () => {
  await surviveKills(await CoordinatorProcess.start());
});

test(`PostgreSQL: ${ROUNDS} kills in a row`, { timeout: DEADLINE_MS }, async ({ skip }) => {
  const postgres = await startPostgres();
  if (postgres === null) return skip(NO_POSTGRES);
  onTestFinished(() => postgres.stop());
  const databaseUrl = await postgres.createDatabase('crashes');
  await surviveKills(await CoordinatorProcess.start({ databaseUrl }));
});

async function surviveKills(coordinator: CoordinatorProcess): Promise<void> {
  onTestFinished(() => coordinator.stop());
  const seed = Date.now() >>> 0;
  const random = seeded(seed);
  const lives = Array.from({ length: ROUNDS }, () => random.below(MAX_LIFE_MS));
  console.log(`seed ${seed}: killed ${lives.join(', ')} ms after a start or a report`);
  hosts.push(await startTestHost(coordinator.url), await startTestHost(coordinator.url));

  const client = coordinator.client();
  // A client that was never answered gives up after seconds; this author knows the address to be right.
  await client.network();
  // One job after the other, posted and awaited by an author who knows of no kills.
  const jobs: Job[] = [];
  let killing = true;
  const author = (async () => {
    for (let number = 0; killing; number++) {
      const job = await client.submit(kernelJob(jobOf(number)));
      jobs.push(job);
      expect(await job.done()).toMatchObject({ state: 'done' });
    }
  })();
  // Awaited below; a failure meanwhile must not end the process.
  author.catch(() => undefined);
  let interrupted = 0;
  for (const [round, lifeMs] of lives.entries()) {
    for (const host of hosts) host.hurry();
    // Every other life ends wherever it is, starting included; the rest end in the middle of work.
    if (round % 2 === 1) await Promise.race(hosts.map((host) => host.next('computed')));
    await sleep(lifeMs);
    await coordinator.kill9();
    const last = jobs.at(-1);
    if (last?.view.state === 'running') interrupted += 1;
    await coordinator.restart();
  }
  for (const host of hosts) host.hurry();
  killing = false;
  await author;

  console.log(`${jobs.length} jobs; ${interrupted} of ${ROUNDS} kills met one in the middle`);
  expect(interrupted).toBeGreaterThan(0);
  for (const [number, job] of jobs.entries()) {
    expect(await itemsNotOnce(job)).toEqual([]);
    expect(await wrongItems(job, jobOf(number))).toEqual([]);
  }
  expect(await faultsOfBooks(client, jobs)).toEqual([]);
  expect((await client.leaderboard()).map(({ disagreed }) => disagreed)).toEqual([0, 0]);
}
