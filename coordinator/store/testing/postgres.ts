/**
 * A temporary PostgreSQL server for tests and benchmarks: its own cluster, on loopback, gone afterwards.
 *
 * PostgreSQL refuses to run as root: there it runs as `postgres` or `nobody`. Where the machine has no
 * PostgreSQL the answer is null, and the caller reports what it skips.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { assert, messageOf } from '../../../shared/result.ts';

const run = promisify(execFile);
const START_DEADLINE_MS = 60_000;
const SUPERUSER = 'postgres';

export interface TestPostgres {
  /** URL of a database of this server; of `postgres`, which is always there, where absent. */
  url(database?: string): string;
  /** Makes a fresh database and gives its URL. The name: lower-case letters, digits, `_`. */
  createDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
}

export const NO_POSTGRES =
  'no PostgreSQL on this machine (initdb and postgres, in PATH or /usr/lib/postgresql/*/bin)';

/** Starts a server with an empty cluster; null where no binaries are found. */
export async function startPostgres(): Promise<TestPostgres | null> {
  const bin = findBinaries();
  if (bin === null) return null;
  const user = unprivilegedUser();
  const directory = mkdtempSync(join(tmpdir(), 'idlewave-postgres-'));
  const data = join(directory, 'data');
  try {
    if (user !== null) await chown(directory, user.uid, user.gid);
    const as = { cwd: directory, ...user };
    const initialise = [
      '-D',
      data,
      '-U',
      SUPERUSER,
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      '-N',
    ];
    await run(join(bin, 'initdb'), initialise, as);
    const port = await freePort();
    const listen = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', directory];
    const server = spawn(join(bin, 'postgres'), listen, {
      ...as,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return await started(server, port, directory);
  } catch (thrown) {
    rmSync(directory, { recursive: true, force: true });
    throw thrown;
  }
}

async function started(
  server: ChildProcess,
  port: number,
  directory: string,
): Promise<TestPostgres> {
  let log = '';
  server.stderr?.on('data', (text) => (log = (log + String(text)).slice(-4000)));
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  // However this process ends: no server stays behind, and no directory.
  const abandon = (): void => {
    server.kill('SIGQUIT');
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  const interrupted = (): void => {
    abandon();
    process.exit(130);
  };
  process.once('exit', abandon);
  process.once('SIGINT', interrupted);
  const stop = async (): Promise<void> => {
    process.off('exit', abandon);
    process.off('SIGINT', interrupted);
    // SIGINT is PostgreSQL's fast shutdown: it drops the clients and ends.
    server.kill('SIGINT');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  const urlOf = (database: string) => `postgres://${SUPERUSER}@127.0.0.1:${port}/${database}`;
  try {
    await answers(server, urlOf(SUPERUSER), () => log);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return {
    url: (database = SUPERUSER) => urlOf(database),
    async createDatabase(name) {
      await createDatabase(urlOf(SUPERUSER), name);
      return urlOf(name);
    },
    stop,
  };
}

async function answers(server: ChildProcess, url: string, log: () => string): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.end();
    } catch (thrown) {
      const alive = server.exitCode === null && server.signalCode === null;
      if (alive && Date.now() < deadline) {
        await sleep(100);
        continue;
      }
      throw new Error(`PostgreSQL did not start: ${messageOf(thrown)}\n${log()}`);
    }
  }
}

async function createDatabase(url: string, name: string): Promise<void> {
  assert(/^[a-z][a-z0-9_]*$/.test(name), `createDatabase: ${name} is no plain name`);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
}

function findBinaries(): string | null {
  const installed = '/usr/lib/postgresql';
  const versions = existsSync(installed) ? readdirSync(installed) : [];
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a));
  const candidates = [
    ...newestFirst.map((version) => join(installed, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  const has = (directory: string) =>
    ['initdb', 'postgres'].every((name) => existsSync(join(directory, name)));
  return candidates.find(has) ?? null;
}

/** Whom the server runs as where this process is root; null where it may run as this process does. */
function unprivilegedUser(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = users.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and there is no user postgres or nobody here',
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
