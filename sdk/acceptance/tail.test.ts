/** On a real coordinator: what a slow host still computes at the end of a job, a fast one computes besides. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MEMORY } from '../../coordinator/config.ts';
import type { Coordinator } from '../../coordinator/coordinator.ts';
import { startCoordinator } from '../../coordinator/main.ts';
import { collectResults, IdlewaveClient } from '../client.ts';
import { paced, startTestHost, type TestHost } from './testing/testHost.ts';

const ITEMS_PER_SHARD = 5;
const FAST_MS_PER_ITEM = 20;
/** It would hold the end of the job for minutes. */
const SLOW_MS_PER_ITEM = 30_000;

let coordinator: Coordinator;
const hosts: TestHost[] = [];
const join = async (msPerItem: number): Promise<TestHost> => {
  const host = await startTestHost(coordinator.url, (honest) => paced(honest, msPerItem));
  hosts.push(host);
  return host;
};
beforeAll(async () => {
  coordinator = await startCoordinator({ port: 0, host: '127.0.0.1', dataDir: MEMORY });
});
afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  await coordinator.close();
});

test('a job ends though a slow host still holds its last shards, and nobody is paid for them twice', async () => {
  const client = new IdlewaveClient({ url: coordinator.url, key: coordinator.adminToken });
  const slow = await join(SLOW_MS_PER_ITEM);
  const job = await client.submit({
    name: 'tail',
    program: { kernel: 'montecarlo@1', params: { dimensions: 2, samplesPerItem: 1_000, seed: 7 } },
    items: 40 * ITEMS_PER_SHARD,
    itemsPerShard: ITEMS_PER_SHARD,
    verification: { kind: 'quorum', quorum: 1 },
  });
  const assigned = slow.next('computing');
  const fast = await join(FAST_MS_PER_ITEM);
  await assigned;
  await job.done();

  const { missing } = await collectResults(job);
  expect(missing).toEqual([]);
  const { shards } = await job.explain();
  const held = shards.filter((it) => it.assignments.some((one) => one.copyOf !== undefined));
  expect(held.length).toBeGreaterThan(0);
  for (const { assignments } of held) {
    const [first, copy] = assignments;
    expect(copy).toMatchObject({
      contributor: fast.contributor,
      copyOf: first!.id,
      state: 'judged',
    });
    expect(first).toMatchObject({ contributor: slow.contributor, state: 'revoked' });
  }
  const revoked = slow.eventsOf('revoked').flatMap(({ assignments }) => assignments);
  expect(revoked.sort()).toEqual(held.map(({ assignments }) => assignments[0]!.id).sort());
  expect(slow.eventsOf('settled')).toEqual([]);
});
