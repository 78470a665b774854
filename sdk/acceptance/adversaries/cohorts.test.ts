/**
 * Adversaries that share a network, against a running coordinator behind a proxy that says where hosts come from.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AssignMessage } from '../../../shared/protocol/link.ts';
import { tensorOf, valuesOf, type NamedTensors } from '../../../shared/tensor.ts';
import type { IdlewaveClient } from '../../client.ts';
import { CoordinatorProcess } from '../testing/idlewaveProcess.ts';
import { kernelJob, wrongItems } from '../testing/kernelJob.ts';
import { RawHost, truthOf } from './testing/rawHost.ts';

let coordinator: CoordinatorProcess;
let client: IdlewaveClient;
beforeAll(async () => {
  coordinator = await CoordinatorProcess.start({ flags: ['--trusted-proxies', '1'] });
  client = coordinator.client();
});
afterAll(() => coordinator.stop());

const join = (from: string): Promise<RawHost> => RawHost.join(coordinator.url, from);

async function taken(host: RawHost): Promise<AssignMessage> {
  const answer = await host.ask();
  if (answer.type === 'assign') return answer;
  throw new Error(`expected work, came ${answer.code}`);
}

/** The same wrong values, whoever of them is asked. */
async function lie(assign: AssignMessage): Promise<NamedTensors> {
  const hits = (await truthOf(assign))['hits']!;
  return {
    hits: tensorOf(
      'U32',
      hits.dims,
      (valuesOf(hits) as Uint32Array).map((it) => it + 1),
    ),
  };
}

it('#20 a colluding pair of one network is never given the same item, and gets nothing through', async () => {
  const work = { items: 32, itemsPerShard: 16, samplesPerItem: 64, seed: 20 };
  const job = await client.submit({
    ...kernelJob(work),
    verification: { kind: 'quorum', quorum: 2 },
  });
  const pair = [await join('203.0.113.7'), await join('203.0.113.200')] as const;
  const seen: number[] = [];
  for (const liar of pair) {
    const assign = await taken(liar);
    seen.push(...assign.items);
    const outputs = await lie(assign);
    const answer = await liar.report(assign, outputs, await liar.commit(assign, outputs));
    expect(answer.type).toBe('received');
  }
  expect(new Set(seen).size).toBe(work.items);
  for (const liar of pair) {
    expect(await liar.ask()).toMatchObject({ type: 'waiting', code: 'needs-other-contributor' });
  }
  const honest = [await join('198.51.100.1'), await join('192.0.2.1')];
  while ((await job.refresh()).state === 'running') {
    for (const host of honest) {
      const next = await host.ask();
      if (next.type === 'assign') await host.deliver(next);
    }
  }
  expect(job.view).toMatchObject({ state: 'done', items: { settled: work.items } });
  expect(await wrongItems(job, work)).toEqual([]);
  for (const { contributor } of pair) {
    expect(await client.contributor(contributor)).toMatchObject({
      microCredits: '0',
      disagreed: 1,
    });
  }
  for (const { contributor } of honest) {
    const { microCredits, disagreed } = await client.contributor(contributor);
    expect({ paid: Number(microCredits) > 0, disagreed }).toEqual({ paid: true, disagreed: 0 });
  }
});

it('#23 a flood of new names of one network holds a few assignments, and nobody else waits for it', async () => {
  const work = { items: 640, itemsPerShard: 16, samplesPerItem: 64, seed: 23 };
  const job = await client.submit({
    ...kernelJob(work),
    verification: { kind: 'quorum', quorum: 2 },
  });
  const answers: string[] = [];
  for (let i = 1; i <= 24; i++) {
    const answer = await (await join(`198.18.5.${i}`)).ask();
    answers.push(answer.type === 'assign' ? 'assign' : answer.code);
  }
  expect(answers.slice(0, 8)).toEqual(Array(8).fill('assign'));
  expect(new Set(answers.slice(8))).toEqual(new Set(['newcomers-wait']));
  // What stands left of the proxy's own word is the stranger's invention.
  const forged = await join('192.0.2.99, 198.18.5.77');
  expect(await forged.ask()).toMatchObject({ type: 'waiting', code: 'newcomers-wait' });
  for (const from of ['192.0.2.50', '198.51.100.50']) {
    const host = await join(from);
    for (let i = 0; i < 3; i++) await host.deliver(await taken(host));
  }
  await job.cancel();
});
