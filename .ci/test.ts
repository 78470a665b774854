/**
 * `npm test`: finds or installs a browser, runs every suite, and closes with `N passed, N failed`.
 *
 * A suite that dies before it can count fails as one. All GPU tests skipped is a failure of its own: they
 * are what proves the kernels.
 */
import { spawn, type SpawnOptions } from 'node:child_process';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { findOrInstallBrowser } from '../sdk/cli/browser.ts';
import { buildSite } from '../sdk/cli/site.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly success: boolean;
}

interface PlaywrightReport {
  readonly stats: { expected: number; unexpected: number; flaky: number; skipped: number };
}

const folder = await mkdtemp(join(tmpdir(), 'idlewave-test-'));
const log = (text: string) => console.log(text);
process.env['CHROMIUM_PATH'] = await findOrInstallBrowser(log);
await buildSite(log);

// Acceptance and end to end start the command many times: the bundle starts faster than the sources.
await build({ configFile: 'vite.node.config.ts', logLevel: 'warn' });

// Unit tests compute while acceptance mostly waits for its processes: together they take little longer than one.
const [unit, acceptance] = await Promise.all([
  vitest('unit', join(folder, 'unit.txt')),
  vitest('acceptance'),
]);
const suites = [
  unit,
  acceptance,
  await vitest('gpu'),
  await playwright('pages', 2),
  await playwright('machine', 1),
];
const total = suites.reduce((sum, { passed, failed, skipped }) => ({
  passed: sum.passed + passed,
  failed: sum.failed + failed,
  skipped: sum.skipped + skipped,
}));
await rm(folder, { recursive: true, force: true });
if (total.skipped > 0) console.log(`${total.skipped} skipped, each with its reason above`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

/** What it says goes to `textFile`, where one is named, and is printed whole when it has ended. */
async function vitest(
  project: 'unit' | 'gpu' | 'acceptance',
  textFile: string | null = null,
): Promise<Counts> {
  const file = join(folder, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const args = ['run', '--project', project, ...reporters];
  const text = textFile === null ? null : await open(textFile, 'w');
  const code = await run('vitest', args, {
    stdio: text === null ? 'inherit' : ['ignore', text.fd, text.fd],
  });
  await text?.close();
  if (textFile !== null) process.stdout.write(await readFile(textFile));
  const report = await readReport<VitestReport>(file);
  if (report === null) return died(project);
  const counts = {
    passed: report.numPassedTests,
    // A file that cannot be loaded has no tests to fail.
    failed: report.numFailedTests > 0 || code === 0 ? report.numFailedTests : 1,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  if (project === 'gpu' && counts.passed === 0) {
    console.error('Every GPU test was skipped: no WebGPU adapter was found.');
    counts.failed += 1;
  }
  return counts;
}

async function playwright(project: 'pages' | 'machine', workers: number): Promise<Counts> {
  const file = join(folder, `${project}.json`);
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: file };
  const args = ['test', '--config', 'e2e/playwright.config.ts', '--project', project];
  const code = await run('playwright', [...args, '--workers', String(workers)], { env });
  const report = await readReport<PlaywrightReport>(file);
  if (report === null) return died(project);
  const { expected, flaky, unexpected, skipped } = report.stats;
  return {
    passed: expected + flaky,
    failed: unexpected > 0 || code === 0 ? unexpected : 1,
    skipped,
  };
}

function died(suite: string): Counts {
  console.error(`The ${suite} suite ended without a report.`);
  return { passed: 0, failed: 1, skipped: 0 };
}

async function readReport<T>(file: string): Promise<T | null> {
  return readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as T,
    () => null,
  );
}

function run(command: string, args: string[], options: SpawnOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('npx', ['--no-install', command, ...args], {
      stdio: 'inherit',
      ...options,
    });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
