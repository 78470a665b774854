/**
 * A PostgreSQL store as it looks from outside: whether somebody holds it, and what its holder says of itself.
 *
 * Reads only, and takes no lock: who sees the store free opens it (`postgresStore.ts`), and may find that another was
 * quicker.
 */
import { hostname } from 'node:os';
import pg from 'pg';
import { z } from 'zod';
import { MAX_NAME_CHARS } from '../../shared/limits.ts';
import { parseJson } from '../../shared/protocol/parse.ts';
import { fail, messageOf, ok, type Result } from '../../shared/result.ts';
import { LOCK_KEY } from './postgresStore.ts';
import { BLOB_HOME, LEAD, SECRET } from './storeSettings.ts';

const CONNECT_DEADLINE_MS = 5_000;
const QUERY_DEADLINE_MS = 5_000;
/** PostgreSQL's code for a table that is not there yet. */
const UNDEFINED_TABLE = '42P01';

const leadSchema = z.object({
  /** Where other coordinators reach it: an origin. */
  address: z.url({ protocol: /^https?$/ }).max(MAX_NAME_CHARS),
  /** A name of its own for every time that a coordinator takes the store. */
  tenure: z.string().regex(/^[0-9a-f]{32}$/),
});
/** The coordinator that holds the store. */
export type Lead = z.infer<typeof leadSchema>;

export interface StoreOutlook {
  readonly isHeld: boolean;
  /** Null where the holder has not said that it can be reached. */
  readonly lead: Lead | null;
  /** Null before the first coordinator has made it. */
  readonly secret: string | null;
  /** Likewise; see `blobHome.ts`. */
  readonly blobHome: string | null;
}

export interface StoreWatch {
  /** Fails, in words, where the database cannot be asked. */
  look(): Promise<Result<StoreOutlook, string>>;
  close(): Promise<void>;
}

/** Opens nothing before it is asked; a lost connection is replaced at the next look. */
export function watchPostgres(url: string): StoreWatch {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: `idlewave watch ${hostname()}:${process.pid}`,
    connectionTimeoutMillis: CONNECT_DEADLINE_MS,
    query_timeout: QUERY_DEADLINE_MS,
    keepAlive: true,
    max: 1,
  });
  pool.on('error', () => undefined);
  return {
    async look() {
      // A connection of an earlier look may have been cut without a word: that says nothing of the database.
      const mayBeStale = pool.idleCount > 0;
      const first = await lookThrough(pool);
      return first.ok || !mayBeStale ? first : lookThrough(pool);
    },
    close: () => pool.end(),
  };
}

async function lookThrough(pool: pg.Pool): Promise<Result<StoreOutlook, string>> {
  try {
    return ok(await outlook(pool));
  } catch (thrown) {
    return fail(`the database cannot be asked (${messageOf(thrown)})`);
  }
}

async function outlook(pool: pg.Pool): Promise<StoreOutlook> {
  const { rows } = await pool.query<{ held: boolean }>(
    `select exists (
       select from pg_locks
       where locktype = 'advisory' and granted and objsubid = 1
         and database = (select oid from pg_database where datname = current_database())
         and (classid::bigint << 32 | objid::bigint) = $1::bigint
     ) as held`,
    [LOCK_KEY],
  );
  const settings = await settingsIn(pool);
  const lead = parseJson(settings.get(LEAD) ?? '', leadSchema);
  return {
    isHeld: rows[0]?.held === true,
    lead: lead.ok ? lead.value : null,
    secret: settings.get(SECRET) ?? null,
    blobHome: settings.get(BLOB_HOME) ?? null,
  };
}

async function settingsIn(pool: pg.Pool): Promise<Map<string, string>> {
  try {
    const { rows } = await pool.query<{ name: string; value: string }>(
      'select name, value from settings where name = any($1)',
      [[LEAD, SECRET, BLOB_HOME]],
    );
    return new Map(rows.map(({ name, value }) => [name, value]));
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === UNDEFINED_TABLE) return new Map();
    throw thrown;
  }
}
