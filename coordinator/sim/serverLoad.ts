/**
 * Servers in processes of their own under the load of simulated hosts, measured from outside: for benchmarks.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { jobViewSchema } from '../../shared/protocol/job.ts';
import type { BenchRow } from '../../shared/testing/bench.ts';
import type { LoadSample } from './loadHosts.ts';

export const HOSTS = 256;
/** Assignments that each host holds. They compute in no time: a second one would only wait in a queue. */
export const SLOTS = 1;
export const ITEMS_PER_SHARD = 8;
const ITEMS = 800_000;
const WARM_UP_S = 5;
/** Linux counts CPU time in these. */
const TICKS_PER_S = 100;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export type LoadFigures = BenchRow & { readonly perSecond: number; readonly cpuMsEach: number };

/** A coordinator that says `{"url","adminToken"}` when it is ready, with one job posted; it is stopped at the end. */
export async function measureCoordinator(script: string[], seconds: number): Promise<LoadFigures> {
  const server = start(script);
  try {
    const { url, adminToken } = JSON.parse(await firstLine(server)) as Record<string, string>;
    await postJob(url!, adminToken!);
    return await measure(server, url!, 'coordinator', seconds);
  } finally {
    await stop(server);
  }
}

export async function measureEcho(seconds: number): Promise<LoadFigures> {
  const server = start(['./echoServer.ts']);
  try {
    return await measure(server, await firstLine(server), 'echo', seconds);
  } finally {
    await stop(server);
  }
}

async function measure(
  server: ChildProcess,
  url: string,
  mode: string,
  measuredS: number,
): Promise<LoadFigures> {
  const load = start(['./loadHosts.ts', url, String(HOSTS), String(SLOTS), mode]);
  const samples: LoadSample[] = [];
  load.on('message', (sample) => samples.push(sample as LoadSample));
  try {
    while (samples.every(({ received }) => received === 0)) await sleep(100);
    await sleep(WARM_UP_S * 1000);
    samples.length = 0;
    const cpuBefore = await cpuSeconds(server.pid!);
    const startedMs = performance.now();
    await sleep(measuredS * 1000);
    const seconds = (performance.now() - startedMs) / 1000;
    const cpu = (await cpuSeconds(server.pid!)) - cpuBefore;
    return figures(samples, seconds, cpu);
  } finally {
    await stop(load);
  }
}

function figures(samples: readonly LoadSample[], seconds: number, cpuS: number): LoadFigures {
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
