/** Accounts and movements as tables. */
import { sql, type Kysely } from 'kysely';
import type { Account } from '../../shared/ledger.ts';
import { pageOf, parseCursor } from './cursor.ts';
import type { Database } from './schema.ts';
import { placeOfMovement, type Balance, type LedgerReads, type LoggedMovement } from './store.ts';
import { asText, movementFrom } from './storedRecords.ts';

export class StoredLedger implements LedgerReads {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async balance(account: Account): Promise<bigint> {
    const row = await this.#db
      .selectFrom('accounts')
      .select(asText('micro_credits').as('microCredits'))
      .where('id', '=', account)
      .executeTakeFirst();
    return BigInt(row?.microCredits ?? 0);
  }

  async balances(after: string | null, limit: number): ReturnType<LedgerReads['balances']> {
    // In one statement: what the log had when the balances were these.
    const { rows } = await sql<{ size: string; account: Account | null; micro: string | null }>`
      select l.size::text as size, a.id as account, a.micro_credits::text as micro
      from (select coalesce(max(first + count), 0) as size from log_entries) as l
      left join (
        select id, micro_credits from accounts
        where ${after}::text is null or id > ${after}::text order by id limit ${limit}::integer
      ) as a on true
      order by a.id`.execute(this.#db);
    return {
      logSize: Number(rows[0]!.size),
      rows: rows.flatMap(({ account, micro }) =>
        account === null ? [] : [{ account, microCredits: BigInt(micro!) }],
      ),
    };
  }

  async movements(account: Account, cursor: string | null, limit: number) {
    const after = parseCursor(cursor);
    let query = this.#selectMovements()
      .where('account', '=', account)
      .orderBy('log_index', 'desc')
      .limit(limit + 1);
    if (after !== null) {
      query = query.where(sql<boolean>`log_index < ${after.atMs}::bigint`);
    }
    return pageOf((await query.execute()).map(movementFrom), limit, placeOfMovement);
  }

  async movement(account: Account, id: string): Promise<LoggedMovement | null> {
    const row = await this.#selectMovements()
      .where('account', '=', account)
      .where('id', '=', id)
      .executeTakeFirst();
    return row ? movementFrom(row) : null;
  }

  async unlogged(): Promise<readonly Balance[]> {
    const { rows } = await sql<{ account: Account; micro: string }>`
      select u.account, u.micro_credits::text as micro from unlogged_credit as u
      where not exists (
        select 1 from movements as m where m.account = u.account and m.id = 'opening'
      )
      order by u.account`.execute(this.#db);
    return rows.map(({ account, micro }) => ({ account, microCredits: BigInt(micro) }));
  }

  #selectMovements() {
    return this.#db
      .selectFrom('movements')
      .select([asText('log_index').as('logIndex'), asText('fact').as('fact')]);
  }
}
