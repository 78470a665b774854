/**
 * The writes of a commit: one set-based statement per list, whatever its length.
 *
 * Rows travel as one JSON array of arrays, taken apart by `jsonb_array_elements`: measured on PGlite with
 * 300 rows a statement that was the fastest form (17k-25k upserts/s; `unnest` of arrays 13k-25k,
 * `jsonb_to_recordset` 9k-18k), and both databases take it. Every statement may run twice with the same rows.
 */
import { createHash } from 'node:crypto';
import { sql, type Kysely, type RawBuilder } from 'kysely';
import { MAX_KEPT_REFUSALS } from '../../shared/limits.ts';
import { encodeBundle } from '../../shared/tlog/tiles.ts';
import { movementId, ownersOf } from '../core/ledger.ts';
import { blobsNamed, dueMs } from '../core/results.ts';
import type { RefusalEntry } from '../core/refusals.ts';
import type { Assignment, Contributor, CreditEntry, Job, Shard } from '../core/state.ts';
import type { Database } from './schema.ts';
import {
  calibrationId,
  classId,
  partOf,
  type Balance,
  type Changes,
  type LoggedEntries,
  type LoggedMovement,
  type PostingKey,
  type StoredOutput,
} from './store.ts';
import { asOne, enteringParts, heirStatements, type Part } from './storedHistory.ts';
import { deviceStatements, nameStatements } from './storedAccounts.ts';
import { eventStatements } from './storedAuthorRecords.ts';
import { siteDayStatements } from './storedCommunities.ts';
import {
  assignmentRecord,
  contributorRecord,
  creditRecord,
  factRecord,
  jobProgress,
  jobRecord,
  refusalRecord,
  sequenceOf,
  toJson,
} from './storedRecords.ts';

/** Statements of one list, in order; one, unless the list is very long. */
type Statements = Generator<RawBuilder<unknown>>;

/** Rows of one statement: a job may be posted with 100,000 shards, and JSON of 10 MB is no gain. */
const MAX_STATEMENT_ROWS = 5_000;
/** Bytes of outputs of one statement: they pass through PGlite's WASM memory three times. */
const MAX_STATEMENT_BYTES = 4 * 1024 * 1024;

/**
 * All or nothing. Where every list is one statement they travel as one, which is a transaction by itself: its
 * answer comes once, and a busy event loop delays it once instead of ten times.
 */
export async function writeChanges(db: Kysely<Database>, changes: Changes): Promise<void> {
  const pruned = new Map(changes.prunedOutputs.map(({ shard, keep }) => [shard, keep]));
  // Parts of one statement do not see each other's rows, so what would be pruned is not added at all.
  const outputs = changes.outputs.filter(
    ({ shard, digest }) => !pruned.has(shard) || pruned.get(shard) === digest,
  );
  const credits = [...creditStatements(changes.credits)];
  const refusals = [...refusalStatements(changes.refusals)];
  const lists = [
    [...jobStatements(lastOfEach(changes.jobs))],
    [...shardStatements(lastOfEach(changes.shards))],
    [...assignmentStatements(lastOfEach(changes.assignments))],
    [...contributorStatements(lastOfEach(changes.contributors))],
    [...movementStatements(changes.movements)],
    [...balanceStatements(changes.balances)],
    [...postingStatements(changes.postings)],
    [...forgetStatements(changes.refusals)],
    [...deviceStatements(lastOfEach(changes.devices))],
    [...nameStatements(changes.names)],
    [...recordStatements('calibrations', changes.calibrations, calibrationId)],
    [...recordStatements('engine_classes', changes.engineClasses, classId)],
    [...dropStatements('engine_classes', changes.droppedClasses)],
    [...recordStatements('teams', changes.teams, ({ id }) => id)],
    [...dropStatements('teams', changes.droppedTeams)],
    [...recordStatements('sites', changes.sites, ({ id }) => id)],
    [...dropStatements('sites', changes.droppedSites)],
    [...siteDayStatements(changes.siteDays)],
    [...eventStatements(changes.events)],
    [...outputStatements(outputs)],
    [...pruneStatements(changes.prunedOutputs)],
    [...logStatements(changes.logged)],
  ];
  const statements = lists.flat();
  const entering = [...credits, ...refusals];
  const { heirs } = changes;
  if (statements.length + entering.length + heirs.length === 0) return;
  if (heirs.length === 0 && [...lists, credits, refusals].every((list) => list.length <= 1)) {
    const parts = statements.map((part, i): Part => [`part${i}`, part]);
    await asOne([...parts, ...enteringParts(credits[0], refusals[0])]).execute(db);
    return;
  }
  await db.transaction().execute((trx) =>
    runAll(trx, [
      ...statements,
      ...credits.map((it) => asOne(enteringParts(it, undefined))),
      ...refusals.map((it) => asOne(enteringParts(undefined, it))),
      // Behind what this commit enters: that moves too.
      ...heirStatements(heirs),
    ]),
  );
}

async function runAll(
  trx: Kysely<Database>,
  statements: Iterable<RawBuilder<unknown>>,
): Promise<void> {
  for (const statement of statements) await statement.execute(trx);
}

function* jobStatements(jobs: readonly Job[]): Statements {
  const rows = jobs.map((job) => [
    job.id,
    job.author,
    job.createdAtMs,
    job.state.kind === 'running',
    jobRecord(job),
    jobProgress(job),
    dueMs(job),
    blobsNamed(job),
  ]);
  // An unchanged record keeps its old value, so that its out-of-line part is not written again.
  for (const part of partsOf(rows)) {
    yield sql`
      insert into jobs as kept (id, author, created_at_ms, running, record, progress, results_due_ms, blobs)
      select r->>0, r->>1, (r->>2)::bigint, (r->>3)::boolean, r->4, (r->5)::jsonb, (r->>6)::bigint, (r->7)::jsonb
      from json_array_elements(${toJson(part)}::json) as e(r)
      on conflict (id) do update set
        author = excluded.author, created_at_ms = excluded.created_at_ms, running = excluded.running,
        record = case when kept.record::text = excluded.record::text then kept.record else excluded.record end,
        progress = excluded.progress, results_due_ms = excluded.results_due_ms, blobs = excluded.blobs`;
  }
}

function* shardStatements(shards: readonly Shard[]): Statements {
  const rows = shards.map((shard) => [
    shard.id,
    shard.job,
    shard.index,
    shard.items,
    sequenceOf(shard),
    shard.state,
  ]);
  for (const part of partsOf(rows)) {
    yield sql`
      insert into shards (id, job, index, items, sequence, state)
      select r->>0, r->>1, (r->>2)::integer, (r->>3)::integer, (r->>4)::integer, r->5
      from jsonb_array_elements(${toJson(part)}::jsonb) as e(r)
      on conflict (id) do update set
        job = excluded.job, index = excluded.index, items = excluded.items,
        sequence = excluded.sequence, state = excluded.state`;
  }
}

function* assignmentStatements(assignments: readonly Assignment[]): Statements {
  const rows = assignments.map((row) => [row.id, row.shard, assignmentRecord(row)]);
  for (const part of partsOf(rows)) {
    yield sql`
      insert into assignments (id, shard, record)
      select r->>0, r->>1, r->2 from jsonb_array_elements(${toJson(part)}::jsonb) as e(r)
      on conflict (id) do update set shard = excluded.shard, record = excluded.record`;
  }
}

function* contributorStatements(contributors: readonly Contributor[]): Statements {
  const rows = contributors.map((row) => [
    row.id,
    String(row.microCredits),
    contributorRecord(row),
  ]);
  for (const part of partsOf(rows)) {
    yield sql`
      insert into contributors (id, micro_credits, record)
      select r->>0, (r->>1)::numeric, r->2 from jsonb_array_elements(${toJson(part)}::jsonb) as e(r)
      on conflict (id) do update set
        micro_credits = excluded.micro_credits, record = excluded.record`;
  }
}

function* creditStatements(credits: readonly CreditEntry[]): Statements {
  const rows = credits.map((row) => [
    row.shard,
    row.contributor,
    partOf(row),
    row.atMs,
    String(row.microCredits),
    creditRecord(row),
  ]);
  for (const part of partsOf(rows)) {
    yield sql`
      insert into credits (shard, contributor, part, at_ms, micro_credits, record)
      select r->>0, r->>1, r->>2, (r->>3)::bigint, (r->>4)::numeric, r->5
      from jsonb_array_elements(${toJson(part)}::jsonb) as e(r)
      on conflict (shard, contributor, part) do nothing
      returning contributor, at_ms, micro_credits, record`;
  }
}

function* movementStatements(movements: readonly LoggedMovement[]): Statements {
  const rows = movements.flatMap(({ movement, logIndex }) =>
    ownersOf(movement).map((account) => [
      account,
      movementId(movement),
      logIndex,
      factRecord(movement),
    ]),
  );
  for (const part of partsOf(rows)) {
    yield sql`
      insert into movements (account, id, log_index, fact)
      select r->>0, r->>1, (r->>2)::bigint, r->3
      from jsonb_array_elements(${toJson(part)}::jsonb) as e(r)
      on conflict (account, id) do nothing`;
  }
}

/** Each account once. */
function* balanceStatements(balances: readonly Balance[]): Statements {
  const rows = balances.map(({ account, microCredits }) => [account, String(microCredits)]);
  for (const part of partsOf(rows)) {
    yield sql`
      insert into accounts (id, micro_credits)
      select r->>0, (r->>1)::numeric from jsonb_array_elements(${toJson(part)}::jsonb) as e(r)
      on conflict (id) do update set micro_credits = excluded.micro_credits`;
  }
}

function* postingStatements(postings: readonly PostingKey[]): Statements {
  const rows = postings.map(({ author, idempotencyKey, job, specDigest }) => [
    author,
    hashOfKey(idempotencyKey),
    job,
    specDigest,
  ]);
  for (const part of partsOf(rows)) {
    yield sql`
      insert into postings (author, key_hash, job, spec_digest)
      select r->>0, r->>1, r->>2, r->>3 from jsonb_array_elements(${toJson(part)}::jsonb) as e(r)
      on conflict (author, key_hash) do nothing`;
  }
}

/** An idempotency key may hold anything; its hash is text that the database takes. */
export const hashOfKey = (key: string): string => createHash('sha256').update(key).digest('hex');

function* refusalStatements(refusals: readonly RefusalEntry[]): Statements {
  const rows = refusals.map((row) => [
    row.assignment,
    row.contributor,
    row.atMs,
    refusalRecord(row),
  ]);
  for (const part of partsOf(rows)) {
    yield sql`
      insert into refusals (assignment, contributor, at_ms, record)
      select r->>0, r->>1, (r->>2)::bigint, r->3
      from jsonb_array_elements(${toJson(part)}::jsonb) as e(r)
      on conflict (assignment) do nothing
      returning contributor, at_ms, record`;
  }
}

/** What its contributor has beyond the newest ones, found by walking over those in the index. */
function* forgetStatements(refusals: readonly RefusalEntry[]): Statements {
  const contributors = [...new Set(refusals.map(({ contributor }) => contributor))];
  for (const part of partsOf(contributors)) {
    yield sql`
      delete from refusals where ctid = any(array(
        select found.ctid from jsonb_array_elements_text(${toJson(part)}::jsonb) as e(c),
        lateral (
          select o.ctid from refusals o where o.contributor = c
          order by o.at_ms desc, o.assignment desc
          offset ${MAX_KEPT_REFUSALS}::integer
        ) as found
      ))`;
  }
}

type RecordTable = 'calibrations' | 'engine_classes' | 'teams' | 'sites';

/** A table of an id and a record; the last of each id counts. */
function* recordStatements<T>(
  table: RecordTable,
  records: readonly T[],
  idOf: (record: T) => string,
): Statements {
  const rows = [...new Map(records.map((record) => [idOf(record), record]))];
  for (const part of partsOf(rows)) {
    yield sql`
      insert into ${sql.table(table)} (id, record)
      select r->>0, r->1 from jsonb_array_elements(${toJson(part)}::jsonb) as e(r)
      on conflict (id) do update set record = excluded.record`;
  }
}

function* dropStatements(table: RecordTable, ids: readonly string[]): Statements {
  for (const part of partsOf(ids)) {
    yield sql`
      delete from ${sql.table(table)}
      where id in (select jsonb_array_elements_text(${toJson(part)}::jsonb))`;
  }
}

/** All bytes are one parameter, cut apart in the database: no encoding, and one statement for many rows. */
function* outputStatements(outputs: readonly StoredOutput[]): Statements {
  for (const part of outputParts(outputs)) {
    let offset = 1;
    const rows = part.map(({ shard, digest, bytes }) => {
      const row = [shard, digest, offset, bytes.byteLength];
      offset += bytes.byteLength;
      return row;
    });
    const body = Buffer.concat(part.map(({ bytes }) => bytes));
    yield sql`
      insert into outputs (shard, digest, body)
      select r->>0, r->>1, substring(${body}::bytea from (r->>2)::integer for (r->>3)::integer)
      from jsonb_array_elements(${toJson(rows)}::jsonb) as e(r)
      on conflict (shard, digest) do nothing`;
  }
}

/**
 * By one index lookup per shard, whatever the planner believes: `offset 0` keeps it from turning the lookups
 * into a scan of all outputs, which it does where statistics are missing (PGlite gathers none by itself).
 */
function* pruneStatements(pruned: Changes['prunedOutputs']): Statements {
  for (const part of partsOf(pruned.map(({ shard, keep }) => [shard, keep]))) {
    yield sql`
      delete from outputs where ctid = any(array(
        select found.ctid from jsonb_array_elements(${toJson(part)}::jsonb) as e(r),
        lateral (
          select o.ctid from outputs o
          where o.shard = r->>0 and o.digest is distinct from r->>1
          offset 0
        ) as found
      ))`;
  }
}

function* logStatements(logged: readonly LoggedEntries[]): Statements {
  for (const { first, entries } of logged) {
    const bundle = Buffer.from(encodeBundle(entries));
    yield sql`
      insert into log_entries (first, count, entries)
      values (${first}::bigint, ${entries.length}::integer, ${bundle}::bytea)
      on conflict (first) do nothing`;
  }
}

/** The last record of each id: one statement must not write the same row twice. */
function lastOfEach<T extends { readonly id: string }>(records: readonly T[]): readonly T[] {
  const byId = new Map(records.map((record) => [record.id, record]));
  return byId.size === records.length ? records : [...byId.values()];
}

function* partsOf<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += MAX_STATEMENT_ROWS) {
    yield rows.slice(start, start + MAX_STATEMENT_ROWS);
  }
}

function* outputParts(outputs: readonly StoredOutput[]): Generator<readonly StoredOutput[]> {
  let part: StoredOutput[] = [];
  let partBytes = 0;
  for (const output of outputs) {
    if (part.length > 0 && partBytes + output.bytes.byteLength > MAX_STATEMENT_BYTES) {
      yield part;
      part = [];
      partBytes = 0;
    }
    part.push(output);
    partBytes += output.bytes.byteLength;
  }
  if (part.length > 0) yield part;
}
