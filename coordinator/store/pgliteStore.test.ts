import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { storeConformance, type StoreUnderTest } from './conformance.ts';
import type { OneConnection } from './oneConnectionDialect.ts';
import { openPglite } from './pgliteDatabase.ts';
import { openPgliteStore } from './pgliteStore.ts';
import { storePropertyConformance } from './conformance.property.ts';
import { SchemaTooNewError, StoreLostError, type Store } from './store.ts';
import { commitOf } from './testing/commitOf.ts';
import { NO_CHANGES, makeJob } from './testing/records.ts';

const fsyncs = vi.hoisted(() => ({ count: 0 }));
vi.mock(import('node:fs'), async (original) => {
  const fs = await original();
  return {
    ...fs,
    fsyncSync: (fd: number) => {
      fsyncs.count += 1;
      fs.fsyncSync(fd);
    },
  };
});
const connections = vi.hoisted(() => ({ last: null as OneConnection | null }));
vi.mock(import('./pgliteThread.ts'), async (original) => {
  const thread = await original();
  return {
    ...thread,
    async openPgliteThread(directory: string) {
      connections.last = await thread.openPgliteThread(directory);
      return connections.last;
    },
  };
});
const COMMIT_FOREVER = fileURLToPath(new URL('testing/commitForever.ts', import.meta.url));

let parent: string;
let made = 0;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'idlewave-pglite-'));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

const freshDirectory = (): string => join(parent, String((made += 1)));

async function usedDirectory(): Promise<string> {
  const directory = freshDirectory();
  await (await openPgliteStore(directory)).close();
  return directory;
}

/** What the test before left open. */
let left: Store | null = null;
let shared: string | undefined;
afterAll(() => left?.close());

/** Opening takes a second, emptying milliseconds: a test has the store of the one before, without what was in it. */
async function open(): Promise<StoreUnderTest> {
  const directory = (shared ??= freshDirectory());
  const reopen = () => openPgliteStore(directory);
  const store = left ?? (await reopen());
  left = null;
  const end = async (last: Store): Promise<void> => {
    await empty(connections.last!);
    left = last;
  };
  return { store, reopen, end };
}

async function empty(connection: OneConnection): Promise<void> {
  const tables = `select string_agg(quote_ident(tablename), ', ') as names from pg_tables
    where schemaname = 'public' and tablename <> 'idlewave_schema'`;
  const { rows } = await connection.query(tables, []);
  const { names } = rows[0] as { readonly names: string };
  await connection.query(`truncate ${names} restart identity cascade`, []);
}

storeConformance('pglite', open);
storePropertyConformance('pglite', open, 3);

describe('openPgliteStore', () => {
  it('syncs every commit to the disk before it resolves', async () => {
    // The store runs this database on a thread, where nothing can be counted: here it is on ours.
    const directory = await usedDirectory();
    const database = openPglite(join(directory, 'database'));
    for (let round = 0; round < 3; round += 1) {
      const before = fsyncs.count;
      await database.query('insert into settings values ($1, $1)', [`round ${round}`]);
      expect(fsyncs.count).toBeGreaterThan(before);
    }
    await database.close();
  });

  it('refuses a database of a newer schema, and leaves it free', async () => {
    const directory = await usedDirectory();
    const database = new PGlite(join(directory, 'database'));
    await database.query('insert into idlewave_schema (version) values (999)');
    await database.close();
    await expect(openPgliteStore(directory)).rejects.toThrow(SchemaTooNewError);
    await expect(openPgliteStore(directory)).rejects.toThrow('found schema 999');
  });

  it('writes nothing more once its hold was removed, and says so', async () => {
    const directory = freshDirectory();
    const store = await openPgliteStore(directory);
    const lost: Error[] = [];
    store.onLost((reason) => lost.push(reason));
    await rm(join(directory, 'holders'), { recursive: true });
    const commit = store.commit({ ...NO_CHANGES, jobs: [makeJob(1)] });
    await expect(commit).rejects.toThrow(StoreLostError);
    expect(await store.job(makeJob(1).id)).toBeNull();
    expect(lost).toHaveLength(1);
    await store.close();
  });

  it('checkpoints and vacuums by itself, since PGlite never does', async () => {
    const directory = freshDirectory();
    const database = join(directory, 'database');
    const checkpointMs = async () => (await stat(join(database, 'global', 'pg_control'))).mtimeMs;
    const store = await openPgliteStore(directory);
    const job = makeJob(1);
    const output = commitOf(0).outputs[0]!;
    const many = Array.from({ length: 50_000 }, () => ({ shard: output.shard, keep: null }));
    for (let round = 0; round < 6; round += 1) {
      const before = await checkpointMs();
      await store.commit({ ...NO_CHANGES, jobs: [job], outputs: [output], prunedOutputs: many });
      expect(await checkpointMs()).toBeGreaterThan(before);
    }
    expect(await store.job(job.id)).toEqual(job);
    expect(await store.output(output.shard, output.digest)).toBeNull();
    await store.close();
    const raw = new PGlite(database);
    // -1 until the table was vacuumed for the first time.
    const { rows } = await raw.query("select reltuples from pg_class where relname = 'jobs'");
    expect(rows).toEqual([{ reltuples: 1 }]);
    await raw.close();
  });

  it('has every acknowledged row after kill -9 at any moment, and no half commit', async () => {
    const directory = freshDirectory();
    let committed = 0;
    for (let round = 0; round < 3; round += 1) {
      const wanted = 5 + Math.floor(Math.random() * 60);
      const acknowledged = await commitsUntilKilled(directory, committed, wanted);
      expect(acknowledged).toBe(committed + wanted);
      const store = await openPgliteStore(directory);
      for (let number = committed; number < acknowledged; number += 1) {
        expect(await isWhole(store, number)).toBe(true);
      }
      // What was not acknowledged is there whole or not at all.
      committed = acknowledged;
      while (await isWhole(store, committed)) committed += 1;
      await store.close();
    }
  });
});

/** Lets another process commit, and kills it after `wanted` acknowledgements; the number after the last. */
async function commitsUntilKilled(
  directory: string,
  first: number,
  wanted: number,
): Promise<number> {
  const args = ['--import', 'tsx', COMMIT_FOREVER, directory, String(first)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text) => (errors += String(text)));
  const closed = once(child, 'close');
  let next = first;
  for await (const line of createInterface({ input: child.stdout })) {
    // Lines that were in the pipe at the kill are acknowledgements too, but enough are wanted as it is.
    if (next === first + wanted) continue;
    expect(Number(line)).toBe(next);
    next += 1;
    if (next === first + wanted) child.kill('SIGKILL');
  }
  await closed;
  if (next !== first + wanted) throw new Error(`the writer ended early: ${errors}`);
  return next;
}

/** True where the whole commit is there, false where none of it is; anything between fails. */
async function isWhole(store: Store, number: number): Promise<boolean> {
  const { shards, assignments, contributors, credits, outputs } = commitOf(number);
  const [shard, output] = [shards[0]!, outputs[0]!];
  const found = [
    await store.shard(shard.id),
    await store.assignment(assignments[0]!.id),
    await store.contributor(contributors[0]!.id),
    (await store.credits(contributors[0]!.id, null, 1)).rows[0] ?? null,
    await store.output(output.shard, output.digest),
  ];
  if (found.every((record) => record === null)) return false;
  expect(found).toEqual([shard, assignments[0], contributors[0], credits[0], output.bytes]);
  return true;
}
