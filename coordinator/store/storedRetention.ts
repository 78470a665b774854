/** What is kept for a time only, in the database: columns `results_due_ms` and `blobs`, and the state that they follow. */
import { sql, type Kysely } from 'kysely';
import type { BlobDigest, JobId } from '../../shared/ids.ts';
import type { ResultsState } from '../core/state.ts';
import type { RetentionRecords } from './retentionRecords.ts';
import type { Database } from './schema.ts';
import { jobFrom, toJson } from './storedRecords.ts';

type Writing = <T>(write: (db: Kysely<Database>) => Promise<T>) => Promise<T>;

/** Outputs that one statement looks at: they may be many and small. */
const MAX_PRUNED_OUTPUTS = 1_000;

const KIND = sql`coalesce(progress #>> '{state,results,kind}', 'kept')`;
const IS_TO_PRUNE = sql`${KIND} = 'deleted' and not (progress #>> '{state,results,isPruned}')::boolean`;
const JOB = sql`record::text as record, progress::text as progress`;
type JobRow = Parameters<typeof jobFrom>[0];

/** `writing` is the way of every write: `kyselyStore.ts`. */
export const storedRetention = (
  db: () => Kysely<Database>,
  writing: Writing,
): RetentionRecords => ({
  async setTimes(keepMs, nowMs) {
    if (keepMs === null) {
      await writing((writer) =>
        sql`
          update jobs set results_due_ms = null, progress = progress #- '{state,results}'
          where results_due_ms is not null and ${KIND} = 'kept'`.execute(writer),
      );
      return;
    }
    await writing((writer) =>
      sql`
        with times as (
          select id, greatest(
            coalesce(results_due_ms, ${nowMs + keepMs}::bigint),
            (progress #>> '{state,endedAtMs}')::bigint + ${keepMs}::bigint
          ) as until_ms
          from jobs where not running and ${KIND} = 'kept'
        )
        update jobs set results_due_ms = until_ms, progress = jsonb_set(
          progress, '{state,results}', jsonb_build_object('kind', 'kept', 'untilMs', until_ms)
        )
        from times
        where jobs.id = times.id and jobs.results_due_ms is distinct from until_ms`.execute(writer),
    );
  },

  async due(nowMs, limit) {
    const { rows } = await sql<JobRow>`
      select ${JOB} from jobs where results_due_ms <= ${nowMs}::bigint
      order by results_due_ms, id limit ${limit}::integer`.execute(db());
    return rows.map(jobFrom);
  },

  async deleteResults(id, atMs, why) {
    const results: ResultsState = { kind: 'deleted', atMs, why, isPruned: false };
    await writing((writer) =>
      sql`
        update jobs set results_due_ms = ${atMs}::bigint, blobs = '[]',
          progress = jsonb_set(progress, '{state,results}', ${toJson(results)}::jsonb)
        where id = ${id} and not running and ${KIND} = 'kept'`.execute(writer),
    );
    const { rows } = await sql<JobRow>`
      select ${JOB} from jobs where id = ${id} and not running`.execute(db());
    return rows[0] === undefined ? null : jobFrom(rows[0]);
  },

  async pruneResults(id, maxBytes) {
    const [from, to] = shardsOf(id);
    const pruned = await writing((writer) =>
      sql<{ seen: number; gone: number }>`
        with first as (
          select ctid as place, shard, digest, octet_length(body) as bytes from outputs
          where shard >= ${from} and shard < ${to}
            and exists (select from jobs where id = ${id} and ${IS_TO_PRUNE})
          order by shard, digest limit ${MAX_PRUNED_OUTPUTS}::integer
        ), summed as (
          select place, sum(bytes) over (order by shard, digest) - bytes as before from first
        ), gone as (
          delete from outputs where ctid = any(array(
            select place from summed where before < ${maxBytes}::bigint
          )) returning 1
        )
        select (select count(*) from first)::integer as seen, (select count(*) from gone)::integer as gone
      `.execute(writer),
    );
    const { seen, gone } = pruned.rows[0]!;
    if (gone < seen || seen === MAX_PRUNED_OUTPUTS) return false;
    await writing((writer) =>
      sql`
        update jobs set results_due_ms = null,
          progress = jsonb_set(progress, '{state,results,isPruned}', 'true')
        where id = ${id} and ${IS_TO_PRUNE}`.execute(writer),
    );
    return true;
  },

  async namedOf(blobs) {
    if (blobs.length === 0) return new Set();
    const { rows } = await sql<{ blob: BlobDigest }>`
      select b as blob from jsonb_array_elements_text(${toJson(blobs)}::jsonb) as e(b)
      where exists (select from jobs where jobs.blobs ? b)
        or exists (select from author_records where author_records.blobs ? b)`.execute(db());
    return new Set(rows.map(({ blob }) => blob));
  },
});

/** The ids of a job's shards begin with its own and a point: they are a range of the key of `outputs`. */
const shardsOf = (job: JobId): readonly [string, string] => [`${job}.`, `${job}/`];
