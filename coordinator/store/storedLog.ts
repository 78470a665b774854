/** The public log as a table: one row for what one commit added. */
import { sql, type Kysely } from 'kysely';
import { assert } from '../../shared/result.ts';
import { decodeBundle } from '../../shared/tlog/tiles.ts';
import type { Database } from './schema.ts';

/** Rows that are read at a time: some thousands of entries. */
const LOG_ROWS = 64;

export async function storedLogSize(db: Kysely<Database>): Promise<number> {
  const last = await db
    .selectFrom('log_entries')
    .select(sql<string>`(first + count)::text`.as('size'))
    .orderBy('first', 'desc')
    .limit(1)
    .executeTakeFirst();
  return Number(last?.size ?? 0);
}

export async function storedEntries(
  db: Kysely<Database>,
  first: number,
): Promise<readonly Uint8Array[]> {
  const rows = await db
    .selectFrom('log_entries')
    .select([sql<string>`first::text`.as('begins'), 'entries'])
    .where(sql<boolean>`first + count > ${first}::bigint`)
    .where(
      sql<boolean>`first >= coalesce(
        (select max(first) from log_entries where first <= ${first}::bigint), 0)`,
    )
    .orderBy('first')
    .limit(LOG_ROWS)
    .execute();
  const entries = rows.flatMap((row) => {
    const decoded = decodeBundle(plainBytes(row.entries), Infinity);
    assert(decoded.ok, `the public log cannot be read at ${row.begins}`);
    return decoded.value;
  });
  return entries.slice(first - Number(rows[0]?.begins ?? first));
}

/** From both drivers the same: `pg` gives a Buffer. */
export const plainBytes = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
