/**
 * The `idlewave` command as a process of its own: what a person starts, and may kill.
 *
 * The bundle where it is newer than its sources (it starts in half the time), else the sources. Nothing of it runs in the test's process. Invariant: no process outlives the test process.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { assert } from '../../../shared/result.ts';
import { IdlewaveClient } from '../../client.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MAX_KEPT_OUTPUT_CHARS = 20_000;

const BUNDLE = 'dist/cli/idlewave.js';
const BUNDLED = ['shared', 'kernels', 'coordinator', 'sdk', 'web', 'vite.node.config.ts'];

/** Node itself, not a launcher: a signal must reach the coordinator and nobody before it. */
let command: readonly string[] | undefined;

function commandArguments(): readonly string[] {
  command ??= isFresh(BUNDLE, BUNDLED) ? [BUNDLE] : ['--import', 'tsx', 'sdk/cli/main.ts'];
  return command;
}

function isFresh(built: string, sources: readonly string[]): boolean {
  const modifiedMs = (path: string) => statSync(join(ROOT, path)).mtimeMs;
  if (!existsSync(join(ROOT, built))) return false;
  const files = sources.flatMap((source) =>
    source.endsWith('.ts')
      ? [source]
      : readdirSync(join(ROOT, source), { recursive: true, encoding: 'utf8' })
          .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
          .map((path) => join(source, path)),
  );
  return Math.max(...files.map(modifiedMs)) < modifiedMs(built);
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Running {
  readonly pid: number;
  /** What is piped into it; null where it was given nothing. */
  readonly stdin: Writable | null;
  readonly ended: Promise<Ended>;
  stdout(): string;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** Called for every piece of standard output. */
  onOutput(listener: (piece: string) => void): void;
}

/** One command, running; `piped`: its standard input is the test's to write. */
export function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  { piped = false } = {},
): Running {
  const child = spawn(process.execPath, [...commandArguments(), ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: [piped ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  assert(child.stdout !== null && child.stderr !== null, 'its outputs are piped');
  child.stdout.setEncoding('utf8');
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => (stdout = (stdout + text).slice(-MAX_KEPT_OUTPUT_CHARS)));
  child.stderr.on('data', (text) => (stderr = (stderr + text).slice(-MAX_KEPT_OUTPUT_CHARS)));
  const abandon = (): void => void child.kill('SIGKILL');
  process.once('exit', abandon);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('exit', abandon);
      resolve({ code, signal });
    });
  });
  assert(child.pid !== undefined, 'the process did not start');
  return {
    pid: child.pid,
    stdin: child.stdin,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    kill: (signal) => void child.kill(signal),
    onOutput: (listener) => void child.stdout?.on('data', listener),
  };
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One command, to its end. */
export async function runIdlewave(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const running = start(args, env);
  const { code } = await running.ended;
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}

export interface CoordinatorOptions {
  /** A PostgreSQL database instead of the embedded one; blobs are in `dataDir` either way. */
  readonly databaseUrl?: string;
  /** An existing folder, which stays; a new temporary one where absent. */
  readonly dataDir?: string;
  /** More flags of `serve`. */
  readonly flags?: readonly string[];
}

interface Ready {
  readonly url: string;
  readonly adminToken: string;
}

/** `idlewave serve`, on a free port that stays the same over restarts. */
export class CoordinatorProcess {
  readonly dataDir: string;
  readonly #options: CoordinatorOptions;
  #ready: Ready | undefined;
  #running: Running | undefined;
  /** How it ended where nobody asked it to. */
  #fell: Ended | undefined;

  private constructor(dataDir: string, options: CoordinatorOptions) {
    this.dataDir = dataDir;
    this.#options = options;
  }

  static async start(options: CoordinatorOptions = {}): Promise<CoordinatorProcess> {
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'idlewave-acceptance-')));
    const coordinator = new CoordinatorProcess(dataDir, options);
    await coordinator.restart();
    return coordinator;
  }

  get url(): string {
    assert(this.#ready !== undefined, 'the coordinator has not been ready yet');
    return this.#ready.url;
  }

  get adminToken(): string {
    assert(this.#ready !== undefined, 'the coordinator has not been ready yet');
    return this.#ready.adminToken;
  }

  get pid(): number {
    assert(this.#running !== undefined, 'the coordinator is not running');
    return this.#running.pid;
  }

  get stderr(): string {
    return this.#running?.stderr() ?? '';
  }

  /** The arguments of a `serve` for the same store, on another port. */
  serveArguments(port = '0'): string[] {
    const { databaseUrl, flags = [] } = this.#options;
    const database = databaseUrl === undefined ? [] : ['--database-url', databaseUrl];
    return ['serve', '--port', port, '--data', this.dataDir, ...database, ...flags, '--json'];
  }

  /** The operator's client. */
  client(): IdlewaveClient {
    return new IdlewaveClient({ url: this.url, key: this.adminToken });
  }

  /** One command of the operator against this coordinator. */
  command(...args: string[]): Promise<CommandResult> {
    return runIdlewave([...args, '--url', this.url], { IDLEWAVE_KEY: this.adminToken });
  }

  /** Starts where it is not running; resolves when it has said that it is ready. */
  async restart(): Promise<void> {
    assert(this.#running === undefined, 'the coordinator is running already');
    const port = this.#ready === undefined ? '0' : new URL(this.#ready.url).port;
    const running = start(this.serveArguments(port));
    this.#running = running;
    void running.ended.then((ended) => {
      if (this.#running === running) this.#fell = ended;
    });
    const line = await new Promise<string>((resolve, reject) => {
      running.onOutput(() => {
        const [first, ...rest] = running.stdout().split('\n');
        if (rest.length > 0) resolve(first!);
      });
      void running.ended.then(({ code, signal }) =>
        reject(new Error(`serve ended with ${code ?? signal}: ${running.stderr()}`)),
      );
    });
    this.#ready = JSON.parse(line) as Ready;
  }

  /** No handler runs and nothing is flushed: like a loss of power to the process. */
  async kill9(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops it as an operator would, and forgets its data unless the folder was given. */
  async stop(): Promise<void> {
    try {
      if (this.#running !== undefined) await this.#end('SIGTERM');
    } finally {
      if (this.#options.dataDir === undefined) {
        await rm(this.dataDir, { recursive: true, force: true });
      }
    }
  }

  /** Throws where it had ended by itself: a coordinator that falls fails every test that sees it. */
  async #end(signal: NodeJS.Signals): Promise<void> {
    assert(this.#running !== undefined, 'the coordinator is not running');
    const running = this.#running;
    this.#running = undefined;
    running.kill(signal);
    await running.ended;
    if (this.#fell === undefined) return;
    const { code, signal: by } = this.#fell;
    this.#fell = undefined;
    throw new Error(`the coordinator ended by itself with ${code ?? by}: ${running.stderr()}`);
  }
}
