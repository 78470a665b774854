import pg from 'pg';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { NO_POSTGRES, startPostgres } from '../../store/testing/postgres.ts';
import { busConformance } from './conformance.bus.ts';
import { openPostgresBus } from './postgresBus.ts';

const server = await startPostgres();
afterAll(() => server?.stop());

if (server === null) {
  it.skip(`postgres bus: ${NO_POSTGRES}`, () => {});
} else {
  busConformance('postgres', async () => {
    const url = await server.createDatabase('bus');
    return { connect: () => openPostgresBus(url), dispose: async () => {} };
  });

  describe('openPostgresBus', () => {
    it('comes back after its connection was cut, with its subscriptions, and sends what waited', async () => {
      const url = await server.createDatabase('cut');
      const events: string[] = [];
      const bus = await openPostgresBus(url, (event) => events.push(event));
      const heard: string[] = [];
      await bus.subscribe('cut', (text) => heard.push(text));
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = 'cut' and pid <> pg_backend_pid()`,
      );
      await client.end();
      await vi.waitFor(() => expect(events).toContain('bus-lost'));
      bus.publish('cut', 'meanwhile');
      await vi.waitFor(() => expect(heard).toEqual(['meanwhile']), 10_000);
      expect(events).toEqual(['bus-lost', 'bus-again']);
      await bus.close();
    });

    it('rejects where nobody answers', async () => {
      await expect(openPostgresBus('postgres://postgres@127.0.0.1:9/none')).rejects.toThrow();
    });

    it('one statement carries all that was published in a turn', async () => {
      const url = await server.createDatabase('batch');
      const bus = await openPostgresBus(url);
      let count = 0;
      await bus.subscribe('batch', () => (count += 1));
      const before = await commits(url);
      for (let i = 0; i < 1_000; i++) bus.publish('batch', String(i));
      await vi.waitFor(() => expect(count).toBe(1_000));
      await bus.close();
      // Statistics are written when a connection ends; a statement for each message would be 1,000.
      await vi.waitFor(async () => expect(await commits(url)).toBeGreaterThan(before), 10_000);
      expect((await commits(url)) - before).toBeLessThan(100);
    });
  });

  async function commits(url: string): Promise<number> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ count: string }>(
      'select xact_commit as count from pg_stat_database where datname = current_database()',
    );
    await client.end();
    return Number(rows[0]!.count);
  }
}
