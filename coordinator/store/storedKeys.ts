/** Authors' keys as a table. */
import { sql, type Kysely } from 'kysely';
import type { KeyId } from '../../shared/ids.ts';
import type { Database } from './schema.ts';
import type { ApiKey } from './store.ts';
import { asText, fromJson } from './storedRecords.ts';

export const selectKeys = (db: Kysely<Database>) =>
  db
    .selectFrom('api_keys')
    .select(['id', 'hash', asText('record').as('record')])
    .select(asText('created_at_ms').as('createdAtMs'))
    .select(sql<string | null>`revoked_at_ms::text`.as('revokedAtMs'));

export function keyFrom(row: {
  id: KeyId;
  hash: string;
  record: string;
  createdAtMs: string;
  revokedAtMs: string | null;
}): ApiKey {
  // Absent where it was made before there were balances.
  const { name, isPrepaid = false } = fromJson<{ name: string; isPrepaid?: boolean }>(row.record);
  return {
    id: row.id,
    name,
    hash: row.hash,
    isPrepaid,
    createdAtMs: Number(row.createdAtMs),
    revokedAtMs: row.revokedAtMs === null ? null : Number(row.revokedAtMs),
  };
}
