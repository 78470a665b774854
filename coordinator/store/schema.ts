/**
 * The tables as Kysely sees them, column for column what `migrations.ts` makes.
 *
 * Keys and whatever a query filters or sorts by are columns; the rest of a record is JSON, read as text and
 * decoded by `storedRecords.ts`, so that both drivers give the same.
 */
import type { ColumnType, Generated } from 'kysely';
import type {
  AssignmentId,
  BlobDigest,
  ContributorId,
  JobId,
  KeyId,
  ShardId,
  SiteId,
  TeamId,
} from '../../shared/ids.ts';
import type { Account } from '../../shared/ledger.ts';
import type { AuthorRecordKind } from './authorRecords.ts';

/** bigint and numeric: drivers disagree about how they read them, so a query asks for text. */
type Wide = ColumnType<
  string | number | bigint,
  string | number | bigint,
  string | number | bigint
>;

interface WorkTable {
  device: ContributorId;
  at_ms: Wide;
  /** In whose history it counts. */
  account: ContributorId;
  shards: Wide;
  items: Wide;
  micro_credits: Wide;
  refused: Wide;
}

export interface Database {
  idlewave_schema: { version: number; applied_at: Generated<Date> };
  settings: { name: string; value: string };
  jobs: {
    id: JobId;
    author: KeyId;
    created_at_ms: Wide;
    running: boolean;
    record: string;
    progress: string;
    /** `dueMs` (core/results.ts). */
    results_due_ms: Wide | null;
    /** JSON array: `blobsNamed` (core/results.ts). */
    blobs: string;
  };
  postings: { author: KeyId; key_hash: string; job: JobId; spec_digest: BlobDigest };
  shards: {
    id: ShardId;
    job: JobId;
    index: number;
    items: number;
    /** Null while the shard is open or with the referee. */
    sequence: number | null;
    state: string;
  };
  assignments: { id: AssignmentId; shard: ShardId; record: string };
  contributors: { id: ContributorId; micro_credits: Wide; record: string };
  credits: {
    contributor: ContributorId;
    shard: ShardId;
    /** `partOf` (store.ts). */
    part: string;
    at_ms: Wide;
    micro_credits: Wide;
    record: string;
  };
  accounts: { id: Account; micro_credits: Wide };
  /** One row for each account that lists it; `id` is `movementId` (core/ledger.ts). */
  movements: { account: Account; id: string; log_index: Wide; fact: string };
  /** What contributors had earned when accounts were made. */
  unlogged_credit: { account: Account; micro_credits: Wide };
  /** Of a device (a key, by the contributor that it is by itself) in one hour or day; `at_ms` is when that begins. */
  work_hours: WorkTable;
  work_days: WorkTable;
  refusals: { assignment: AssignmentId; contributor: ContributorId; at_ms: Wide; record: string };
  /** `account` is that of `state`, to be found by. */
  devices: { id: ContributorId; account: ContributorId; state: string };
  teams: { id: TeamId; record: string };
  sites: { id: SiteId; record: string };
  /** `day` as in `2026-11-22`. */
  site_days: { site: SiteId; day: string; micro_credits: Wide; credits: number };
  /** JSON text: a name may hold what PostgreSQL's `text` refuses. */
  display_names: { contributor: ContributorId; name: string };
  calibrations: { id: string; record: string };
  engine_classes: { id: string; record: string };
  /** `entries` of a row: `encodeBundle` of `count` of them. */
  log_entries: { first: Wide; count: number; entries: Uint8Array };
  outputs: { shard: ShardId; digest: BlobDigest; body: Uint8Array };
  author_records: {
    kind: AuthorRecordKind;
    id: string;
    author: KeyId;
    created_at_ms: Wide;
    record: string;
    /** JSON array: `blobsOfRecord` (blobNames.ts). */
    blobs: Generated<string>;
  };
  api_keys: {
    id: KeyId;
    hash: string;
    created_at_ms: Wide;
    revoked_at_ms: Wide | null;
    record: string;
  };
}
