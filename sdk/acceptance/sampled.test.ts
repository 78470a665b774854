/** The sampled policy in the real system: a coordinator process, hosts over real links, the digit model. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareOutputs } from '../../shared/acceptance.ts';
import { MAX_LEASES_PER_HOST } from '../../shared/limits.ts';
import { collectResults, type IdlewaveClient, type Job } from '../client.ts';
import { loadDigits, pickDigits, runDirectly } from '../demo/digits.ts';
import { CoordinatorProcess } from './testing/idlewaveProcess.ts';
import { faultsOfBooks, itemsNotOnce } from './testing/ledger.ts';
import { lying, startTestHost, type TestHost } from './testing/testHost.ts';

const ITEMS = 8_192;
const ITEMS_PER_SHARD = 256;
const DEADLINE_MS = 240_000;

let coordinator: CoordinatorProcess;
let client: IdlewaveClient;
const hosts: TestHost[] = [];

beforeAll(async () => {
  coordinator = await CoordinatorProcess.start();
  client = coordinator.client();
}, 60_000);
afterAll(async () => {
  for (const host of hosts) await host.stop();
  await coordinator.stop();
}, 60_000);

it(
  'four contributors, one of them a liar: every item right, honest ones paid, the liar not',
  async () => {
    for (let i = 0; i < 3; i++) hosts.push(await startTestHost(coordinator.url));
    const liar = await startTestHost(coordinator.url, lying);
    hosts.push(liar);
    const digits = await loadDigits();
    const { images } = pickDigits(digits, ITEMS, 1);
    const job: Job = await client.submit({
      name: 'sampled digits',
      program: { onnx: digits.model },
      inputs: { stacked: { image: images } },
      itemsPerShard: ITEMS_PER_SHARD,
      verification: { kind: 'sampled' },
    });
    expect(job.view.verification).toEqual({ kind: 'sampled', secondOpinion: 'contributors' });
    expect(await job.done()).toMatchObject({
      state: 'done',
      items: { settled: ITEMS, provisional: 0, failed: 0 },
    });

    const { outputs, missing } = await collectResults(job);
    expect(missing).toEqual([]);
    const truth = await runDirectly(digits.model, images);
    const rule = {
      kind: 'relative-l2',
      maxRelativeL2: 1e-5,
      maxElementError: 1e-4,
      nonFinite: 'refuse',
    } as const;
    expect(compareOutputs(outputs, truth, ITEMS, rule)).toMatchObject({ kind: 'agree' });
    expect(await itemsNotOnce(job)).toEqual([]);
    expect(await faultsOfBooks(client, [job])).toEqual([]);

    expect(await client.contributor(liar.contributor)).toMatchObject({ microCredits: '0' });
    // Two reports eject; what it held by then may come too.
    const refused = liar.eventsOf('settled').map(({ verdict }) => verdict);
    expect(new Set(refused)).toEqual(new Set(['disagree']));
    expect(refused.length).toBeLessThanOrEqual(2 + MAX_LEASES_PER_HOST);
    for (const host of hosts.slice(0, 3)) {
      const { agreed, disagreed } = await client.contributor(host.contributor);
      expect({ paid: agreed > 0, disagreed }).toEqual({ paid: true, disagreed: 0 });
    }
  },
  DEADLINE_MS,
);

it('a job too small for sampling is fully replicated, and says so', async () => {
  const { view } = await client.submit({
    name: 'small',
    program: { kernel: 'montecarlo@1', params: { dimensions: 2, samplesPerItem: 64, seed: 1 } },
    items: 64,
    verification: { kind: 'sampled' },
  });
  expect(view.verification).toEqual({ kind: 'quorum', quorum: 2, secondOpinion: 'contributors' });
});
