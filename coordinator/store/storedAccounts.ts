/** Accounts as tables: keys that lead to one, and display names. */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { ContributorId } from '../../shared/ids.ts';
import type { Device, DeviceState } from '../core/state.ts';
import type { AccountReads, DisplayName } from './accountReads.ts';
import type { Database } from './schema.ts';
import { fromJson, toJson } from './storedRecords.ts';

export function storedAccounts(db: () => Kysely<Database>): AccountReads {
  const selectDevices = () =>
    db()
      .selectFrom('devices')
      .select(['id', sql<string>`state::text`.as('state')]);
  return {
    async device(id) {
      const row = await selectDevices().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : deviceFrom(row);
    },
    async devicesOf(account) {
      const rows = await selectDevices().where('account', '=', account).orderBy('id').execute();
      return rows.map(deviceFrom);
    },
    async names(contributors) {
      if (contributors.length === 0) return new Map();
      const rows = await db()
        .selectFrom('display_names')
        .select(['contributor', sql<string>`name::text`.as('name')])
        .where('contributor', 'in', contributors)
        .execute();
      return new Map(rows.map(({ contributor, name }) => [contributor, fromJson<string>(name)]));
    },
  };
}

const deviceFrom = (row: { readonly id: ContributorId; readonly state: string }): Device => ({
  id: row.id,
  state: fromJson<DeviceState>(row.state),
});

export function* deviceStatements(devices: readonly Device[]): Generator<RawBuilder<unknown>> {
  if (devices.length === 0) return;
  const rows = devices.map(({ id, state }) => [id, state.account, state]);
  yield sql`
    insert into devices (id, account, state)
    select r->>0, r->>1, r->2 from jsonb_array_elements(${toJson(rows)}::jsonb) as e(r)
    on conflict (id) do update set account = excluded.account, state = excluded.state`;
}

/** Two statements: of one contributor a commit has one name at most. */
export function* nameStatements(names: readonly DisplayName[]): Generator<RawBuilder<unknown>> {
  const given = names.filter(({ name }) => name !== null);
  if (given.length > 0) {
    const rows = given.map(({ contributor, name }) => [contributor, name]);
    yield sql`
      insert into display_names (contributor, name)
      select r->>0, r->1 from jsonb_array_elements(${toJson(rows)}::jsonb) as e(r)
      on conflict (contributor) do update set name = excluded.name`;
  }
  const taken = names.filter(({ name }) => name === null);
  if (taken.length > 0) {
    const ids = taken.map(({ contributor }) => contributor);
    yield sql`
      delete from display_names
      where contributor in (select jsonb_array_elements_text(${toJson(ids)}::jsonb))`;
  }
}
