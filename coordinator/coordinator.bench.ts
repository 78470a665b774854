/**
 * `npm run bench -- coordinator`: assignments a second through a real coordinator process, 256 simulated hosts
 * over real WebSockets, on the durable stores; beside a bare `ws` echo of the same messages.
 *
 * One assignment is a lease, a report, validation and credit, all durable before they are told. The hosts
 * live in a process of their own (`sim/loadHosts.ts`), whose CPU is counted apart.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { jobViewSchema } from '../shared/protocol/job.ts';
import type { BenchReport, BenchRow } from '../shared/testing/bench.ts';
import type { LoadSample } from './sim/loadHosts.ts';
import { NO_POSTGRES, startPostgres } from './store/testing/postgres.ts';

const HOSTS = 256;
/** Assignments that each host holds. They compute in no time: a second one would only wait in a queue. */
const SLOTS = 1;
const ITEMS_PER_SHARD = 8;
const ITEMS = 800_000;
const WARM_UP_S = 5;
const MEASURED_S = 15;
/** Linux counts CPU time in these. */
const TICKS_PER_S = 100;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export async function bench(): Promise<BenchReport> {
  // The bundle, as it is installed: tsx keeps names at a cost that users do not pay.
  await build({ configFile: here('../vite.node.config.ts'), logLevel: 'error' });
  const notes = [
    `${HOSTS} hosts over WebSockets, ${SLOTS} assignment each, ${ITEMS_PER_SHARD} items a shard, quorum 2`,
    'an assignment counts when its report is durable and confirmed; latency is from its commitment to confirmation',
    'cpuMsEach: CPU of the coordinator process per assignment; loadCpu: cores taken by the simulated hosts',
    'ws echo: the same load process against a server that only echoes a frame of a report’s size',
  ];
  const rows: BenchRow[] = [];
  rows.push({ server: 'ws echo', ...(await measureEcho()) });
  rows.push({ server: 'coordinator on PGlite', ...(await measureCoordinator(null)) });
  const postgres = await startPostgres();
  if (postgres === null) notes.push(NO_POSTGRES);
  else {
    try {
      const url = await postgres.createDatabase('bench');
      rows.push({ server: 'coordinator on PostgreSQL', ...(await measureCoordinator(url)) });
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

async function measureCoordinator(databaseUrl: string | null): Promise<BenchRow> {
  const dataDir = await mkdtemp(join(tmpdir(), 'idlewave-bench-'));
  const database = databaseUrl === null ? [] : ['--database-url', databaseUrl];
  const server = start([
    '../sdk/cli/main.ts',
    'serve',
    '--port',
    '0',
    '--data',
    dataDir,
    '--json',
    ...database,
  ]);
  try {
    const { url, adminToken } = JSON.parse(await firstLine(server)) as Record<string, string>;
    await postJob(url!, adminToken!);
    return await measure(server, url!, 'coordinator');
  } finally {
    await stop(server);
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function measureEcho(): Promise<BenchRow> {
  const server = start(['./sim/echoServer.ts']);
  try {
    return await measure(server, await firstLine(server), 'echo');
  } finally {
    await stop(server);
  }
}

async function measure(server: ChildProcess, url: string, mode: string): Promise<BenchRow> {
  const load = start(['./sim/loadHosts.ts', url, String(HOSTS), String(SLOTS), mode]);
  const samples: LoadSample[] = [];
  load.on('message', (sample) => samples.push(sample as LoadSample));
  try {
    while (samples.every(({ received }) => received === 0)) await sleep(100);
    await sleep(WARM_UP_S * 1000);
    samples.length = 0;
    const cpuBefore = await cpuSeconds(server.pid!);
    const startedMs = performance.now();
    await sleep(MEASURED_S * 1000);
    const seconds = (performance.now() - startedMs) / 1000;
    const cpu = (await cpuSeconds(server.pid!)) - cpuBefore;
    return figures(samples, seconds, cpu);
  } finally {
    await stop(load);
  }
}

function figures(samples: readonly LoadSample[], seconds: number, cpuS: number): BenchRow {
  const sum = (pick: (sample: LoadSample) => number) =>
    samples.reduce((total, it) => total + pick(it), 0);
  const received = sum((it) => it.received);
  const latencies = samples.flatMap((it) => [...it.latenciesMs]).sort((a, b) => a - b);
  const at = (share: number) => Math.round(latencies[Math.floor(latencies.length * share)] ?? NaN);
  return {
    perSecond: Math.round(received / seconds),
    settledPerSecond: Math.round(sum((it) => it.settled) / seconds),
    refused: sum((it) => it.refused),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    serverCpu: round(cpuS / seconds),
    cpuMsEach: round((cpuS * 1000) / received),
    loadCpu: round(sum((it) => it.cpuMs) / 1000 / seconds),
  };
}

async function postJob(url: string, key: string): Promise<void> {
  const response = await fetch(`${url}/v1/jobs`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({
      name: 'load',
      program: {
        kind: 'kernel',
        kernel: 'montecarlo@1',
        params: { dimensions: 2, samplesPerItem: 1, seed: 1 },
      },
      items: ITEMS,
      itemsPerShard: ITEMS_PER_SHARD,
      verification: { kind: 'quorum', quorum: 2 },
    }),
  });
  jobViewSchema.parse(await response.json());
}

function start([script = '', ...args]: string[]): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', here(script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
}

const firstLine = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    createInterface(child.stdout!).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** User and system time of a process, from the kernel's own accounting (proc(5)). */
async function cpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
