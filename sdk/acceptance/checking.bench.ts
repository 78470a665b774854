/**
 * `npm run bench -- checking`: what verifying costs in the running system, policy by policy: a coordinator
 * process, four honest hosts over real links, the digit model, 512 items a shard.
 *
 * `overhead` is every execution of an item, by hosts and by the referee, over the accepted items, less 1. The
 * first sampled job pays for probation and the gate of four new contributors; the next ones do not.
 */
import type { JobView } from '../../shared/protocol/job.ts';
import { collectResults, type IdlewaveClient } from '../client.ts';
import { loadDigits, pickDigits, type Digits } from '../demo/digits.ts';
import type { BenchReport, BenchRow } from '../../shared/testing/bench.ts';
import { CoordinatorProcess } from './testing/idlewaveProcess.ts';
import { startTestHost } from './testing/testHost.ts';

const HOSTS = 4;
const ITEMS = 32_768;
const ITEMS_PER_SHARD = 512;

type Verification = Parameters<IdlewaveClient['submit']>[0]['verification'];

export async function bench(): Promise<BenchReport> {
  const coordinator = await CoordinatorProcess.start();
  const client = coordinator.client();
  const hosts = await Promise.all(
    Array.from({ length: HOSTS }, () => startTestHost(coordinator.url)),
  );
  try {
    const digits = await loadDigits();
    const rows: BenchRow[] = [];
    const measure = async (name: string, verification: Verification) =>
      rows.push({ policy: name, ...(await run(client, digits, verification)) });
    await measure('quorum 2', { kind: 'quorum', quorum: 2 });
    await measure('sampled, four newcomers', { kind: 'sampled' });
    await measure('sampled, the same four', { kind: 'sampled' });
    await measure('sampled, again', { kind: 'sampled' });
    return {
      name: 'checking',
      notes: [
        'overhead: (executions by hosts + by the referee) / accepted items - 1; the goal is 0.04 after probation',
      ],
      facts: { hosts: HOSTS, items: ITEMS, itemsPerShard: ITEMS_PER_SHARD },
      rows,
    };
  } finally {
    for (const host of hosts) await host.stop();
    await coordinator.stop();
  }
}

async function run(
  client: IdlewaveClient,
  digits: Digits,
  verification: Verification,
): Promise<BenchRow> {
  const { images } = pickDigits(digits, ITEMS, 1);
  const startedMs = performance.now();
  const job = await client.submit({
    name: 'checking',
    program: { onnx: digits.model },
    inputs: { stacked: { image: images } },
    itemsPerShard: ITEMS_PER_SHARD,
    verification,
  });
  await job.done();
  const seconds = (performance.now() - startedMs) / 1000;
  const { missing } = await collectResults(job);
  return { ...figures(job.view), missing: missing.length, seconds };
}

const figures = ({ executions, items, checkOverhead }: JobView): BenchRow => ({
  settled: items.settled,
  byHosts: executions.byHosts,
  byReferee: executions.byReferee,
  disagreed: executions.disagreed,
  overhead: checkOverhead,
});
