/**
 * `npm run bench -- tail`: how long the end of a job waits for its slowest host, in the running system: a coordinator
 * process, hosts over real links that compute at a set pace, of which one is ten times slower.
 *
 * `ratio` is the time from the first assignment to the last accepted shard over the soonest that any order could have
 * given with these paces. The goal is 1.2.
 */
import { medianOf, type BenchReport, type BenchRow } from '../../shared/testing/bench.ts';
import { CoordinatorProcess } from './testing/idlewaveProcess.ts';
import { paced, startTestHost } from './testing/testHost.ts';

const SHARDS = 1_000;
const ITEMS_PER_SHARD = 4;
const SHARD_MS = 300;
const SLOWER = 10;
const ROUNDS = 3;

export async function bench(): Promise<BenchReport> {
  const rows: BenchRow[] = [];
  for (const hosts of [20, 40]) {
    const alike: number[] = [];
    const oneSlow: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      alike.push(await secondsWith(Array.from({ length: hosts }, () => SHARD_MS)));
      oneSlow.push(
        await secondsWith([
          SHARD_MS * SLOWER,
          ...Array.from({ length: hosts - 1 }, () => SHARD_MS),
        ]),
      );
    }
    rows.push(rowOf('alike', hosts, hosts, alike), rowOf('one slow', hosts, hosts - 1, oneSlow));
  }
  const notes = ['ratio: seconds over the soonest that any order could give; the goal is 1.2'];
  const facts = { shards: SHARDS, shardMs: SHARD_MS, slower: SLOWER, rounds: ROUNDS };
  return { name: 'tail', notes, facts, rows };
}

function rowOf(what: string, hosts: number, fast: number, seconds: readonly number[]): BenchRow {
  // What the slow one adds is less than one round of the others.
  const ideal = (Math.ceil(SHARDS / fast) * SHARD_MS) / 1000;
  const median = medianOf(seconds);
  return { what, hosts, seconds: median, ideal, ratio: median / ideal, raw: seconds };
}

async function secondsWith(shardMs: readonly number[]): Promise<number> {
  const coordinator = await CoordinatorProcess.start();
  const pace = (ms: number) => ms / ITEMS_PER_SHARD;
  const hosts = await Promise.all(
    shardMs.map((ms) => startTestHost(coordinator.url, (honest) => paced(honest, pace(ms)))),
  );
  try {
    const client = coordinator.client();
    const submit = (items: number, seed: number) =>
      client.submit({
        name: 'tail',
        program: { kernel: 'montecarlo@1', params: { dimensions: 2, samplesPerItem: 1_000, seed } },
        items,
        itemsPerShard: ITEMS_PER_SHARD,
        verification: { kind: 'quorum', quorum: 1 },
      });
    // Engines are chosen, and how fast each is becomes known.
    await (await submit(shardMs.length * 4 * ITEMS_PER_SHARD, 1)).done();
    const startedMs = performance.now();
    await (await submit(SHARDS * ITEMS_PER_SHARD, 2)).done();
    return (performance.now() - startedMs) / 1000;
  } finally {
    await Promise.all(hosts.map((host) => host.stop()));
    await coordinator.stop();
  }
}
