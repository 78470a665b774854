/**
 * Several coordinator processes on one PostgreSQL and one blob directory, of which any may lead; and who does.
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

export class Coordinators {
  /** In the order in which they were started. */
  readonly processes: readonly CoordinatorProcess[];
  readonly #postgres: TestPostgres;
  readonly #dataDir: string;

  private constructor(
    postgres: TestPostgres,
    dataDir: string,
    processes: readonly CoordinatorProcess[],
  ) {
    this.#postgres = postgres;
    this.#dataDir = dataDir;
    this.processes = processes;
  }

  /** The first leads. Null where the machine has no PostgreSQL. */
  static async start(count: number, flags: readonly string[] = []): Promise<Coordinators | null> {
    const postgres = await startPostgres();
    if (postgres === null) return null;
    const dataDir = await mkdtemp(join(tmpdir(), 'idlewave-members-'));
    const databaseUrl = await postgres.createDatabase('members');
    const processes: CoordinatorProcess[] = [];
    for (let i = 0; i < count; i++)
      processes.push(await CoordinatorProcess.start({ databaseUrl, dataDir, flags }));
    return new Coordinators(postgres, dataDir, processes);
  }

  get first(): CoordinatorProcess {
    return this.processes[0]!;
  }

  get second(): CoordinatorProcess {
    return this.processes[1]!;
  }

  /** Resolves when this one leads. Where it never does, the test's own deadline says so. */
  async leads(which: CoordinatorProcess): Promise<void> {
    while (!(await healthOf(which.url)).leads) await sleep(20);
  }

  async stop(): Promise<void> {
    for (const process of [...this.processes].reverse()) await process.stop();
    await this.#postgres.stop();
    await rm(this.#dataDir, { recursive: true, force: true });
  }
}

export async function healthOf(url: string): Promise<Health> {
  return (await (await fetch(`${url}/healthz`)).json()) as Health;
}
