/**
 * The default store: PostgreSQL inside this process (PGlite), in a directory of its own.
 *
 * The directory holds `holders/` (who has it open) and `database/`. Commits reach the disk before they resolve.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { HoldLoss } from './holdLoss.ts';
import { KyselyStore } from './kyselyStore.ts';
import { migrate } from './migrations.ts';
import { oneConnectionDialect } from './oneConnectionDialect.ts';
import { ensurePgliteData } from './pgliteData.ts';
import { openPgliteThread } from './pgliteThread.ts';
import { holdDirectory, type ProcessHold } from './processHold.ts';
import type { Database } from './schema.ts';
import type { Store } from './store.ts';

/**
 * Opens the store in `dataDir`, and makes it where there is none (about 6 s the very first time on a machine,
 * 1.5 s afterwards). Throws `StoreHeldError` while another coordinator has it open, `SchemaTooNewError` where a
 * newer one wrote it.
 */
export async function openPgliteStore(dataDir: string): Promise<Store> {
  await mkdir(dataDir, { recursive: true });
  const hold = await holdDirectory(dataDir);
  try {
    return await openHeld(join(dataDir, 'database'), hold);
  } catch (thrown) {
    await hold.release();
    throw thrown;
  }
}

async function openHeld(directory: string, hold: ProcessHold): Promise<Store> {
  await ensurePgliteData(directory, async (fresh) => {
    await (await openMigrated(fresh)).destroy();
  });
  const db = await openMigrated(directory);
  const loss = new HoldLoss();
  return new KyselyStore({
    kind: 'pglite',
    writer: db,
    reader: db,
    async assertHeld() {
      loss.assertHeld();
      if (!(await hold.stands())) loss.lose(hold.lossError());
      loss.assertHeld();
    },
    onLost: (listener) => loss.onLost(listener),
    afterCommit: upkeepOf(db),
    async close() {
      await db.destroy();
      await hold.release();
    },
  });
}

/** The database of a directory, on its thread, with this schema. */
async function openMigrated(directory: string): Promise<Kysely<Database>> {
  const connection = await openPgliteThread(directory);
  const db = new Kysely<Database>({ dialect: oneConnectionDialect(connection) });
  try {
    await migrate(db);
  } catch (thrown) {
    await db.destroy();
    throw thrown;
  }
  return db;
}

/** A checkpoint writes at most the 8 MB of shared buffers; without it the log would grow for ever. */
const ROWS_PER_CHECKPOINT = 50_000;
/** Space of replaced rows and pruned outputs is used again after a vacuum. */
const ROWS_PER_VACUUM = 250_000;

/**
 * What PostgreSQL's background processes do elsewhere: PGlite has none, so neither a checkpoint nor a vacuum
 * ever happens by itself.
 */
function upkeepOf(db: Kysely<Database>): (rows: number) => Promise<void> {
  let sinceCheckpoint = 0;
  let sinceVacuum = 0;
  return async (rows) => {
    sinceCheckpoint += rows;
    sinceVacuum += rows;
    // The commit is durable already. A full disk shows at the next one, which then fails as it should.
    try {
      if (sinceVacuum >= ROWS_PER_VACUUM) {
        sinceVacuum = 0;
        await sql`vacuum (analyze) jobs, shards, assignments, contributors, outputs, author_records`.execute(
          db,
        );
      }
      if (sinceCheckpoint >= ROWS_PER_CHECKPOINT) {
        sinceCheckpoint = 0;
        await sql`checkpoint`.execute(db);
      }
    } catch {
      return;
    }
  };
}
