/** A job that is held open, over the command line, a kill of a real coordinator, and whoever waits for its results meanwhile. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { valuesOf } from '../../shared/tensor.ts';
import { collectResults, type IdlewaveClient } from '../client.ts';
import { readTensorFile } from '../inputs/wholeFile.ts';
import { CoordinatorProcess } from './testing/idlewaveProcess.ts';
import { kernelJob, wrongItems } from './testing/kernelJob.ts';
import { itemsNotOnce } from './testing/ledger.ts';
import { startTestHost, type TestHost } from './testing/testHost.ts';

const OPTIONS = { items: 20, itemsPerShard: 10, samplesPerItem: 100, seed: 5 };
const TOTAL = 20 + 35 + 12;

let coordinator: CoordinatorProcess;
let client: IdlewaveClient;
let folder: string;
const hosts: TestHost[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'idlewave-held-'));
  coordinator = await CoordinatorProcess.start();
  client = coordinator.client();
  hosts.push(await startTestHost(coordinator.url), await startTestHost(coordinator.url));
});
afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  await coordinator.stop();
  await rm(folder, { recursive: true, force: true });
});

test('takes items until it is closed, and gives every one once, to whoever waited from its beginning', async () => {
  const job = await client.submit({ ...kernelJob(OPTIONS), open: true });
  const collected = collectResults(await client.job(job.id));
  const path = join(folder, 'all.npz');
  const watching = coordinator.command('jobs', 'results', job.id, '--watch', '--output', path);
  // Both wait before anything is added, and before the coordinator is gone.
  const isBegun = () => existsSync(join(`${path}.partial`, 'spool', 'states'));
  while ((await job.refresh()).items.settled < OPTIONS.items || !isBegun())
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(job.view).toMatchObject({ state: 'running', waiting: [{ code: 'held-open' }] });

  const more = { items: 35, idempotencyKey: 'more' };
  expect(await job.addItems(more)).toEqual({ firstItem: 20, items: 35 });
  // In the middle of what was added, or behind it.
  await coordinator.kill9();
  await coordinator.restart();
  expect(await job.addItems(more)).toEqual({ firstItem: 20, items: 35 });
  const added = await coordinator.command('jobs', 'add', job.id, '--items', '12');
  expect(added.stdout).toContain(`Added 12 items to ${job.id}: 55 to 66 of its results.`);
  const closed = await coordinator.command('jobs', 'close', job.id);
  expect(closed.code).toBe(0);
  await expect(job.addItems({ items: 1 })).rejects.toMatchObject({ kind: 'refused' });

  const done = await job.done();
  expect(done).toMatchObject({ state: 'done', items: { total: TOTAL, settled: TOTAL, failed: 0 } });
  expect(await itemsNotOnce(job)).toEqual([]);
  expect(await wrongItems(job, { ...OPTIONS, items: TOTAL })).toEqual([]);
  const { outputs, missing } = await collected;
  expect(missing).toEqual([]);
  const watched = await watching;
  expect([watched.code, watched.stdout]).toEqual([
    0,
    expect.stringContaining(`${TOTAL} of ${TOTAL}`),
  ]);
  const file = await readTensorFile(path);
  if (!file.ok) throw new Error('the file cannot be read');
  expect([...valuesOf(file.value['hits']!)]).toEqual([...valuesOf(outputs['hits']!)]);

  const movements = await client.movements();
  const kinds = movements.rows.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'escrow')).toHaveLength(3);
  const verified = await coordinator.command('ledger', 'verify');
  expect([verified.code, verified.stderr]).toEqual([0, expect.anything()]);
});
