/**
 * `npm run bench`: lists the benchmarks. `npm run bench -- NAME [--json]`: runs one and prints its report.
 *
 * A benchmark is a file `NAME.bench.ts` that exports `bench()` (shared/testing/bench.ts). All are loaded through
 * Vite, because kernels import their shaders with `?raw`. Invariant: with --json standard output is one JSON
 * object, with the machine it was measured on; progress goes to standard error.
 */
import { readFile, readdir } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createServer } from 'vite';
import type { BenchCell, BenchReport, BenchRow } from '../shared/testing/bench.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['coordinator', 'e2e', 'kernels', 'sdk', 'shared', 'web'];
const ENDING = '.bench.ts';
/** A bench file of the older kind is a command of its own. */
const EXPORTS_BENCH = /^export (const|function|async function) bench\b/m;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
});
async function main(names: readonly string[]): Promise<number> {
  const benches = await findBenches();
  const [name] = names;
  const file = benches.get(name ?? '');
  if (name !== undefined && names.length === 1 && file !== undefined) {
    await run(file);
    return 0;
  }
  const list = [...benches.keys()].sort().map((known) => `  npm run bench -- ${known}`);
  if (name === undefined) {
    console.log(list.join('\n'));
    return 0;
  }
  console.error(`expected one of:\n${list.join('\n')}\ncame: ${names.join(' ')}`);
  return 2;
}

/** Files by the name they are asked for by. */
async function findBenches(): Promise<Map<string, string>> {
  const benches = new Map<string, string>();
  for (const folder of FOLDERS) {
    for (const path of await readdir(join(ROOT, folder), { recursive: true })) {
      if (!path.endsWith(ENDING)) continue;
      const file = join(ROOT, folder, path);
      if (EXPORTS_BENCH.test(await readFile(file, 'utf8'))) {
        benches.set(basename(file, ENDING), file);
      }
    }
  }
  return benches;
}

async function run(file: string): Promise<void> {
  const vite = await createServer({
    configFile: false,
    root: ROOT,
    appType: 'custom',
    logLevel: 'error',
    optimizeDeps: { noDiscovery: true },
    // Nothing is served, and a change of a source must not reload what is being measured.
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  });
  try {
    const before = machineFacts();
    const { bench } = (await vite.ssrLoadModule(file)) as { bench(): Promise<BenchReport> };
    const report = await bench();
    const machine = { ...before, loadAfter: load() };
    if (values.json) console.log(JSON.stringify({ ...report, machine }, null, 2));
    else print({ ...report, facts: { ...machine, ...report.facts } });
  } finally {
    await vite.close();
  }
}

/** Load is the average of the last minute: above the number of cores, others were measured too. */
function machineFacts(): Record<string, BenchCell> {
  return {
    measuredAt: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    loadBefore: load(),
  };
}

const load = (): number => Number(loadavg()[0]!.toFixed(2));

function print({ name, notes, facts, rows }: BenchReport): void {
  console.log(`\n${name}\n`);
  console.log(tableOf(rows));
  console.log(`\n${notes.map((note) => `- ${note}`).join('\n')}\n`);
  for (const [fact, cell] of Object.entries(facts)) {
    if (isShown(cell)) console.log(`${fact}: ${textOf(cell)}`);
  }
}

function tableOf(rows: readonly BenchRow[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((column) =>
    rows.some((row) => row[column] !== undefined && isShown(row[column])),
  );
  const lines = [columns, ...rows.map((row) => columns.map((column) => textOf(row[column])))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const isNumber = columns.map((column) => rows.every((row) => typeof row[column] !== 'string'));
  return lines
    .map((line) =>
      line
        .map((cell, i) => (isNumber[i]! ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const isShown = (cell: BenchCell | undefined): boolean => !Array.isArray(cell);

function textOf(cell: BenchCell | undefined): string {
  if (cell === undefined || cell === null) return '–';
  if (typeof cell !== 'number' || Number.isInteger(cell)) return String(cell);
  return Math.abs(cell) >= 100 ? cell.toFixed(0) : cell.toPrecision(3);
}

process.exitCode = await main(positionals);
// Dawn's threads may keep an idle process alive.
process.exit();
