/**
 * The schema, as numbered steps that run at open: SQL that PGlite (PostgreSQL 18) and PostgreSQL 15 take.
 *
 * A step that was released is never edited; a change is a new step. Each step commits with its number, so a
 * crash leaves either the schema before it or after it.
 */
import { sql, type Kysely } from 'kysely';
import type { Database } from './schema.ts';
import { SchemaTooNewError } from './store.ts';

interface Migration {
  readonly version: number;
  readonly statements: readonly string[];
}

/**
 * Why some of it looks as it does:
 * - `collate "C"`: ids are compared by byte, in indexes and cursors, whatever the cluster's locale.
 * - `fillfactor`: assignments and contributors are written several times; with half a page free the later
 *   versions stay on the page (84 % heap-only updates at 50, 49 % at 70, none at 100; measured on PGlite),
 *   and no index has a column that changes.
 * - jobs: `record` is `json`, not `jsonb`, because `jsonb` would reorder the keys of an author's parameters;
 *   what changes every tick is apart from it, so the large part is not rewritten.
 * - outputs: `external` skips compression, which tensors do not reward.
 * - contributors have no index by credit: it would make every update of a contributor touch all indexes,
 *   for a leaderboard that a scan of 100,000 rows answers.
 */
const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    statements: [
      `create table settings (name text collate "C" primary key, value text not null)`,
      `create table jobs (
        id text collate "C" primary key,
        author text collate "C" not null,
        created_at_ms bigint not null,
        running boolean not null,
        record json not null,
        progress jsonb not null
      ) with (fillfactor = 50)`,
      `create index jobs_by_time on jobs (created_at_ms, id)`,
      `create index jobs_by_author on jobs (author, created_at_ms, id)`,
      `create table postings (
        author text collate "C" not null,
        key_hash text collate "C" not null,
        job text collate "C" not null,
        spec_digest text collate "C" not null,
        primary key (author, key_hash)
      )`,
      `create table shards (
        id text collate "C" primary key,
        job text collate "C" not null,
        index integer not null,
        items integer not null,
        sequence integer,
        state jsonb not null
      )`,
      `create index shards_ended on shards (job, sequence) where sequence is not null`,
      `create index shards_open on shards (job) where sequence is null`,
      `create table assignments (
        id text collate "C" primary key,
        shard text collate "C" not null,
        record jsonb not null
      ) with (fillfactor = 50)`,
      `create index assignments_by_shard on assignments (shard)`,
      `create table contributors (
        id text collate "C" primary key,
        micro_credits numeric not null,
        record jsonb not null
      ) with (fillfactor = 50)`,
      `create table credits (
        shard text collate "C" not null,
        contributor text collate "C" not null,
        at_ms bigint not null,
        micro_credits numeric not null check (micro_credits >= 0),
        record jsonb not null,
        primary key (shard, contributor)
      )`,
      `create index credits_by_contributor on credits (contributor, at_ms, shard)`,
      `create table outputs (
        shard text collate "C" not null,
        digest text collate "C" not null,
        body bytea not null,
        primary key (shard, digest)
      )`,
      `alter table outputs alter column body set storage external`,
      `create table api_keys (
        id text collate "C" primary key,
        hash text collate "C" not null unique,
        created_at_ms bigint not null,
        revoked_at_ms bigint,
        record jsonb not null
      )`,
    ],
  },
  {
    version: 2,
    // Sampling: what records of the first version lack.
    statements: [
      `update assignments set record = record || '{"probes": []}' where record -> 'probes' is null`,
      `update contributors set record = record || '{"streams": []}' where record -> 'streams' is null`,
      `update jobs set progress = jsonb_set(progress, '{counts,provisionalItems}', '0')
        where progress #> '{counts,provisionalItems}' is null`,
    ],
  },
  {
    version: 3,
    // What is remembered of contributors and commitments: what records of the second version lack.
    statements: [
      `update contributors set record = jsonb_set(record, '{streams}', (
        select jsonb_agg(jsonb_set(it, '{stream,doubted}', '0'))
        from jsonb_array_elements(record -> 'streams') as it
      )) where record -> 'streams' <> '[]'`,
      `update assignments set record = jsonb_set(record, '{state,committed}', 'null')
        where record #>> '{state,kind}' = 'leased' and record #> '{state,committed}' is null`,
      `update contributors set record = record || '{"aborts": {"total": 0, "score": 0, "quarantinedUntilMs": 0}}'
        where record -> 'aborts' is null`,
      `update jobs set progress = jsonb_set(progress, '{counts,refereeSamples}', '0')
        where progress #> '{counts,refereeSamples}' is null`,
      `create table calibrations (id text collate "C" primary key, record jsonb not null)
        with (fillfactor = 50)`,
      `create table engine_classes (id text collate "C" primary key, record jsonb not null)
        with (fillfactor = 50)`,
      `update assignments set record = jsonb_set(record, '{state,engineClass}', record #> '{state,engine}')
        where record #> '{state,engine}' is not null and record #> '{state,engineClass}' is null`,
      `update jobs set record = ('{"asked":' || (record ->> 'verification')
          || ',"why":"This is what you asked for.",' || substr(ltrim(record::text), 2))::json
        where record -> 'asked' is null`,
      `update shards set state = state || '{"sample": {"probes": 0, "blind": 0}}'
        where state ->> 'kind' = 'provisional' and state -> 'sample' is null`,
    ],
  },
  {
    version: 4,
    // One contributor may be credited for several stages of a shard, each an assignment of its own.
    statements: [
      `alter table credits add column part text collate "C" not null default ''`,
      `alter table credits drop constraint credits_pkey`,
      `alter table credits add primary key (shard, contributor, part)`,
    ],
  },
  {
    version: 5,
    // The public log: what one commit adds is one row.
    statements: [
      `create table log_entries (first bigint primary key, count integer not null, entries bytea not null)`,
      `alter table log_entries alter column entries set storage external`,
    ],
  },
  {
    version: 6,
    // The ledger: what was earned before is opened in the log by the next start. No release had a log, so it
    // begins anew, with movements that its first form could not say.
    statements: [
      `create table accounts (
        id text collate "C" primary key,
        micro_credits numeric not null check (micro_credits >= 0 or id = 'issuance')
      ) with (fillfactor = 50)`,
      `create table movements (
        account text collate "C" not null,
        id text collate "C" not null,
        log_index bigint not null,
        fact jsonb not null,
        primary key (account, id)
      )`,
      `create index movements_by_log on movements (account, log_index)`,
      `create table unlogged_credit (
        account text collate "C" primary key,
        micro_credits numeric not null
      )`,
      `insert into unlogged_credit
        select 'contributor:' || contributor, sum(micro_credits) from credits group by contributor`,
      `update credits set record = record - 'logIndex' where record -> 'logIndex' is not null`,
      `delete from log_entries`,
    ],
  },
  {
    version: 7,
    // Accounts: keys that lead to one, and what people call themselves.
    statements: [
      `create table devices (
        id text collate "C" primary key,
        account text collate "C" not null,
        state jsonb not null
      )`,
      `create index devices_by_account on devices (account)`,
      `create table display_names (contributor text collate "C" primary key, name jsonb not null)`,
    ],
  },
  {
    version: 8,
    // Refused work, with its reason; older ones than this schema have none.
    statements: [
      `create table refusals (
        assignment text collate "C" primary key,
        contributor text collate "C" not null,
        at_ms bigint not null,
        record jsonb not null
      )`,
      `create index refusals_by_contributor on refusals (contributor, at_ms, assignment)`,
    ],
  },
  {
    version: 9,
    // Work by hour and by day. What was credited before is added up here, for the account that it has moved to.
    statements: [
      ...['work_hours', 'work_days'].flatMap((table) => [
        `create table ${table} (
          device text collate "C" not null,
          at_ms bigint not null,
          account text collate "C" not null,
          shards bigint not null,
          items bigint not null,
          micro_credits numeric not null,
          refused bigint not null,
          primary key (device, at_ms)
        ) with (fillfactor = 50)`,
        `create index ${table}_by_account on ${table} (account, at_ms)`,
      ]),
      `create index work_days_by_time on work_days (at_ms)`,
      ...[
        ['work_hours', 3_600_000],
        ['work_days', 86_400_000],
      ].map(
        ([table, bucketMs]) => `
        with recursive moved (id, account) as (
          select id, id from contributors
          union
          select m.id, (c.record ->> 'movedTo') collate "C"
          from moved m join contributors c on c.id = m.account
          where c.record ->> 'movedTo' is not null
        ), heirs as (
          select m.id, m.account from moved m join contributors c on c.id = m.account
          where c.record ->> 'movedTo' is null
        ), worked as (
          select contributor, at_ms, 1 as shards, (record ->> 'items')::bigint as items, micro_credits, 0 as refused
          from credits
          union all
          select contributor, at_ms, 0, 0, 0, 1 from refusals
        )
        insert into ${table}
        select w.contributor, w.at_ms / ${bucketMs} * ${bucketMs}, coalesce(max(h.account), w.contributor),
          sum(w.shards), sum(w.items), sum(w.micro_credits), sum(w.refused)
        from worked w left join heirs h on h.id = w.contributor
        group by w.contributor, w.at_ms / ${bucketMs}`,
      ),
    ],
  },
  {
    version: 10,
    // Teams, and sites with what was shared with them by day.
    statements: [
      `create table teams (id text collate "C" primary key, record jsonb not null)`,
      `create table sites (id text collate "C" primary key, record jsonb not null)`,
      `create table site_days (
        site text collate "C" not null,
        day text collate "C" not null,
        micro_credits numeric not null,
        credits integer not null,
        primary key (site, day)
      ) with (fillfactor = 50)`,
    ],
  },
  {
    version: 11,
    // What authors keep here beside their jobs. `json`, as of jobs: the order of an author's own keys stays.
    statements: [
      `create table author_records (
        kind text collate "C" not null,
        id text collate "C" not null,
        author text collate "C" not null,
        created_at_ms bigint not null,
        record json not null,
        primary key (kind, id)
      )`,
      `create index author_records_by_time on author_records (kind, created_at_ms, id)`,
      `create index author_records_by_author on author_records (kind, author, created_at_ms, id)`,
    ],
  },
  {
    version: 12,
    // When results are due to go, and which blobs are named. Of older records whatever looks like a digest is taken for a
    // name: one too many keeps a blob, one too few would lose it. All jobs have their results still, and name what they were
    // made of; batches that have ended name nothing, and are not written again (`blobNames.ts`).
    statements: [
      `alter table jobs add column results_due_ms bigint, add column blobs jsonb not null default '[]'`,
      `create index jobs_by_results_due on jobs (results_due_ms, id) where results_due_ms is not null`,
      `alter table author_records add column blobs jsonb not null default '[]'`,
      ...[
        ['jobs', ''],
        [
          'author_records',
          `and (kind in ('model', 'file')
            or kind = 'batch' and record #>> '{state,kind}' not in ('failed', 'ended'))`,
        ],
      ].flatMap(([table, kinds]) => [
        `update ${table} set blobs = (
          select jsonb_agg(distinct found[1])
          from regexp_matches(record::text, '"([0-9a-f]{64})"', 'g') as found
        )
        where record::text ~ '"[0-9a-f]{64}"' ${kinds}`,
        `create index ${table}_by_blob on ${table} using gin (blobs)`,
      ]),
    ],
  },
];

/** The schema that this code reads and writes. */
export const SCHEMA_VERSION = Math.max(...MIGRATIONS.map(({ version }) => version));

/**
 * Brings a database to `SCHEMA_VERSION`. The caller holds the store, so nobody else migrates it.
 * Throws `SchemaTooNewError` where the database is ahead of the code, and leaves it as it is.
 */
export async function migrate(db: Kysely<Database>): Promise<void> {
  await sql`create table if not exists idlewave_schema (
    version integer primary key,
    applied_at timestamptz not null default now()
  )`.execute(db);
  const { found } = await db
    .selectFrom('idlewave_schema')
    .select(({ fn }) => fn.max('version').as('found'))
    .executeTakeFirstOrThrow();
  const current = found ?? 0;
  if (current > SCHEMA_VERSION) {
    throw new SchemaTooNewError(
      `expected a database of schema ${SCHEMA_VERSION} or older, found schema ${current}: a newer coordinator ` +
        'wrote it. Start that version, or restore a backup made before the upgrade.',
    );
  }
  for (const { version, statements } of MIGRATIONS) {
    if (version <= current) continue;
    await db.transaction().execute(async (trx) => {
      for (const statement of statements) await sql.raw(statement).execute(trx);
      await trx.insertInto('idlewave_schema').values({ version }).execute();
    });
  }
}
