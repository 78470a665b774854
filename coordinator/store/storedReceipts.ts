/** Credits of a shard and refused work as tables; the pages of a contributor's credits are in `kyselyStore.ts`. */
import { sql, type Kysely } from 'kysely';
import type { ContributorId, ShardId } from '../../shared/ids.ts';
import type { RefusalEntry } from '../core/refusals.ts';
import type { CreditEntry } from '../core/state.ts';
import { pageOf, parseCursor } from './cursor.ts';
import type { Database } from './schema.ts';
import { placeOfRefusal, type Page } from './store.ts';
import { creditFrom, refusalFrom } from './storedRecords.ts';

export async function storedCreditsOfShard(
  db: Kysely<Database>,
  shard: ShardId,
): Promise<readonly CreditEntry[]> {
  const rows = await db
    .selectFrom('credits')
    .select(['contributor', 'shard'])
    .select([
      sql<string>`micro_credits::text`.as('microCredits'),
      sql<string>`record::text`.as('record'),
    ])
    .where('shard', '=', shard)
    .execute();
  return inOrder(rows.map(creditFrom));
}

/** By contributor and assignment. */
export const inOrder = (credits: readonly CreditEntry[]): CreditEntry[] =>
  [...credits].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

const keyOf = ({ contributor, assignment }: CreditEntry): string => `${contributor} ${assignment}`;

export async function storedRefusals(
  db: Kysely<Database>,
  contributor: ContributorId,
  cursor: string | null,
  limit: number,
): Promise<Page<RefusalEntry>> {
  const after = parseCursor(cursor);
  let query = db
    .selectFrom('refusals')
    .select(['contributor', 'assignment', sql<string>`record::text`.as('record')])
    .where('contributor', '=', contributor)
    .orderBy('at_ms', 'desc')
    .orderBy('assignment', 'desc')
    .limit(limit + 1);
  if (after !== null) {
    query = query.where(sql<boolean>`(at_ms, assignment) < (${after.atMs}::bigint, ${after.id})`);
  }
  return pageOf((await query.execute()).map(refusalFrom), limit, placeOfRefusal);
}
