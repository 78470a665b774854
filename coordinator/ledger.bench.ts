/**
 * `npm run bench -- ledger`: what a durable ledger and its public log cost the coordinator: the same load on two
 * coordinators, of which one does not write them, in turns.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { ContributorId, JobId, ShardId, AssignmentId } from '../shared/ids.ts';
import { contributorAccount, escrowAccount } from '../shared/ledger.ts';
import { medianOf, type BenchReport, type BenchRow } from '../shared/testing/bench.ts';
import type { CreditEntry, Job } from './core/state.ts';
import { Books } from './engine/books.ts';
import { Tick } from './engine/tick.ts';
import { HOSTS, ITEMS_PER_SHARD, measureCoordinator, type LoadFigures } from './sim/serverLoad.ts';
import { NO_POSTGRES, startPostgres, type TestPostgres } from './store/testing/postgres.ts';

const PAIRS = 3;
const MEASURED_S = 10;
const CREDITS = 200_000;
const CREDITS_PER_TICK = 100;

export async function bench(): Promise<BenchReport> {
  await build({
    configFile: fileURLToPath(new URL('../vite.node.config.ts', import.meta.url)),
    logLevel: 'error',
  });
  const notes = [
    `${HOSTS} hosts over WebSockets, ${ITEMS_PER_SHARD} items a shard, quorum 2; ${PAIRS} pairs of ${MEASURED_S} s, in turns`,
    'without: credit is decided as ever, but balances, movements and the public log are not written',
    'cpuRatio, timeRatio: CPU of the coordinator, and time, per assignment, with over without (medians; goal 1.15)',
    'deciding: what `without` still does for the ledger, measured alone: accounts in memory, facts as JSON',
  ];
  const rows: BenchRow[] = [{ store: 'deciding', microsecondsACredit: await decidingUs() }];
  rows.push({ store: 'pglite', ...(await compare(null)) });
  const postgres = await startPostgres();
  if (postgres === null) notes.push(NO_POSTGRES);
  else {
    try {
      rows.push({ store: 'postgres', ...(await compare(postgres)) });
    } finally {
      await postgres.stop();
    }
  }
  return { name: 'ledger', notes, facts: { pairs: PAIRS, seconds: MEASURED_S }, rows };
}

async function compare(postgres: TestPostgres | null): Promise<BenchRow> {
  const withLedger: LoadFigures[] = [];
  const without: LoadFigures[] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    withLedger.push(await measured('with', pair, postgres));
    without.push(await measured('without', pair, postgres));
  }
  const median = (of: readonly LoadFigures[], pick: (it: LoadFigures) => number) =>
    medianOf(of.map(pick));
  const perSecond = (of: readonly LoadFigures[]) => median(of, (it) => it.perSecond);
  const cpuMs = (of: readonly LoadFigures[]) => median(of, (it) => it.cpuMsEach);
  return {
    perSecond: perSecond(withLedger),
    perSecondWithout: perSecond(without),
    cpuMsEach: cpuMs(withLedger),
    cpuMsEachWithout: cpuMs(without),
    cpuRatio: round(cpuMs(withLedger) / cpuMs(without)),
    timeRatio: round(perSecond(without) / perSecond(withLedger)),
    raw: [...withLedger, ...without].map((it) => it.perSecond),
  };
}

async function measured(
  mode: 'with' | 'without',
  pair: number,
  postgres: TestPostgres | null,
): Promise<LoadFigures> {
  const dataDir = await mkdtemp(join(tmpdir(), 'idlewave-bench-'));
  const database =
    postgres === null ? [] : [await postgres.createDatabase(`ledger_${mode}_${pair}`)];
  try {
    return await measureCoordinator(['./ledgerServer.ts', mode, dataDir, ...database], MEASURED_S);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Microseconds that a credit takes in memory: its postings, and its line of the log. */
async function decidingUs(): Promise<number> {
  const books = new Books({
    store: { ledger: { balance: async () => 10n ** 15n } as never },
    isNeeded: () => true,
    shared: { isLiving: () => true, given: () => undefined },
    now: () => 0,
    random: randomBytes,
  });
  const job = { id: 'job_1' as JobId, author: 'key_1' } as Job;
  await books.recallJob(job);
  const contributors = Array.from({ length: HOSTS }, (_, i) => `c_${i}` as ContributorId);
  for (const id of contributors) await books.recall(contributorAccount(id));
  const credit = (i: number): CreditEntry => ({
    contributor: contributors[i % HOSTS]!,
    shard: `job_1.${i}` as ShardId,
    job: job.id,
    assignment: `asg_${i}` as AssignmentId,
    items: ITEMS_PER_SHARD,
    microCredits: 8n,
    reason: 'agreed with the quorum',
    atMs: i,
  });
  const startedMs = performance.now();
  for (let i = 0; i < CREDITS; i += CREDITS_PER_TICK) {
    const tick = new Tick();
    books.credit(
      tick,
      job,
      Array.from({ length: CREDITS_PER_TICK }, (_, k) => credit(i + k)),
    );
    tick.changes(i);
    tick.runAfterCommit();
  }
  const elapsedMs = performance.now() - startedMs;
  if (books.balanceOf(escrowAccount(job.id)) !== 10n ** 15n - 8n * BigInt(CREDITS))
    throw new Error('the books do not add up');
  return round((elapsedMs * 1000) / CREDITS);
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
