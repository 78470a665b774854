/** Three authors on a real coordinator, with jobs of 1, 10 and 100 times the size: while all have work, each gets as much. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MEMORY } from '../../coordinator/config.ts';
import type { Coordinator } from '../../coordinator/coordinator.ts';
import { startCoordinator } from '../../coordinator/main.ts';
import { IdlewaveClient, type Job } from '../client.ts';
import { startTestHost, type TestHost } from './testing/testHost.ts';

const SMALLEST = 500;
const FACTORS = [100, 10, 1];

let coordinator: Coordinator;
const hosts: TestHost[] = [];
beforeAll(async () => {
  coordinator = await startCoordinator({ port: 0, host: '127.0.0.1', dataDir: MEMORY });
});
afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  await coordinator.close();
});

test('while all have work, each has had the same, within a tenth', async () => {
  const { url } = coordinator;
  const operator = new IdlewaveClient({ url, key: coordinator.adminToken });
  const jobs: Job[] = [];
  for (const factor of FACTORS) {
    const { key } = await operator.createKey(`author of ${factor}`);
    const params = { dimensions: 2, samplesPerItem: 20_000, seed: factor };
    const options = {
      name: `of ${factor}`,
      program: { kernel: 'montecarlo@1', params },
      items: SMALLEST * factor,
      itemsPerShard: 5,
      verification: { kind: 'quorum', quorum: 1 },
    } as const;
    jobs.push(await new IdlewaveClient({ url, key }).submit(options));
  }
  for (let i = 0; i < 2; i++) hosts.push(await startTestHost(url));
  const settledNow = (): Promise<number[]> =>
    Promise.all(jobs.map(async ({ id }) => (await operator.job(id)).view.items.settled));
  // Looked at while the smallest still has work: behind its end the others share what was its.
  let settled = await settledNow();
  while (settled.at(-1)! < SMALLEST * 0.8) {
    await sleep(20);
    settled = await settledNow();
  }
  for (const { id } of jobs) await (await operator.job(id)).cancel();
  expect(settled.at(-1)).toBeLessThan(SMALLEST);
  expect(Math.max(...settled) / Math.min(...settled)).toBeLessThan(1.1);
});
