/**
 * The store on a PostgreSQL server, for coordinators that outgrow one machine.
 *
 * One connection takes an advisory lock and does all the writing: when it drops, the server gives the lock
 * free and the same moment makes writing impossible. There is no reconnecting: a coordinator that lost its
 * hold must stop, since its memory of open work may no longer be true. Reading goes through a pool.
 */
import { hostname } from 'node:os';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { HoldLoss } from './holdLoss.ts';
import { KyselyStore, type OpenedDatabase } from './kyselyStore.ts';
import { migrate } from './migrations.ts';
import { oneConnectionDialect, type OneConnection } from './oneConnectionDialect.ts';
import type { Database } from './schema.ts';
import { StoreHeldError, StoreLostError, type Store } from './store.ts';
import { dropSetting, LEAD, readSetting, writeSetting, type SettingName } from './storeSettings.ts';

/** Of the advisory lock, per database: ASCII of "idlewave". Never to be changed. */
export const LOCK_KEY = '7594314054703871589';
const CONNECT_DEADLINE_MS = 15_000;
const READ_CONNECTIONS = 4;
/**
 * A holder whose machine vanished is noticed by the server after some 25 s instead of hours, so that another may take
 * over. (Over a UNIX socket the server ignores them.)
 */
const KEEPALIVE = `set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5;
  set tcp_keepalives_count = 3; set tcp_user_timeout = 25000`;

/** A store that several coordinators want: the one that holds it tells the others about itself. */
export interface PostgresStore extends Store {
  setting(name: SettingName): Promise<string | null>;
  /** Throws `StoreLostError` where the hold is lost: nobody announces what another has. */
  keepSetting(name: SettingName, value: string): Promise<void>;
}

/**
 * Opens the store in the database of a `postgres://` URL and makes its tables where they are absent. Throws
 * `StoreHeldError` while another coordinator has it open, `SchemaTooNewError` where a newer one wrote it.
 */
export async function openPostgresStore(url: string): Promise<PostgresStore> {
  const config: pg.ClientConfig = {
    connectionString: url,
    application_name: `idlewave ${hostname()}:${process.pid}`,
    connectionTimeoutMillis: CONNECT_DEADLINE_MS,
    keepAlive: true,
  };
  const client = new pg.Client(config);
  const loss = lossOf(client);
  await client.connect();
  try {
    await requireUtf8(client);
    await takeLock(client);
    // Whatever the server's default: a commit that resolved is on its disk.
    await client.query('set synchronous_commit = on');
    await client.query(KEEPALIVE);
    const writer = new Kysely<Database>({ dialect: oneConnectionDialect(connectionOf(client)) });
    await migrate(writer);
    // Who led before is gone; who leads now says so when it can be reached.
    await dropSetting(writer, LEAD);
    const store = new KyselyStore({
      kind: 'postgres',
      ...poolReader(config, writer, loss),
      ...loss,
    });
    return Object.assign(store, {
      setting: (name: SettingName) => readSetting(writer, name),
      async keepSetting(name: SettingName, value: string) {
        await loss.assertHeld();
        await writeSetting(writer, name, value);
      },
    });
  } catch (thrown) {
    loss.expectClose();
    await client.end();
    throw thrown;
  }
}

function poolReader(config: pg.ClientConfig, writer: Kysely<Database>, loss: ConnectionLoss) {
  const pool = new pg.Pool({ ...config, max: READ_CONNECTIONS });
  // An idle connection that drops is replaced at the next read; without a listener it would end the process.
  pool.on('error', () => undefined);
  const reader = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return {
    writer,
    reader,
    // PostgreSQL has its own checkpoints and vacuum.
    afterCommit: async () => {},
    async close() {
      loss.expectClose();
      await writer.destroy();
      await reader.destroy();
    },
  };
}

interface ConnectionLoss extends Pick<OpenedDatabase, 'assertHeld' | 'onLost'> {
  /** From here on the end of the connection is no loss. */
  readonly expectClose: () => void;
}

function lossOf(client: pg.Client): ConnectionLoss {
  const loss = new HoldLoss();
  let closing = false;
  const lose = (cause: string): void => {
    if (closing) return;
    loss.lose(
      new StoreLostError(
        `the connection that holds the database was lost (${cause}): nothing more is written. Restart this ` +
          'coordinator; if another one took over, it has the work.',
      ),
    );
  };
  client.on('error', (error) => lose(error.message));
  client.on('end', () => lose('closed by the server'));
  return {
    assertHeld: async () => loss.assertHeld(),
    onLost: (listener) => loss.onLost(listener),
    expectClose: () => void (closing = true),
  };
}

async function requireUtf8(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ server_encoding: string }>('show server_encoding');
  const came = rows[0]?.server_encoding;
  if (came === 'UTF8') return;
  throw new Error(
    `expected a database with encoding UTF8, got ${came}: create one with ` +
      `"create database idlewave encoding 'UTF8' template template0"`,
  );
}

async function takeLock(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ taken: boolean }>(
    'select pg_try_advisory_lock($1::bigint) as taken',
    [LOCK_KEY],
  );
  if (rows[0]?.taken === true) return;
  throw new StoreHeldError(
    `the database is held by ${await holderOf(client)}. Stop that coordinator first, or give this one a ` +
      'database of its own.',
  );
}

/** Who holds the store, in words. */
async function holderOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ who: string; place: string; pid: number; since: Date }>(
    `select a.application_name as who, coalesce(host(a.client_addr), 'local socket') as place, a.pid,
       a.backend_start as since
     from pg_locks l join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'advisory' and l.granted and l.objsubid = 1
       and l.database = (select oid from pg_database where datname = current_database())
       and (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint`,
    [LOCK_KEY],
  );
  const holder = rows[0];
  if (holder === undefined) return 'another coordinator that stopped just now: try again';
  const since = holder.since.toISOString();
  return `"${holder.who}" from ${holder.place} since ${since} (server process ${holder.pid})`;
}

const connectionOf = (client: pg.Client): OneConnection => ({
  async query(text, parameters) {
    try {
      const { rows, rowCount } = await client.query(text, [...parameters]);
      return { rows: rows as unknown[], affectedRows: rowCount };
    } catch (thrown) {
      // A server that ends the connection fails the statement first, with an error of its own. One more round
      // trip, and either the connection lives or `lossOf` has heard of its end: then that is the reason.
      await client.query('select 1').catch(() => undefined);
      throw thrown;
    }
  },
  close: () => client.end(),
});
