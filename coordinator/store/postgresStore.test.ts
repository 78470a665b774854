import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeConformance, type StoreUnderTest } from './conformance.ts';
import { openPostgresStore } from './postgresStore.ts';
import { watchPostgres } from './postgresWatch.ts';
import { storePropertyConformance } from './conformance.property.ts';
import { SchemaTooNewError, StoreHeldError, StoreLostError } from './store.ts';
import { BLOB_HOME, LEAD } from './storeSettings.ts';
import { NO_POSTGRES, startPostgres } from './testing/postgres.ts';
import { NO_CHANGES, makeJob } from './testing/records.ts';

const server = await startPostgres();
afterAll(() => server?.stop());

let databases = 0;
const freshDatabase = (): Promise<string> => server!.createDatabase(`test_${(databases += 1)}`);

async function open(): Promise<StoreUnderTest> {
  const url = await freshDatabase();
  const store = await openPostgresStore(url);
  return { store, reopen: () => openPostgresStore(url), end: (last) => last.close() };
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
}

if (server === null) {
  it.skip(`postgres store: ${NO_POSTGRES}`, () => {});
} else {
  storeConformance('postgres', open);
  storePropertyConformance('postgres', open, 300);

  describe('openPostgresStore', () => {
    let url: string;
    beforeAll(async () => {
      url = await freshDatabase();
    });

    it('says who holds the database', async () => {
      const store = await openPostgresStore(url);
      await expect(openPostgresStore(url)).rejects.toThrow(`:${process.pid}" from 127.0.0.1`);
      await store.close();
    });

    it('cannot write once the connection that holds is gone, says so, and another may take over', async () => {
      const store = await openPostgresStore(url);
      const lost = new Promise<Error>((resolve) => store.onLost(resolve));
      await expect(openPostgresStore(url)).rejects.toThrow(StoreHeldError);
      await query(
        server.url(),
        `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted`,
      );
      expect(await lost).toBeInstanceOf(StoreLostError);
      const commit = store.commit({ ...NO_CHANGES, jobs: [makeJob('lost')] });
      await expect(commit).rejects.toThrow(StoreLostError);
      const next = await openPostgresStore(url);
      expect(await next.job(makeJob('lost').id)).toBeNull();
      await next.close();
      await store.close();
    });

    it('tells a commit that the loss cut off as that loss', async () => {
      const store = await openPostgresStore(url);
      const kill = `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted`;
      const commits = Array.from({ length: 50 }, (_, index) =>
        store.commit({ ...NO_CHANGES, jobs: [makeJob(`cut ${index}`)] }),
      );
      const settled = Promise.allSettled(commits);
      await query(server.url(), kill);
      await new Promise<Error>((resolve) => store.onLost(resolve));
      for (const outcome of await settled) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(StoreLostError);
      }
      await expect(store.commit(NO_CHANGES)).rejects.toThrow(StoreLostError);
      await store.close();
    });

    it('looks from outside as it is: free, held, announced, and free of what was announced before', async () => {
      const own = await freshDatabase();
      const watch = watchPostgres(own);
      const free = { isHeld: false, lead: null, secret: null, blobHome: null };
      expect(await watch.look()).toEqual({ ok: true, value: free });
      const store = await openPostgresStore(own);
      const secret = await store.secret();
      expect(await watch.look()).toEqual({ ok: true, value: { ...free, isHeld: true, secret } });
      const lead = { address: 'http://10.0.0.5:7433', tenure: '0'.repeat(32) };
      await store.keepSetting(LEAD, JSON.stringify({ ...lead, tenure: '1'.repeat(32) }));
      await store.keepSetting(LEAD, JSON.stringify(lead));
      await store.keepSetting(BLOB_HOME, 'home');
      const known = { isHeld: true, lead, secret, blobHome: 'home' };
      expect(await watch.look()).toEqual({ ok: true, value: known });
      // Another database of the same server is another store.
      const other = watchPostgres(await freshDatabase());
      expect(await other.look()).toEqual({ ok: true, value: free });
      await other.close();
      await store.close();
      expect(await watch.look()).toEqual({ ok: true, value: { ...known, isHeld: false } });
      const next = await openPostgresStore(own);
      expect(await watch.look()).toEqual({ ok: true, value: { ...known, lead: null } });
      expect(await next.setting(BLOB_HOME)).toBe('home');
      for (const unreadable of ['{', '{}', JSON.stringify({ ...lead, address: 'file:///etc' })]) {
        await next.keepSetting(LEAD, unreadable);
        expect(await watch.look()).toMatchObject({ value: { isHeld: true, lead: null } });
      }
      await next.close();
      await watch.close();
    });

    it('is told to a watcher whose connection was cut, and not by one that lost it', async () => {
      const own = await freshDatabase();
      const watch = watchPostgres(own);
      const store = await openPostgresStore(own);
      await watch.look();
      const lost = new Promise<Error>((resolve) => store.onLost(resolve));
      await query(
        server.url(),
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${new URL(own).pathname.slice(1)}'`,
      );
      await lost;
      await expect(store.keepSetting(LEAD, 'late')).rejects.toThrow(StoreLostError);
      expect(await watch.look()).toMatchObject({ ok: true, value: { isHeld: false, lead: null } });
      await watch.close();
      await store.close();
      const nowhere = watchPostgres('postgres://127.0.0.1:1/none');
      const looked = await nowhere.look();
      expect(!looked.ok && looked.error).toContain('the database cannot be asked');
      await nowhere.close();
    });

    it('refuses a database of a newer schema, and leaves it free', async () => {
      const newer = await freshDatabase();
      await (await openPostgresStore(newer)).close();
      await query(newer, 'insert into idlewave_schema (version) values (999)');
      await expect(openPostgresStore(newer)).rejects.toThrow(SchemaTooNewError);
      await expect(openPostgresStore(newer)).rejects.toThrow('found schema 999');
    });

    it('refuses a database whose encoding cannot hold every text', async () => {
      await query(server.url(), `create database latin encoding 'LATIN1' template template0`);
      await expect(openPostgresStore(server.url('latin'))).rejects.toThrow('encoding UTF8');
    });
  });
}
