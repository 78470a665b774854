/** Work by hour and by day as tables: added up by the statement that enters the credits, and read. */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import { BUCKET_MS, type BucketKind } from '../../shared/history.ts';
import type { ContributorId } from '../../shared/ids.ts';
import type { Database } from './schema.ts';
import type { Heir, HistoryReads, Leader, NetworkDay, BucketRange, Work } from './historyReads.ts';

/** A part of one statement, by its name. */
export type Part = readonly [name: string, statement: RawBuilder<unknown>];

/**
 * The statements that enter credits and refusals, each where there is one, and what adds their rows up. A row counts
 * where it was really entered, so whatever is sent again changes nothing.
 */
export function enteringParts(
  credits: RawBuilder<unknown> | undefined,
  refusals: RawBuilder<unknown> | undefined,
): Part[] {
  const entered: Part[] = [];
  const worked: RawBuilder<unknown>[] = [];
  if (credits !== undefined) {
    entered.push(['credited', credits]);
    worked.push(sql`
      select ${WORKER}, 1 as shards, (record ->> 'items')::bigint as items,
        micro_credits, 0 as refused from credited`);
  }
  if (refusals !== undefined) {
    entered.push(['refused', refusals]);
    worked.push(sql`
      select ${WORKER}, 0 as shards, 0::bigint as items,
        0::numeric as micro_credits, 1 as refused from refused`);
  }
  if (worked.length === 0) return [];
  return [
    ...entered,
    ['worked', sql.join(worked, sql` union all `)],
    ['in_hours', addedUp('hour')],
    ['in_days', addedUp('day')],
  ];
}

const WORKER = sql`
  coalesce(record ->> 'device', contributor) as device,
  coalesce(record ->> 'account', contributor) as account, at_ms`;

const tableOf = (by: BucketKind) => sql.table(by === 'hour' ? 'work_hours' : 'work_days');

/** Parts of one statement as one. */
export const asOne = (parts: readonly Part[]): RawBuilder<unknown> =>
  sql`with ${sql.join(parts.map(([name, part]) => sql`${sql.ref(name)} as (${part})`))} select 1`;

function addedUp(by: BucketKind): RawBuilder<unknown> {
  const bucketMs = sql.lit(BUCKET_MS[by]);
  return sql`
    insert into ${tableOf(by)} as kept (device, at_ms, account, shards, items, micro_credits, refused)
    select device, at_ms / ${bucketMs} * ${bucketMs} as bucket, max(account),
      sum(shards), sum(items), sum(micro_credits), sum(refused)
    from worked group by device, bucket
    on conflict (device, at_ms) do update set
      shards = kept.shards + excluded.shards, items = kept.items + excluded.items,
      micro_credits = kept.micro_credits + excluded.micro_credits,
      refused = kept.refused + excluded.refused`;
}

/** Each sees what those before it have written: they are no parts of one statement. */
export function* heirStatements(heirs: readonly Heir[]): Generator<RawBuilder<unknown>> {
  for (const { from, to } of heirs)
    for (const by of ['hour', 'day'] as const)
      yield sql`update ${tableOf(by)} set account = ${to} where account = ${from}`;
}

export const forgetHoursStatement = (beforeMs: number): RawBuilder<unknown> =>
  sql`delete from work_hours where at_ms < ${beforeMs}::bigint`;

const SUMS = sql`
  sum(shards)::text as shards, sum(items)::text as items,
  sum(micro_credits)::text as micro, sum(refused)::text as refused`;

interface SumsRow {
  readonly shards: string;
  readonly items: string;
  readonly micro: string;
  readonly refused: string;
}

const workFrom = ({ shards, items, micro, refused }: SumsRow): Work => ({
  shards: Number(shards),
  items: Number(items),
  microCredits: BigInt(micro),
  refused: Number(refused),
});

export function storedHistory(db: () => Kysely<Database>): HistoryReads {
  return {
    async buckets(contributor, device, range) {
      const ofDevice = device === null ? sql`true` : sql`device = ${device}`;
      const { rows } = await sql<SumsRow & { at: string }>`
        select at_ms::text as at, ${SUMS} from ${tableOf(range.by)}
        where account = ${contributor} and ${ofDevice} and ${within(range)}
        group by at_ms order by at_ms`.execute(db());
      return rows.map((row) => ({ atMs: Number(row.at), ...workFrom(row) }));
    },
    async devices(contributor, range, limit) {
      const { rows } = await sql<SumsRow & { device: ContributorId }>`
        select device, ${SUMS} from ${tableOf(range.by)}
        where account = ${contributor} and ${within(range)}
        group by device order by sum(micro_credits) desc, device
        limit ${limit}::integer`.execute(db());
      return rows.map((row) => ({ device: row.device, ...workFrom(row) }));
    },
    leaders: (fromMs, limit) =>
      fromMs === null ? leadersEver(db(), limit) : leadersSince(db(), fromMs, limit),
    async days(fromMs) {
      const { rows } = await sql<SumsRow & { at: string; contributors: string; devices: string }>`
        select at_ms::text as at, ${SUMS},
          count(distinct account) filter (where shards > 0)::text as contributors,
          count(*) filter (where shards > 0)::text as devices
        from work_days where at_ms >= ${fromMs}::bigint group by at_ms order by at_ms`.execute(
        db(),
      );
      return rows.map(({ at, contributors, devices, ...sums }): NetworkDay => ({
        atMs: Number(at),
        ...workFrom(sums),
        contributors: Number(contributors),
        devices: Number(devices),
      }));
    },
  };
}

const within = ({ fromMs, toMs }: BucketRange) =>
  sql`at_ms >= ${fromMs}::bigint and at_ms < ${toMs}::bigint`;

interface LeaderRow {
  readonly id: ContributorId;
  readonly shards: string;
  readonly items: string;
  readonly micro: string;
  readonly seen: string;
}

const leaderFrom = ({ id, shards, items, micro, seen }: LeaderRow): Leader => ({
  id,
  shards: Number(shards),
  items: Number(items),
  microCredits: BigInt(micro),
  firstSeenMs: Number(seen),
});

/** From the records: they say it without a pass over all days. */
async function leadersEver(db: Kysely<Database>, limit: number): Promise<readonly Leader[]> {
  const { rows } = await sql<LeaderRow>`
    select id, record ->> 'agreed' as shards, record ->> 'verifiedItems' as items,
      micro_credits::text as micro, record ->> 'firstSeenMs' as seen
    from contributors
    where micro_credits > 0 and record -> 'unlisted' is null
    order by micro_credits desc, id limit ${limit}::integer`.execute(db);
  return rows.map(leaderFrom);
}

async function leadersSince(
  db: Kysely<Database>,
  fromMs: number,
  limit: number,
): Promise<readonly Leader[]> {
  const { rows } = await sql<LeaderRow>`
    select c.id, w.shards::text as shards, w.items::text as items, w.micro::text as micro,
      c.record ->> 'firstSeenMs' as seen
    from (
      select account, sum(shards) as shards, sum(items) as items, sum(micro_credits) as micro
      from work_days where at_ms >= ${fromMs}::bigint group by account
    ) as w
    join contributors c on c.id = w.account
    where w.micro > 0 and c.record -> 'unlisted' is null
    order by w.micro desc, c.id limit ${limit}::integer`.execute(db);
  return rows.map(leaderFrom);
}
