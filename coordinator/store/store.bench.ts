/**
 * What a store takes: the load of an engine tick, committed one after another.
 * `npx tsx coordinator/store/store.bench.ts [memory|pglite|postgres] [--ticks N] [--shards-per-tick N] [--output-bytes N]`
 *
 * Every shard is leased twice, reported twice, judged twice (6 assignment upserts), settles, keeps one output of
 * two, and credits two contributors. Prints one line of JSON; nothing is asserted.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeAssignmentId, makeJobId } from '../../shared/ids.ts';
import type { Assignment, Contributor, CreditEntry, Shard } from '../core/state.ts';
import { openMemoryStore } from './memoryStore.ts';
import { openPgliteStore } from './pgliteStore.ts';
import { openPostgresStore } from './postgresStore.ts';
import type { Changes, Store, StoredOutput } from './store.ts';
import { NO_POSTGRES, startPostgres } from './testing/postgres.ts';
import {
  ASSIGNMENT_STATES,
  NO_CHANGES,
  digest,
  makeAssignment,
  makeContributor,
  makeCredit,
  makeJob,
  makeShard,
  settled,
} from './testing/records.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ticks: { type: 'string', default: '60' },
    'shards-per-tick': { type: 'string', default: '100' },
    'output-bytes': { type: 'string', default: '4096' },
  },
});
const ticks = Number(values.ticks);
const shardsPerTick = Number(values['shards-per-tick']);
const outputBytes = Number(values['output-bytes']);
const COPIES = 2;
const CONTRIBUTORS = 50;
const [leased, reported, judged] = [0, 1, 2].map((index) => ASSIGNMENT_STATES[index]!);

async function main(kind: string): Promise<void> {
  const { store, dispose } = await openKind(kind);
  try {
    console.log(JSON.stringify({ store: store.kind, ...(await measure(store)) }));
  } finally {
    await store.close();
    await dispose();
  }
}

async function measure(store: Store): Promise<Record<string, number>> {
  const job = makeJob(1, { id: makeJobId(randomBytes), name: 'bench' });
  const count = ticks * shardsPerTick;
  const shards = Array.from({ length: count }, (_, index) => makeShard(job.id, index));
  const postedMs = await timed(() => store.commit({ ...NO_CHANGES, jobs: [job], shards }));
  const groups = Array.from({ length: ticks }, (_, tick) =>
    shards
      .slice(tick * shardsPerTick, (tick + 1) * shardsPerTick)
      .map((shard) => ({ shard, copies: copiesOf(shard) })),
  );
  const work: Changes[] = [];
  // A tick leases one group, takes the reports of the one before, and settles the one before that.
  for (let tick = 0; tick < ticks + 2; tick += 1) {
    const changes = { ...NO_CHANGES, jobs: [job] };
    const assignments: Assignment[] = [];
    const outputs: StoredOutput[] = [];
    const credits: CreditEntry[] = [];
    const ended: Shard[] = [];
    for (const { copies } of groups[tick] ?? []) {
      assignments.push(...copies.map((copy) => ({ ...copy, state: leased! })));
    }
    for (const { shard, copies } of groups[tick - 1] ?? []) {
      assignments.push(...copies.map((copy) => ({ ...copy, state: reported! })));
      for (const copy of copies) {
        const bytes = new Uint8Array(randomBytes(outputBytes));
        outputs.push({ shard: shard.id, digest: digest(copy.id), bytes });
      }
    }
    for (const { shard, copies } of groups[tick - 2] ?? []) {
      assignments.push(...copies.map((copy) => ({ ...copy, state: judged! })));
      ended.push({ ...shard, state: settled(shard.index + 1) });
      credits.push(...copies.map((copy) => makeCredit(copy.contributor, shard.id)));
    }
    const prunedOutputs = ended.map(({ id }, index) => {
      const kept = groups[tick - 2]![index]!.copies[0]!;
      return { shard: id, keep: digest(kept.id) };
    });
    const contributors: Contributor[] = Array.from({ length: CONTRIBUTORS }, (_, index) =>
      makeContributor(index, { microCredits: BigInt(tick) }),
    );
    work.push({
      ...changes,
      assignments,
      outputs,
      credits,
      shards: ended,
      contributors,
      prunedOutputs,
    });
  }
  const tickMs: number[] = [];
  for (const changes of work) tickMs.push(await timed(() => store.commit(changes)));
  const seconds = tickMs.reduce((sum, ms) => sum + ms, 0) / 1000;
  tickMs.sort((a, b) => a - b);
  return {
    shards: count,
    postedMs: Math.round(postedMs),
    seconds: Number(seconds.toFixed(3)),
    assignmentUpsertsPerSecond: Math.round((count * COPIES * 3) / seconds),
    settledShardsPerSecond: Math.round(count / seconds),
    outputMiBPerSecond: Number(((count * COPIES * outputBytes) / 2 ** 20 / seconds).toFixed(1)),
    tickMsMedian: Number(tickMs[tickMs.length >> 1]!.toFixed(1)),
    tickMsMax: Number(tickMs.at(-1)!.toFixed(1)),
  };
}

const copiesOf = (shard: Shard): Assignment[] =>
  Array.from({ length: COPIES }, (_, copy) =>
    makeAssignment((shard.index + copy) % CONTRIBUTORS, shard, leased, {
      id: makeAssignmentId(randomBytes),
    }),
  );

async function timed(action: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await action();
  return performance.now() - begin;
}

async function openKind(
  kind: string,
): Promise<{ store: Store; readonly dispose: () => Promise<void> }> {
  if (kind === 'memory') return { store: await openMemoryStore(), dispose: async () => {} };
  if (kind === 'postgres') {
    const server = await startPostgres();
    if (server === null) throw new Error(NO_POSTGRES);
    return { store: await openPostgresStore(server.url()), dispose: () => server.stop() };
  }
  if (kind !== 'pglite') throw new Error(`expected memory, pglite or postgres, got ${kind}`);
  const directory = await mkdtemp(join(tmpdir(), 'idlewave-bench-'));
  const dispose = () => rm(directory, { recursive: true });
  return { store: await openPgliteStore(directory), dispose };
}

await main(positionals[0] ?? 'pglite');
