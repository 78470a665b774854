/**
 * One model over several hosts that reach each other through the coordinator's own relay, as Node hosts do. Hosts are
 * killed in the middle, without a word.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadDigits, type Digits } from '../demo/digits.ts';
import { seeded } from '../demo/random.ts';
import { expectRight } from './testing/expectRight.ts';
import { CoordinatorProcess } from './testing/idlewaveProcess.ts';
import { relayPeers, startKillableHost, type KillableHost } from './testing/relayHosts.ts';
import { stagedDigits } from './testing/stagedDigits.ts';
import { startTestHost, type TestHost } from './testing/testHost.ts';

const RUNS = 10;

let coordinator: CoordinatorProcess;
let digits: Digits;
beforeAll(async () => {
  coordinator = await CoordinatorProcess.start();
  digits = await loadDigits();
});
afterAll(() => coordinator.stop());

async function withKillable(
  count: number,
  test: (hosts: KillableHost[]) => Promise<void>,
): Promise<void> {
  const hosts: KillableHost[] = [];
  for (let i = 0; i < count; i++) hosts.push(await startKillableHost(coordinator.url));
  try {
    await test(hosts);
  } finally {
    await Promise.all(hosts.map((host) => host.stop()));
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const until = (isTrue: () => boolean): Promise<void> =>
  vi.waitFor(() => expect(isTrue()).toBe(true), { timeout: 60_000, interval: 10 });

/** Has the host a stage now? */
const hasStage = (host: TestHost, stage: number): boolean =>
  (host.eventsOf('routes').at(-1)?.routes ?? []).some(
    ({ place }) => place.first <= stage && stage <= place.last,
  );

describe('a route over the relay', () => {
  it('gives what the whole model gives, and says that it is relayed', async () => {
    const work = await stagedDigits(digits, 3, 256, 16, 1);
    const hosts: TestHost[] = [];
    for (let i = 0; i < 3; i++) {
      hosts.push(
        await startTestHost(coordinator.url, undefined, { peers: relayPeers(coordinator.url) }),
      );
    }
    try {
      const job = await coordinator.client().submit(work.options);
      await expectRight(job, work);
      const paths = hosts.flatMap((host) =>
        host.eventsOf('routes').flatMap(({ routes }) => routes.map(({ to }) => to?.path)),
      );
      expect(paths).toContain('relayed');
      expect(paths).not.toContain('direct');
    } finally {
      await Promise.all(hosts.map((host) => host.stop()));
    }
  });

  it.each([0, 1, 2])('goes on where the host of stage %i is killed', async (stage) => {
    const work = await stagedDigits(digits, 3, 512, 8, 10 + stage);
    await withKillable(4, async (hosts) => {
      const job = await coordinator.client().submit(work.options);
      await until(() => hosts.some((host) => hasStage(host, stage)));
      const killed = hosts.find((host) => hasStage(host, stage))!;
      await until(() => killed.eventsOf('computed').length >= 3);
      killed.kill();
      const atMs = performance.now();
      const others = hosts.filter((host) => host !== killed);
      await until(() => others.some((host) => hasStage(host, stage)));
      const next = others.find((host) => hasStage(host, stage))!;
      const before = next.eventsOf('computed').length;
      await until(() => next.eventsOf('computed').length > before);
      const ms = Math.round(performance.now() - atMs);
      console.log(`host of stage ${stage} killed: computed by another ${ms} ms later`);
      await expectRight(job, work);
    });
  });

  it(`loses and doubles nothing in ${RUNS} runs, whoever is killed at whatever moment`, async () => {
    for (let run = 0; run < RUNS; run++) {
      const random = seeded(500 + run);
      const work = await stagedDigits(digits, 3, 192, 8, 300 + run);
      await withKillable(5, async (hosts) => {
        const job = await coordinator.client().submit(work.options);
        await wait(30 + random.below(500));
        const killed = run % 3 === 2 ? 2 : 1;
        const left = [...hosts];
        for (let i = 0; i < killed; i++) left.splice(random.below(left.length), 1)[0]!.kill();
        const atMs = performance.now();
        await expectRight(job, work);
        console.log(
          `run ${run}: ${killed} killed, done ${Math.round(performance.now() - atMs)} ms later`,
        );
        const client = coordinator.client();
        for (const { contributor } of left) {
          expect(await client.contributor(contributor)).toMatchObject({ disagreed: 0, expired: 0 });
        }
      });
    }
  });
});
