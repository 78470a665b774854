/**
 * Two coordinator processes on one PostgreSQL and one blob directory, of which either may lead; and who does.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres, type TestPostgres } from '../../../coordinator/store/testing/postgres.ts';
import { CoordinatorProcess } from './idlewaveProcess.ts';

interface Health {
  readonly leads: boolean;
  readonly lead: string | null;
}

export class TwoCoordinators {
  readonly first: CoordinatorProcess;
  readonly second: CoordinatorProcess;
  readonly #postgres: TestPostgres;
  readonly #dataDir: string;

  private constructor(
    postgres: TestPostgres,
    dataDir: string,
    first: CoordinatorProcess,
    second: CoordinatorProcess,
  ) {
    this.#postgres = postgres;
    this.#dataDir = dataDir;
    this.first = first;
    this.second = second;
  }

  /** The first leads. Null where the machine has no PostgreSQL. */
  static async start(flags: readonly string[] = []): Promise<TwoCoordinators | null> {
    const postgres = await startPostgres();
    if (postgres === null) return null;
    const dataDir = await mkdtemp(join(tmpdir(), 'idlewave-members-'));
    const databaseUrl = await postgres.createDatabase('members');
    const options = { databaseUrl, dataDir, flags };
    const first = await CoordinatorProcess.start(options);
    const second = await CoordinatorProcess.start(options);
    return new TwoCoordinators(postgres, dataDir, first, second);
  }

  /** Resolves when this one leads. Where it never does, the test's own deadline says so. */
  async leads(which: CoordinatorProcess): Promise<void> {
    while (!(await healthOf(which.url)).leads) await sleep(20);
  }

  async stop(): Promise<void> {
    await this.second.stop();
    await this.first.stop();
    await this.#postgres.stop();
    await rm(this.#dataDir, { recursive: true, force: true });
  }
}

export async function healthOf(url: string): Promise<Health> {
  return (await (await fetch(`${url}/healthz`)).json()) as Health;
}
