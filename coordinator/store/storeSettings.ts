/**
 * Single values that a store keeps in its own database, for all coordinators of it: table `settings`.
 */
import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';

/** Who leads: JSON of `Lead` (postgresWatch.ts). Absent while nobody does, or whoever does cannot be reached yet. */
export const LEAD = 'lead';
/** The id in the blob directory that belongs to the store (blobHome.ts). */
export const BLOB_HOME = 'blob_home';
/** As `Store.secret`. */
export const SECRET = 'secret';

export type SettingName = typeof LEAD | typeof BLOB_HOME;

export async function readSetting(db: Kysely<Database>, name: SettingName): Promise<string | null> {
  const row = await db
    .selectFrom('settings')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.value ?? null;
}

export async function writeSetting(
  db: Kysely<Database>,
  name: SettingName,
  value: string,
): Promise<void> {
  await db
    .insertInto('settings')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}

export async function dropSetting(db: Kysely<Database>, name: SettingName): Promise<void> {
  await db.deleteFrom('settings').where('name', '=', name).execute();
}
