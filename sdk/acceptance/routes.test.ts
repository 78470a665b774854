/**
 * One model over several hosts, on the running coordinator: the digit model in stages, on hosts of this process that
 * reach each other without a network. Hosts come, go at any moment, and lie.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assert } from '../../shared/result.ts';
import type { Compute } from '../../web/compute/api.ts';
import { MemoryPeers } from '../../web/volunteer/memoryPeers.ts';
import { loadDigits, type Digits } from '../demo/digits.ts';
import { seeded } from '../demo/random.ts';
import { expectRight } from './testing/expectRight.ts';
import { CoordinatorProcess } from './testing/idlewaveProcess.ts';
import { changing, stagedDigits } from './testing/stagedDigits.ts';
import { startTestHost, type TestHost } from './testing/testHost.ts';

let coordinator: CoordinatorProcess;
let digits: Digits;
beforeAll(async () => {
  coordinator = await CoordinatorProcess.start();
  digits = await loadDigits();
});
afterAll(() => coordinator.stop());

/** Hosts that can reach each other, and go when the test ends. */
async function withHosts(
  engines: readonly ((honest: Compute) => Compute)[],
  test: (hosts: TestHost[], join: () => Promise<TestHost>) => Promise<void>,
): Promise<void> {
  const peers = new MemoryPeers();
  const hosts: TestHost[] = [];
  const join = async (engine?: (honest: Compute) => Compute): Promise<TestHost> => {
    const host = await startTestHost(coordinator.url, engine, { peers });
    hosts.push(host);
    return host;
  };
  try {
    for (const engine of engines) await join(engine);
    await test(hosts, join);
  } finally {
    await Promise.all(hosts.map((host) => host.stop()));
  }
}

const honest = (compute: Compute): Compute => compute;
const of = (count: number) => Array.from({ length: count }, () => honest);

describe('a model in stages', () => {
  it.each([2, 3, 4])('over %i hosts gives what the whole model gives', async (stages) => {
    const work = await stagedDigits(digits, stages, 256, 16, stages);
    await withHosts(of(stages), async (hosts) => {
      const client = coordinator.client();
      const job = await client.submit(work.options);
      await expectRight(job, work);
      let paid = 0;
      for (const { contributor } of hosts) {
        const { agreed, disagreed, errored } = await client.contributor(contributor);
        if (agreed > 0) paid += 1;
        expect({ disagreed, errored }).toEqual({ disagreed: 0, errored: 0 });
      }
      // One stage has most of the work: beside it, others are as fast on fewer hosts.
      expect(paid).toBeGreaterThanOrEqual(2);
    });
  });

  it('on one host alone gives the same', async () => {
    const work = await stagedDigits(digits, 3, 64, 16, 7);
    await withHosts(of(1), async () => {
      await expectRight(await coordinator.client().submit(work.options), work);
    });
  });

  it('loses and doubles nothing, whoever goes at whatever moment', async () => {
    for (let run = 0; run < 6; run++) {
      const random = seeded(100 + run);
      const work = await stagedDigits(digits, 3, 192, 8, 200 + run);
      await withHosts(of(4), async (hosts, join) => {
        const job = await coordinator.client().submit(work.options);
        const goneAtOnce = run % 3 === 2 ? 2 : 1;
        await new Promise((resolve) => setTimeout(resolve, 50 + random.below(400)));
        for (let i = 0; i < goneAtOnce; i++) {
          const [gone] = hosts.splice(random.below(hosts.length), 1);
          void gone!.stop();
        }
        for (let i = 0; i < goneAtOnce; i++) await join();
        await expectRight(job, work);
      });
    }
  });

  it('names the stage that lies, and pays the others', async () => {
    const work = await stagedDigits(digits, 3, 512, 8, 9);
    const doubling = changing((values) => {
      for (let at = 0; at < values.length; at++) values[at] = values[at]! * 1.5 + 0.25;
    });
    await withHosts([...of(3), doubling], async (hosts) => {
      const client = coordinator.client();
      const job = await client.submit(work.options);
      await expectRight(job, work);
      const liar = hosts.at(-1)!;
      for (const { contributor } of hosts.slice(0, -1)) {
        expect(await client.contributor(contributor)).toMatchObject({ disagreed: 0 });
      }
      expect((await client.credits(liar.contributor)).rows).toEqual([]);
    });
  });

  it('is refused where its stages do not fit each other, with the reason', async () => {
    const work = await stagedDigits(digits, 3, 8, 8, 10);
    const { program } = work.options;
    assert('stages' in program, 'staged');
    const swapped = { stages: [program.stages[0]!, program.stages[2]!] };
    await expect(
      coordinator.client().submit({ ...work.options, program: swapped }),
    ).rejects.toMatchObject({ problem: { field: 'program.stages[1]' } });
    await expect(
      coordinator.client().submit({ ...work.options, verification: { kind: 'quorum', quorum: 2 } }),
    ).rejects.toMatchObject({ problem: { field: 'verification' } });
  });
});
