/**
 * `npm run bench -- coordinator`: assignments a second through a real coordinator process, 256 simulated hosts
 * over real WebSockets, on the durable stores; beside a bare `ws` echo of the same messages.
 *
 * One assignment is a lease, a report, validation and credit, all durable before they are told. The hosts
 * live in a process of their own (`sim/loadHosts.ts`), whose CPU is counted apart.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { BenchReport, BenchRow } from '../shared/testing/bench.ts';
import {
  HOSTS,
  ITEMS_PER_SHARD,
  SLOTS,
  measureCoordinator,
  measureEcho,
  type LoadFigures,
} from './sim/serverLoad.ts';
import { NO_POSTGRES, startPostgres } from './store/testing/postgres.ts';

const MEASURED_S = 15;
const NODE_BUNDLE = fileURLToPath(new URL('../vite.node.config.ts', import.meta.url));

export async function bench(): Promise<BenchReport> {
  // The bundle, as it is installed: tsx keeps names at a cost that users do not pay.
  await build({ configFile: NODE_BUNDLE, logLevel: 'error' });
  const notes = [
    `${HOSTS} hosts over WebSockets, ${SLOTS} assignment each, ${ITEMS_PER_SHARD} items a shard, quorum 2`,
    'an assignment counts when its report is durable and confirmed; latency is from its commitment to confirmation',
    'cpuMsEach: CPU of the coordinator process per assignment; loadCpu: cores taken by the simulated hosts',
    'ws echo: the same load process against a server that only echoes a frame of a report’s size',
  ];
  const rows: BenchRow[] = [];
  rows.push({ server: 'ws echo', ...(await measureEcho(MEASURED_S)) });
  rows.push({ server: 'coordinator on PGlite', ...(await measureServe(null)) });
  const postgres = await startPostgres();
  if (postgres === null) notes.push(NO_POSTGRES);
  else {
    try {
      const url = await postgres.createDatabase('bench');
      rows.push({ server: 'coordinator on PostgreSQL', ...(await measureServe(url)) });
    } finally {
      await postgres.stop();
    }
  }
  return {
    name: 'coordinator',
    notes,
    facts: { hosts: HOSTS, slots: SLOTS, seconds: MEASURED_S },
    rows,
  };
}

async function measureServe(databaseUrl: string | null): Promise<LoadFigures> {
  const dataDir = await mkdtemp(join(tmpdir(), 'idlewave-bench-'));
  const database = databaseUrl === null ? [] : ['--database-url', databaseUrl];
  const serve = ['serve', '--port', '0', '--data', dataDir, '--json', ...database];
  try {
    return await measureCoordinator(['../../sdk/cli/main.ts', ...serve], MEASURED_S);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
