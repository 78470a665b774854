/**
 * `npm test`: finds or installs a browser, runs every suite, and closes with `N passed, N failed`.
 *
 * A suite that dies before it can count fails as one. All GPU tests skipped is a failure of its own: they
 * are what proves the kernels. What failed is named once more at the end, under all that the suites said.
 */
import { spawn, type SpawnOptions } from 'node:child_process';
import { mkdtemp, open, readFile, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { build } from 'vite';
import { findOrInstallBrowser } from '../sdk/cli/browser.ts';
import { buildSite } from '../sdk/cli/site.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** Names of what failed, with what it said first. */
  failures: string[];
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

interface PlaywrightSuite {
  readonly suites?: readonly PlaywrightSuite[];
  readonly specs?: readonly {
    readonly file: string;
    readonly title: string;
    readonly ok: boolean;
    readonly tests?: readonly {
      readonly results: readonly { readonly error?: { readonly message?: string } }[];
    }[];
  }[];
}

interface PlaywrightReport extends PlaywrightSuite {
  readonly stats: { expected: number; unexpected: number; flaky: number; skipped: number };
}

// Hundreds of databases and browser profiles are made and thrown away: in memory, where there is room for them.
const MEMORY = '/dev/shm';
const MEMORY_BYTES = 8 * 1024 ** 3;
if (await hasRoom(MEMORY, MEMORY_BYTES)) process.env['TMPDIR'] = MEMORY;

/** Of what a failure says: enough to know it again where the log was cut. */
const MESSAGE_LINES = 8;

/** Of the acceptance suite: long ones, which come when the unit tests have ended. */
const LATE = ['routes', 'classes'].map((name) => `sdk/acceptance/adversaries/${name}.test.ts`);

const folder = await mkdtemp(join(tmpdir(), 'idlewave-test-'));
const log = (text: string) => console.log(text);
process.env['CHROMIUM_PATH'] = await findOrInstallBrowser(log);
await buildSite(log);

// Acceptance and end to end start the command many times: the bundle starts faster than the sources.
await build({ configFile: 'vite.node.config.ts', logLevel: 'warn' });
await build({ configFile: 'vite.kernels.config.ts', logLevel: 'warn' });

// Unit tests compute while acceptance mostly waits for its processes: together they take little longer than one. Acceptance
// takes half as long again, so that some of it comes after the unit tests.
const [acceptance, [unit, late]] = await Promise.all([
  vitest('acceptance', { args: LATE.map((file) => `--exclude=${file}`) }),
  vitest('unit', { textFile: join(folder, 'unit.txt') }).then(
    async (counts) =>
      [
        counts,
        await vitest('acceptance', {
          name: 'late',
          args: LATE,
          textFile: join(folder, 'late.txt'),
        }),
      ] as const,
  ),
]);
const suites = [
  unit,
  acceptance,
  late,
  await vitest('gpu'),
  await playwright('pages', 2),
  await playwright('machine', 1),
];
const total = suites.reduce((sum, { passed, failed, skipped, failures }) => ({
  passed: sum.passed + passed,
  failed: sum.failed + failed,
  skipped: sum.skipped + skipped,
  failures: [...sum.failures, ...failures],
}));
await rm(folder, { recursive: true, force: true });
for (const failure of total.failures) console.log(`failed: ${failure}`);
if (total.failures.length < total.failed) console.log('failed: something outside of the tests');
if (total.skipped > 0) console.log(`${total.skipped} skipped, each with its reason above`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

async function hasRoom(path: string, bytes: number): Promise<boolean> {
  const found = await statfs(path).catch(() => null);
  return found !== null && found.bavail * found.bsize >= bytes;
}

interface VitestOptions {
  /** Of its report; the project's where absent. */
  readonly name?: string;
  readonly args?: readonly string[];
  /** Where what it says goes; it is printed whole when it has ended. */
  readonly textFile?: string;
}

async function vitest(
  project: 'unit' | 'gpu' | 'acceptance',
  { name = project, args: more = [], textFile }: VitestOptions = {},
): Promise<Counts> {
  const file = join(folder, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const args = ['run', '--project', project, ...more, ...reporters];
  const text = textFile === undefined ? null : await open(textFile, 'w');
  const code = await run('vitest', args, {
    stdio: text === null ? 'inherit' : ['ignore', text.fd, text.fd],
  });
  await text?.close();
  if (textFile !== undefined) process.stdout.write(await readFile(textFile));
  const report = await readReport<VitestReport>(file);
  if (report === null) return died(project);
  const counts = {
    passed: report.numPassedTests,
    // A file that cannot be loaded has no tests to fail.
    failed: report.numFailedTests > 0 || code === 0 ? report.numFailedTests : 1,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: report.testResults.flatMap(({ name, status, assertionResults }) => {
      const failed = assertionResults.filter((test) => test.status === 'failed');
      const at = relative('.', name);
      // A file may fail beside its tests: while it is loaded, or in what it does after all of them.
      if (failed.length === 0 && status === 'failed') return [at];
      return failed.map(
        ({ fullName, failureMessages = [] }) =>
          `${at} › ${fullName}${beginningOf(failureMessages[0] ?? '')}`,
      );
    }),
  };
  if (project === 'gpu' && counts.passed === 0) {
    console.error('Every GPU test was skipped: no WebGPU adapter was found.');
    counts.failed += 1;
    counts.failures.push('gpu: every test was skipped');
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
    failures: failuresOf(report),
  };
}

function beginningOf(message: string): string {
  return stripVTControlCharacters(message)
    .split('\n', MESSAGE_LINES)
    .map((line) => `\n    ${line.slice(0, 200)}`)
    .join('');
}

function failuresOf({ suites = [], specs = [] }: PlaywrightSuite): string[] {
  const own = specs
    .filter(({ ok }) => !ok)
    .map(({ file, title, tests = [] }) => {
      const said = tests.flatMap(({ results }) => results.map(({ error }) => error?.message ?? ''));
      return `${file} › ${title}${beginningOf(said.find((it) => it !== '') ?? '')}`;
    });
  return [...own, ...suites.flatMap(failuresOf)];
}

function died(suite: string): Counts {
  console.error(`The ${suite} suite ended without a report.`);
  return { passed: 0, failed: 1, skipped: 0, failures: [`the whole ${suite} suite`] };
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
