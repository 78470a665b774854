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
} from '../../shared/ids.ts';

/** bigint and numeric: drivers disagree about how they read them, so a query asks for text. */
type Wide = ColumnType<
  string | number | bigint,
  string | number | bigint,
  string | number | bigint
>;

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
  calibrations: { id: string; record: string };
  engine_classes: { id: string; record: string };
  /** `entries` of a row: `encodeBundle` of `count` of them. */
  log_entries: { first: Wide; count: number; entries: Uint8Array };
  outputs: { shard: ShardId; digest: BlobDigest; body: Uint8Array };
  api_keys: {
    id: KeyId;
    hash: string;
    created_at_ms: Wide;
    revoked_at_ms: Wide | null;
    record: string;
  };
}
