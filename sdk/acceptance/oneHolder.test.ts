/**
 * One store, one coordinator that leads: a second one on the same embedded store is refused, plainly; on the same
 * PostgreSQL it joins the first, or is refused where it could never take its place. The first goes on.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { NO_POSTGRES, startPostgres } from '../../coordinator/store/testing/postgres.ts';
import { CoordinatorProcess, runIdlewave } from './testing/idlewaveProcess.ts';
import { kernelJob, wrongItems } from './testing/kernelJob.ts';
import { startTestHost } from './testing/testHost.ts';
import { healthOf } from './testing/coordinators.ts';

const DEADLINE_MS = 300_000;
/** A real process on a machine that does much else beside it. */
const PATIENCE = { timeout: 60_000, interval: 50 } as const;
const JOB = { items: 8, itemsPerShard: 2, samplesPerItem: 1_000, seed: 1 };

describe('a second coordinator', () => {
  test('on the same data directory is refused', { timeout: DEADLINE_MS }, async () => {
    const first = await CoordinatorProcess.start();
    onTestFinished(() => first.stop());
    const message = await expectRefused(first);
    expect(message).toContain(first.dataDir);
    expect(message).toContain(String(first.pid));
    await expectAtWork(first);
  });

  test('on the same PostgreSQL database joins', { timeout: DEADLINE_MS }, async ({ skip }) => {
    const postgres = await startPostgres();
    if (postgres === null) return skip(NO_POSTGRES);
    onTestFinished(() => postgres.stop());
    const databaseUrl = await postgres.createDatabase('one_holder');
    const first = await CoordinatorProcess.start({ databaseUrl });
    onTestFinished(() => first.stop());
    // With another blob directory: it may follow, and must not lead.
    const second = await CoordinatorProcess.start({ databaseUrl });
    onTestFinished(() => second.stop());
    expect(await healthOf(first.url)).toMatchObject({ leads: true, lead: first.url });
    expect(await healthOf(second.url)).toMatchObject({ leads: false, lead: first.url });
    expect(second.stderr).toContain('cannot-lead');
    await expectAtWork(second);
    await first.kill9();
    await vi.waitFor(
      async () => expect((await fetch(`${second.url}/readyz`)).status).toBe(503),
      PATIENCE,
    );
    // First it says only that the lead does not answer; then why it does not lead itself.
    await vi.waitFor(async () => {
      const refused = await (await fetch(`${second.url}/v1/network`)).json();
      expect(refused).toMatchObject({ code: 'not-ready' });
      expect((refused as { came: string }).came).toContain(second.dataDir);
    }, PATIENCE);
    const alone = await runIdlewave(second.serveArguments());
    expect(alone).toMatchObject({ code: 1, stdout: '' });
    expect(alone.stderr).toContain('is not that of this store');
    expect(alone.stderr).not.toContain('    at ');
    await first.restart();
    await vi.waitFor(
      async () => expect((await fetch(`${second.url}/readyz`)).status).toBe(200),
      PATIENCE,
    );
    await expectAtWork(second);
  });

  test('that listens on every address has to say its own', { timeout: DEADLINE_MS }, async () => {
    const flags = ['--database-url', 'postgres://127.0.0.1:1/none', '--host', '0.0.0.0'];
    const ended = await runIdlewave(['serve', '--port', '0', ...flags]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain('--advertise http://10.0.0.5:7433');
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
