/**
 * One store, one coordinator: a second one on the same data is refused, plainly, and the first goes on.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { NO_POSTGRES, startPostgres } from '../../coordinator/store/testing/postgres.ts';
import { CoordinatorProcess, runIdlewave } from './testing/idlewaveProcess.ts';
import { kernelJob, wrongItems } from './testing/kernelJob.ts';
import { startTestHost } from './testing/testHost.ts';

const DEADLINE_MS = 300_000;
const JOB = { items: 8, itemsPerShard: 2, samplesPerItem: 1_000, seed: 1 };

describe('a second coordinator is refused', () => {
  test('on the same data directory', { timeout: DEADLINE_MS }, async () => {
    const first = await CoordinatorProcess.start();
    onTestFinished(() => first.stop());
    const message = await expectRefused(first);
    expect(message).toContain(first.dataDir);
    expect(message).toContain(String(first.pid));
    await expectAtWork(first);
  });

  test('on the same PostgreSQL database', { timeout: DEADLINE_MS }, async ({ skip }) => {
    const postgres = await startPostgres();
    if (postgres === null) return skip(NO_POSTGRES);
    onTestFinished(() => postgres.stop());
    const databaseUrl = await postgres.createDatabase('one_holder');
    const first = await CoordinatorProcess.start({ databaseUrl });
    onTestFinished(() => first.stop());
    expect(await expectRefused(first)).toContain(`:${first.pid}"`);
    await expectAtWork(first);
  });
});

test('a busy port ends it, plainly, and nothing is held', { timeout: DEADLINE_MS }, async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const dataDir = await mkdtemp(join(tmpdir(), 'idlewave-port-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const serve = (at: number) => ['serve', '--port', String(at), '--data', dataDir, '--json'];
  const ended = await runIdlewave(serve(port));
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toContain(`port ${port} of 127.0.0.1 is in use`);
  const again = await CoordinatorProcess.start({ dataDir });
  await again.stop();
});

/** What it said. */
async function expectRefused(first: CoordinatorProcess): Promise<string> {
  const second = await runIdlewave(first.serveArguments());
  expect(second).toMatchObject({ code: 1, stdout: '' });
  expect(second.stderr).not.toContain('    at '); // a message, not a stack
  return second.stderr;
}

async function expectAtWork(coordinator: CoordinatorProcess): Promise<void> {
  const hosts = [await startTestHost(coordinator.url), await startTestHost(coordinator.url)];
  try {
    const job = await coordinator.client().submit(kernelJob(JOB));
    expect(await job.done()).toMatchObject({ state: 'done' });
    expect(await wrongItems(job, JOB)).toEqual([]);
  } finally {
    await Promise.all(hosts.map((host) => host.stop()));
  }
}
