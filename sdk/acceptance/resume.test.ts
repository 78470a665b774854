/**
 * An author's process that is killed without warning 20 times while it waits for its results: the same command goes
 * on, the output is the same to the byte as one that nobody interrupted, and one job was posted and paid.
 */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { MEMORY } from '../../coordinator/config.ts';
import type { Coordinator } from '../../coordinator/coordinator.ts';
import { startCoordinator } from '../../coordinator/main.ts';
import { IdlewaveClient } from '../client.ts';
import { seeded } from '../demo/random.ts';
import { runIdlewave, start } from './testing/idlewaveProcess.ts';
import { startTestHost, type TestHost } from './testing/testHost.ts';

vi.setConfig({ testTimeout: 400_000, hookTimeout: 60_000 });

const KILLS = Number(process.env['IDLEWAVE_KILLS'] ?? 20);
/** A kill comes at most this long after a start, or after the process first told of its job. */
const MAX_LIFE_MS = 800;
const ITEMS = 2_000;

let coordinator: Coordinator;
let folder: string;
const hosts: TestHost[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'idlewave-resume-'));
  coordinator = await startCoordinator({ port: 0, host: '127.0.0.1', dataDir: MEMORY });
  for (let i = 0; i < 2; i++) hosts.push(await startTestHost(coordinator.url));
});
afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  await coordinator.close();
  await rm(folder, { recursive: true, force: true });
});

const jobOf = (seed: number, output: string, ...more: string[]): string[] => [
  ...['submit', '--kernel', 'montecarlo@1', '--name', `ball ${seed}`],
  ...['--params', JSON.stringify({ dimensions: 3, samplesPerItem: 30_000, seed: 7 })],
  ...['--items', `${ITEMS}`, '--items-per-shard', '10', '--verify', 'quorum=2'],
  ...['--output', join(folder, output), ...more],
];

test(`killed ${KILLS} times, the output is the same and paid once`, async () => {
  const env = { IDLEWAVE_URL: coordinator.url, IDLEWAVE_KEY: coordinator.adminToken };
  const client = new IdlewaveClient({ url: coordinator.url, key: coordinator.adminToken });
  const seed = Date.now() >>> 0;
  const random = seeded(seed);
  const lives = Array.from({ length: KILLS }, () => random.below(MAX_LIFE_MS));
  console.log(`seed ${seed}: killed after ${lives.join(', ')} ms`);

  const startMs = performance.now();
  const found: string[] = [];
  let endedAlone = 0;
  for (const [round, lifeMs] of lives.entries()) {
    // The job goes on while somebody waits for it, or it would be over before it is killed so often.
    for (const host of hosts) host.resume();
    const running = start(jobOf(1, 'killed.jsonl', '--json'), env);
    const over = running.ended.then(() => true);
    // Every fourth is killed wherever it is, its start included; the others with the job under way.
    const told = new Promise<void>((resolve) => running.onOutput(() => resolve()));
    if (round % 4 !== 3) await Promise.race([over, told]);
    const isOver = await Promise.race([over, sleep(lifeMs).then(() => false)]);
    if (isOver) endedAlone += 1;
    running.kill('SIGKILL');
    await running.ended;
    for (const host of hosts) host.pause();
    found.push(await stateOf('killed.jsonl'));
  }
  for (const host of hosts) host.resume();
  const last = await runIdlewave(jobOf(1, 'killed.jsonl'), env);
  expect(last.code, last.stderr).toBe(0);
  const seconds = (performance.now() - startMs) / 1000;

  const jobs = [];
  for await (const job of client.allJobs()) jobs.push(job);
  expect(jobs.map(({ name }) => name)).toEqual(['ball 1']);
  const path = join(folder, 'whole.jsonl');
  const whole = await runIdlewave(['jobs', 'results', jobs[0]!.id, '--output', path], env);
  expect(whole.code, whole.stderr).toBe(0);
  const bytes = await readFile(join(folder, 'killed.jsonl'));
  expect(bytes.equals(await readFile(path))).toBe(true);
  const items = bytes
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { item: number }).item);
  expect(items).toEqual([...Array(ITEMS).keys()]);
  // Nothing is left beside the outputs.
  expect((await readdir(folder)).sort()).toEqual(['killed.jsonl', 'whole.jsonl']);
  expect((await client.job(jobs[0]!.id)).view.granted).toBe(jobs[0]!.price);
  console.log(
    `${KILLS} kills in ${seconds.toFixed(1)} s, ${endedAlone} ended before it; found beside the output: ${found.join(', ')}`,
  );
  // Kills met results that were read in part.
  expect(new Set(found.filter((one) => /^[1-9]/.test(one))).size).toBeGreaterThan(1);
});

/** What a kill left: how far the results were read, or nothing. */
async function stateOf(output: string): Promise<string> {
  const path = join(folder, `${output}.partial`, 'state.json');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return 'nothing';
  const { job, cursor } = JSON.parse(text) as { job: string | null; cursor: number };
  return job === null ? 'a key' : `${cursor}`;
}
