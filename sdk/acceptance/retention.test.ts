/** Results that are kept for a time, over the command line, restarts and a kill of a real coordinator. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collectResults, type IdlewaveClient } from '../client.ts';
import { CoordinatorProcess } from './testing/idlewaveProcess.ts';
import { kernelJob } from './testing/kernelJob.ts';
import { startTestHost, type TestHost } from './testing/testHost.ts';

const KEEP = { flags: ['--keep-results', '7d'] };
const KEEP_MS = 7 * 86_400_000;

let coordinator: CoordinatorProcess;
let client: IdlewaveClient;
const hosts: TestHost[] = [];
beforeAll(async () => {
  coordinator = await CoordinatorProcess.start(KEEP);
  client = coordinator.client();
  hosts.push(await startTestHost(coordinator.url), await startTestHost(coordinator.url));
});
afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  await coordinator.stop();
});

const smallJob = (seed: number) =>
  client.submit(kernelJob({ items: 4, itemsPerShard: 2, samplesPerItem: 100, seed }));

test('a job says until when its results are kept; its author deletes them, and the rest stays', async () => {
  const [job, other] = [await smallJob(1), await smallJob(2)];
  await expect(client.job('job_none')).rejects.toMatchObject({ problem: { code: 'not-found' } });
  const done = await job.done();
  expect(done.results).toEqual({ kind: 'kept', untilMs: done.endedAtMs! + KEEP_MS });
  expect((await collectResults(job)).missing.length).toBe(0);
  await other.done();
  const movements = await client.movements();

  const deleted = await job.deleteResults();
  const { results } = deleted;
  expect(results).toMatchObject({ kind: 'deleted', why: 'author' });
  expect(deleted).toEqual({ ...done, results });
  await expect(collectResults(job)).rejects.toMatchObject({
    kind: 'refused',
    problem: { code: 'results-deleted', status: 410 },
  });
  // Before, in, or after what the sweep does with them.
  await coordinator.kill9();
  await coordinator.restart();
  const later = await client.job(job.id);
  expect(later.view).toEqual(deleted);
  await expect(collectResults(later)).rejects.toMatchObject({ problem: { status: 410 } });
  expect((await collectResults(await client.job(other.id))).missing.length).toBe(0);
  expect(await client.movements()).toEqual(movements);
  const verified = await coordinator.command('ledger', 'verify');
  expect([verified.code, verified.stderr]).toEqual([0, expect.anything()]);
});

test('the command line shows, deletes, and says why there is nothing to fetch', async () => {
  for (const host of hosts) host.pause();
  const job = await smallJob(3);
  const early = await coordinator.command('jobs', 'delete-results', job.id);
  expect([early.code === 0, early.stderr]).toEqual([false, expect.stringContaining('job-running')]);
  for (const host of hosts) host.resume();
  await job.done();
  expect((await coordinator.command('jobs', 'show', job.id)).stdout).toMatch(
    /^Results {4}kept until \d{4}-\d\d-\d\dT\d\d:\d\dZ$/m,
  );
  const deleted = await coordinator.command('jobs', 'delete-results', job.id);
  expect(deleted.stdout).toMatch(/^Results {4}deleted .*: by their author$/m);
  const { code, stderr } = await coordinator.command(
    ...['jobs', 'results', job.id, '--output', join(coordinator.dataDir, 'late.npz')],
  );
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/results-deleted: the author of the job deleted its results at 20/);
});

test('a coordinator that keeps results for good takes the times away, and one that does not sets them', async () => {
  const job = await smallJob(4);
  const { endedAtMs } = await job.done();
  await coordinator.kill9();
  const kept = await CoordinatorProcess.start({
    dataDir: coordinator.dataDir,
    flags: ['--keep-results', 'forever'],
  });
  try {
    const view = (await kept.client().job(job.id)).view;
    expect(view.results).toEqual({ kind: 'kept', untilMs: null });
  } finally {
    await kept.stop();
  }
  await coordinator.restart();
  const { results } = (await client.job(job.id)).view;
  expect(results).toMatchObject({ kind: 'kept' });
  expect(results?.kind === 'kept' && results.untilMs! - endedAtMs!).toBeGreaterThan(KEEP_MS);
});
