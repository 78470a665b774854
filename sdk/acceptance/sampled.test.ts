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
});
afterAll(async () => {
  for (const host of hosts) await host.stop();
  await coordinator.stop();
});

it(
  'by default a large job is sampled, and ends though only one volunteer is there',
  async () => {
    hosts.push(await startTestHost(coordinator.url));
    const params = { dimensions: 2, samplesPerItem: 64, seed: 1 };
    const program = { kernel: 'montecarlo@1', params };
    const job = await client.submit({ name: 'alone', program, items: ITEMS });
    expect(job.view).toMatchObject({
      verification: { kind: 'sampled', secondOpinion: 'referee' },
      asked: { kind: 'auto' },
    });
    const { checkOverhead } = await job.done();
    expect(job.view.state).toBe('done');
    // 1,024 checks, and 128 of the last reports: all by the referee.
    expect(checkOverhead).toBeGreaterThan(0.1);
    expect(checkOverhead).toBeLessThan(0.3);
  },
  DEADLINE_MS,
);

it(
  'four contributors, one of them a liar: every item right, honest ones paid, the liar not',
  async () => {
    for (let i = 0; i < 2; i++) hosts.push(await startTestHost(coordinator.url));
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
    for (const host of hosts.filter((it) => it !== liar)) {
      const { agreed, disagreed } = await client.contributor(host.contributor);
      expect({ paid: agreed > 0, disagreed }).toEqual({ paid: true, disagreed: 0 });
    }
    await expectExplained(job, liar);
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
  expect(view.asked).toMatchObject({ kind: 'sampled' });
  expect(view.why).toContain('the job is too small: it has 64 items');
});

/** Every shard says who computed it, what was checked and found, what it cost, and what may still be wrong. */
async function expectExplained(job: Job, liar: TestHost): Promise<void> {
  const honest = hosts.filter((host) => host !== liar).map(({ contributor }) => contributor);
  expect(job.view.summary).toMatch(/^8,192 items in .*checking cost \d+ % on top: /);
  const { shards } = await job.explain();
  expect(shards).toHaveLength(ITEMS / ITEMS_PER_SHARD);
  for (const { state, assignments, checked, cost, remains } of shards) {
    expect(state).toBe('settled');
    const accepted = assignments.filter(({ verdict }) => verdict === 'agree');
    expect(accepted).toHaveLength(1);
    expect(honest).toContain(accepted[0]!.contributor);
    expect(checked.at(-1)).toMatch(/^By the time it was final, (none|\d+) of its 256 items had/);
    expect(cost.executions).toBeGreaterThanOrEqual(ITEMS_PER_SHARD);
    expect(remains.wrongItems).toBeGreaterThan(0);
    expect(remains.wrongItems).toBeLessThan(5e-3);
  }
  const refused = shards.filter(({ checked }) =>
    checked.some((text) => text.startsWith(`The report of ${liar.contributor} was refused: `)),
  );
  expect(refused.length).toBeGreaterThanOrEqual(2);
  const probed = shards.find(({ assignments }) =>
    assignments.some(({ verdict, probes }) => verdict === 'agree' && probes > 0),
  )!;
  const [one] = (await job.explain({ shard: probed.index })).shards;
  expect(one).toMatchObject({ index: probed.index, assignments: probed.assignments });
  expect(one!.checked.join(' ')).toMatch(
    /secret items of \d other volunteers?’ reports: \d+ were held against them and agreed/,
  );
}
