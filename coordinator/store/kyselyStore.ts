/**
 * The store over a PostgreSQL dialect: the same queries on PGlite and on PostgreSQL.
 *
 * Who opens the connections and holds the database is `pgliteStore.ts` and `postgresStore.ts`. Invariant:
 * every write goes through `writer`, one connection in the order of asking, and only while the hold stands.
 */
import { randomBytes } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import type {
  AssignmentId,
  BlobDigest,
  ContributorId,
  JobId,
  KeyId,
  ShardId,
} from '../../shared/ids.ts';
import { assert } from '../../shared/result.ts';
import type { Calibration } from '../core/calibration.ts';
import type { ClassRecord } from '../core/classes.ts';
import type { RefusalEntry } from '../core/refusals.ts';
import type { Assignment, Contributor, CreditEntry, Job, Shard } from '../core/state.ts';
import { pageOf, parseCursor } from './cursor.ts';
import type { AccountReads } from './accountReads.ts';
import type { AuthorRecords } from './authorRecords.ts';
import type { CommunityReads } from './communityReads.ts';
import type { HistoryReads } from './historyReads.ts';
import type { Database } from './schema.ts';
import { hashOfKey, writeChanges } from './setStatements.ts';
import { storedAccounts } from './storedAccounts.ts';
import { storedAuthorRecords } from './storedAuthorRecords.ts';
import { storedCommunities } from './storedCommunities.ts';
import { forgetHoursStatement, storedHistory } from './storedHistory.ts';
import { placeOfCredit } from './store.ts';
import type { RetentionRecords } from './retentionRecords.ts';
import { StoredLedger } from './storedLedger.ts';
import { plainBytes, storedEntries, storedLogSize } from './storedLog.ts';
import { keyFrom, selectKeys } from './storedKeys.ts';
import { storedCreditsOfShard, storedRefusals } from './storedReceipts.ts';
import { storedRetention } from './storedRetention.ts';
import type {
  ApiKey,
  Changes,
  EndedShard,
  LedgerReads,
  OpenWork,
  Page,
  PostingKey,
  Store,
} from './store.ts';
import {
  asText,
  assignmentFrom,
  contributorFrom,
  creditFrom,
  fromJson,
  jobFrom,
  shardFrom,
  toJson,
} from './storedRecords.ts';

/** What an opener hands over; the store owns all of it from then on. */
export interface OpenedDatabase {
  readonly kind: string;
  /** One connection. May be the same as `reader`. */
  readonly writer: Kysely<Database>;
  readonly reader: Kysely<Database>;
  /** Throws `StoreLostError` where the hold is lost. */
  assertHeld(): Promise<void>;
  onLost(listener: (reason: Error) => void): void;
  /** Told how many rows a commit wrote, after it; what it does must not throw. */
  afterCommit(rows: number): Promise<void>;
  /** Closes the connections, then gives the hold back. */
  close(): Promise<void>;
}

export class KyselyStore implements Store {
  readonly kind: string;
  readonly accounts: AccountReads = storedAccounts(() => this.#read);
  readonly history: HistoryReads = storedHistory(() => this.#read);
  readonly communities: CommunityReads = storedCommunities(() => this.#read);
  readonly authorRecords: AuthorRecords = storedAuthorRecords(
    () => this.#read,
    (write) => this.#writingOne(write),
  );
  readonly retention: RetentionRecords = storedRetention(
    () => this.#read,
    (write) => this.#writingOne(write),
  );
  readonly #opened: OpenedDatabase;
  #closing: Promise<void> | null = null;
  /** At the hold, before a write. */
  #looks: Promise<void> = Promise.resolve();

  constructor(opened: OpenedDatabase) {
    this.kind = opened.kind;
    this.#opened = opened;
  }

  get #read(): Kysely<Database> {
    assert(this.#closing === null, 'the store is closed');
    return this.#opened.reader;
  }

  async secret(): Promise<string> {
    const value = randomBytes(32).toString('hex');
    await this.#writing((db) =>
      db
        .insertInto('settings')
        .values({ name: 'secret', value })
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
    const row = await this.#read
      .selectFrom('settings')
      .select('value')
      .where('name', '=', 'secret')
      .executeTakeFirstOrThrow();
    return row.value;
  }

  async openWork(): Promise<OpenWork> {
    const jobs = await this.#selectJobs()
      .where('running', '=', true)
      .orderBy('created_at_ms')
      .orderBy('id')
      .execute();
    const shards = await this.#selectShards()
      .innerJoin('jobs', 'jobs.id', 'shards.job')
      .where('jobs.running', '=', true)
      .where('shards.sequence', 'is', null)
      .orderBy('jobs.created_at_ms')
      .orderBy('jobs.id')
      .orderBy('shards.index')
      .execute();
    const assignments = await this.#selectAssignments()
      .innerJoin('shards', 'shards.id', 'assignments.shard')
      .innerJoin('jobs', 'jobs.id', 'shards.job')
      .where('jobs.running', '=', true)
      .where('shards.sequence', 'is', null)
      .execute();
    return {
      jobs: jobs.map(jobFrom),
      shards: shards.map(shardFrom),
      assignments: inOrderGranted(assignments.map(assignmentFrom)),
    };
  }

  async commit(changes: Changes): Promise<void> {
    await this.#writing((db) => writeChanges(db, changes));
    await this.#opened.afterCommit(rowsOf(changes));
  }

  async forgetHours(beforeMs: number): Promise<void> {
    await this.#writing((db) => forgetHoursStatement(beforeMs).execute(db));
  }

  async posting(author: KeyId, idempotencyKey: string): Promise<PostingKey | null> {
    const row = await this.#read
      .selectFrom('postings')
      .select(['job', 'spec_digest'])
      .where('author', '=', author)
      .where('key_hash', '=', hashOfKey(idempotencyKey))
      .executeTakeFirst();
    if (row === undefined) return null;
    return { author, idempotencyKey, job: row.job, specDigest: row.spec_digest };
  }

  async job(id: JobId): Promise<Job | null> {
    const row = await this.#selectJobs().where('id', '=', id).executeTakeFirst();
    return row ? jobFrom(row) : null;
  }

  async jobs(author: KeyId | null, cursor: string | null, limit: number): Promise<Page<Job>> {
    const after = parseCursor(cursor);
    let query = this.#selectJobs()
      .orderBy('created_at_ms', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1);
    if (author !== null) query = query.where('author', '=', author);
    if (after !== null) {
      query = query.where(sql<boolean>`(created_at_ms, id) < (${after.atMs}::bigint, ${after.id})`);
    }
    const jobs = (await query.execute()).map(jobFrom);
    return pageOf(jobs, limit, ({ createdAtMs, id }) => ({ atMs: createdAtMs, id }));
  }

  async endedShards(job: JobId, after: number, limit: number): Promise<readonly EndedShard[]> {
    const rows = await this.#selectShards()
      .select('shards.sequence')
      .where('shards.job', '=', job)
      .where('shards.sequence', 'is not', null)
      .where('shards.sequence', '>', after)
      .orderBy('shards.sequence')
      .limit(limit)
      .execute();
    return rows.map((row) => ({ shard: shardFrom(row), sequence: row.sequence! }));
  }

  async shard(id: ShardId): Promise<Shard | null> {
    const row = await this.#selectShards().where('shards.id', '=', id).executeTakeFirst();
    return row ? shardFrom(row) : null;
  }

  async assignmentsOf(shard: ShardId): Promise<readonly Assignment[]> {
    const rows = await this.#selectAssignments().where('assignments.shard', '=', shard).execute();
    return inOrderGranted(rows.map(assignmentFrom));
  }

  async assignment(id: AssignmentId): Promise<Assignment | null> {
    const row = await this.#selectAssignments().where('assignments.id', '=', id).executeTakeFirst();
    return row ? assignmentFrom(row) : null;
  }

  async output(shard: ShardId, digest: BlobDigest): Promise<Uint8Array | null> {
    const row = await this.#read
      .selectFrom('outputs')
      .select('body')
      .where('shard', '=', shard)
      .where('digest', '=', digest)
      .executeTakeFirst();
    return row ? plainBytes(row.body) : null;
  }

  async calibrations(): Promise<readonly Calibration[]> {
    return this.#records<Calibration>('calibrations');
  }

  async engineClasses(): Promise<readonly ClassRecord[]> {
    return this.#records<ClassRecord>('engine_classes');
  }

  logSize(): Promise<number> {
    return storedLogSize(this.#read);
  }

  logged(first: number): Promise<readonly Uint8Array[]> {
    return storedEntries(this.#read, first);
  }

  get ledger(): LedgerReads {
    return new StoredLedger(this.#read);
  }

  async contributor(id: ContributorId): Promise<Contributor | null> {
    const row = await this.#selectContributors().where('id', '=', id).executeTakeFirst();
    return row ? contributorFrom(row) : null;
  }

  async credits(
    contributor: ContributorId,
    cursor: string | null,
    limit: number,
  ): Promise<Page<CreditEntry>> {
    const after = parseCursor(cursor);
    let query = this.#read
      .selectFrom('credits')
      .select(['contributor', 'shard', asText('micro_credits').as('microCredits')])
      .select(asText('record').as('record'))
      .where('contributor', '=', contributor)
      .orderBy('at_ms', 'desc')
      .orderBy(sql`shard || part`, 'desc')
      .limit(limit + 1);
    if (after !== null) {
      query = query.where(
        sql<boolean>`(at_ms, shard || part) < (${after.atMs}::bigint, ${after.id})`,
      );
    }
    const credits = (await query.execute()).map(creditFrom);
    return pageOf(credits, limit, placeOfCredit);
  }

  creditsOfShard(shard: ShardId): Promise<readonly CreditEntry[]> {
    return storedCreditsOfShard(this.#read, shard);
  }

  refusals(
    contributor: ContributorId,
    cursor: string | null,
    limit: number,
  ): Promise<Page<RefusalEntry>> {
    return storedRefusals(this.#read, contributor, cursor, limit);
  }

  async leaders(limit: number): Promise<readonly Contributor[]> {
    const rows = await this.#selectContributors()
      .orderBy('micro_credits', 'desc')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(contributorFrom);
  }

  async addKey(key: ApiKey): Promise<void> {
    const record = toJson({ name: key.name, isPrepaid: key.isPrepaid });
    const times = { created_at_ms: key.createdAtMs, revoked_at_ms: key.revokedAtMs };
    const row = { id: key.id, hash: key.hash, ...times, record };
    await this.#writing((db) => db.insertInto('api_keys').values(row).execute());
  }

  async keys(): Promise<readonly ApiKey[]> {
    const rows = await selectKeys(this.#read).orderBy('created_at_ms').orderBy('id').execute();
    return rows.map(keyFrom);
  }

  async keyByHash(hash: string): Promise<ApiKey | null> {
    const row = await selectKeys(this.#read).where('hash', '=', hash).executeTakeFirst();
    return row ? keyFrom(row) : null;
  }

  async revokeKey(id: KeyId, atMs: number): Promise<boolean> {
    const revoked = await this.#writing((db) =>
      db
        .updateTable('api_keys')
        .set({ revoked_at_ms: atMs })
        .where('id', '=', id)
        .where('revoked_at_ms', 'is', null)
        .returning('id')
        .execute(),
    );
    return revoked.length > 0;
  }

  onLost(listener: (reason: Error) => void): void {
    this.#opened.onLost(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#opened.close();
    return this.#closing;
  }

  /** Everything that is written goes through here. A failure that a lost hold explains is told as that. */
  async #writing<T>(write: (db: Kysely<Database>) => Promise<T>): Promise<T> {
    assert(this.#closing === null, 'the store is closed');
    // One look at the hold may take longer than the next: the order of writes is that in which they were asked for.
    const held = this.#looks.then(() => this.#opened.assertHeld());
    this.#looks = held.catch(() => undefined);
    await held;
    try {
      return await write(this.#opened.writer);
    } catch (thrown) {
      await this.#opened.assertHeld();
      throw thrown;
    }
  }

  /** Of what is written beside commits. */
  async #writingOne<T>(write: (db: Kysely<Database>) => Promise<T>): Promise<T> {
    const written = await this.#writing(write);
    await this.#opened.afterCommit(1);
    return written;
  }

  async #records<T>(table: 'calibrations' | 'engine_classes'): Promise<T[]> {
    const column = asText('record').as('record');
    const rows = await this.#read.selectFrom(table).select(column).orderBy('id').execute();
    return rows.map(({ record }) => fromJson<T>(record));
  }

  #selectJobs() {
    const columns = [asText('record').as('record'), asText('progress').as('progress')] as const;
    return this.#read.selectFrom('jobs').select(columns);
  }

  #selectShards() {
    return this.#read
      .selectFrom('shards')
      .select(['shards.id', 'shards.job', 'shards.index', 'shards.items'])
      .select(asText('shards.state').as('state'));
  }

  #selectAssignments() {
    return this.#read
      .selectFrom('assignments')
      .select(['assignments.id', 'assignments.shard'])
      .select(asText('assignments.record').as('record'));
  }

  #selectContributors() {
    return this.#read
      .selectFrom('contributors')
      .select(['id', asText('micro_credits').as('microCredits'), asText('record').as('record')]);
  }
}

function inOrderGranted(assignments: Assignment[]): Assignment[] {
  return assignments.sort(
    (a, b) => a.grantedAtMs - b.grantedAtMs || (a.id < b.id ? -1 : Number(a.id > b.id)),
  );
}

const rowsOf = (changes: Changes): number =>
  Object.values<readonly unknown[]>({ ...changes }).reduce((rows, list) => rows + list.length, 0);
