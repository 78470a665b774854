/**
 * The store port: what the coordinator must never lose, in the coordinator's words.
 *
 * One store belongs to one coordinator process at a time: opening it takes an exclusive hold, so the engine
 * may keep open work in memory and write through. Every implementation passes `conformance.ts`.
 */
import type {
  AssignmentId,
  BlobDigest,
  ContributorId,
  JobId,
  KeyId,
  ShardId,
} from '../../shared/ids.ts';
import type { Calibration } from '../core/calibration.ts';
import type { ClassRecord } from '../core/classes.ts';
import type { Assignment, Contributor, CreditEntry, Job, Shard } from '../core/state.ts';

/** The outputs of one report or of the referee, as a safetensors file. */
export interface StoredOutput {
  readonly shard: ShardId;
  readonly digest: BlobDigest;
  readonly bytes: Uint8Array;
}

/** What a commit adds to the public log (`LogFact`s as bytes). Numbers go on without a gap. */
export interface LoggedEntries {
  /** The number of the first entry. */
  readonly first: number;
  readonly entries: readonly Uint8Array[];
}

/**
 * Everything one tick of the engine changed. Records are whole and replace what is there (by id);
 * credits and outputs are only ever added. Sending the same change twice leaves the same state.
 */
export interface Changes {
  readonly jobs: readonly Job[];
  readonly shards: readonly Shard[];
  readonly assignments: readonly Assignment[];
  readonly contributors: readonly Contributor[];
  /** Unique by (shard, contributor): a second one for the pair is not added. */
  readonly credits: readonly CreditEntry[];
  readonly outputs: readonly StoredOutput[];
  /** Of one program and pair of engine classes each (`calibrationId`). */
  readonly calibrations: readonly Calibration[];
  /** Of one program and engine class each (`classId`). */
  readonly engineClasses: readonly ClassRecord[];
  /** Ids (`classId`) of those that are forgotten; none of them is in `engineClasses`. */
  readonly droppedClasses: readonly string[];
  /** Shards whose outputs other than `keep` are no longer needed; `keep` null drops all. */
  readonly prunedOutputs: readonly { readonly shard: ShardId; readonly keep: BlobDigest | null }[];
  /** At most one: what begins at a number that is there already is not added. */
  readonly logged: readonly LoggedEntries[];
}

/** Of a calibration. */
export const calibrationId = ({ program, classes }: Calibration): string =>
  JSON.stringify([program, ...classes]);
/** Of an engine class on a program. */
/**
 * What a contributor may be credited for once of a shard: all of it, or each assignment of a stage. Behind the
 * shard it names the credit.
 */
export const partOf = ({ stage, assignment }: CreditEntry): string =>
  stage === undefined ? '' : assignment;

/** Where a credit stands in its contributor's listing. */
export const placeOfCredit = (
  credit: CreditEntry,
): { readonly atMs: number; readonly id: string } => ({
  atMs: credit.atMs,
  id: credit.shard + partOf(credit),
});

export const classId = ({ program, engineClass }: ClassRecord): string =>
  JSON.stringify([program, engineClass]);

/** What the engine takes up again at start. */
export interface OpenWork {
  readonly jobs: readonly Job[];
  /** Open and refereeing shards of the running jobs. */
  readonly shards: readonly Shard[];
  /** All assignments of those shards, of every state: who had a shard before matters. */
  readonly assignments: readonly Assignment[];
}

/** A new job, with what makes posting it twice harmless. */
export interface JobPosting {
  readonly job: Job;
  readonly shards: readonly Shard[];
  readonly idempotencyKey: string | null;
  /** Digest of the specification as posted. */
  readonly specDigest: BlobDigest;
}

export interface Page<T> {
  readonly rows: readonly T[];
  /** Where the next page begins; null at the end. */
  readonly next: string | null;
}

export interface ApiKey {
  readonly id: KeyId;
  readonly name: string;
  /** SHA-256 of the key, hex: the key itself is never stored. */
  readonly hash: string;
  readonly createdAtMs: number;
  readonly revokedAtMs: number | null;
}

/** A settled or failed shard of a job, in the order of `sequence`. */
export interface EndedShard {
  readonly shard: Shard;
  readonly sequence: number;
}

export interface Store {
  /** For logs and `/readyz`: `memory`, `pglite`, `postgres`. */
  readonly kind: string;

  /** Secret of this coordinator (32 bytes, hex), made at the first start and kept. */
  secret(): Promise<string>;
  openWork(): Promise<OpenWork>;
  /** All or nothing, and durable when it resolves. */
  commit(changes: Changes): Promise<void>;

  /**
   * Adds a job with its shards, all or nothing. Where (author, idempotency key) is known already nothing is
   * added: `existing` tells the job and whether the specification was the same.
   */
  postJob(
    posting: JobPosting,
  ): Promise<
    | { readonly kind: 'added' }
    | { readonly kind: 'existing'; readonly job: JobId; readonly sameSpec: boolean }
  >;
  job(id: JobId): Promise<Job | null>;
  /** Newest first; of one author, or of all where null. `cursor` is a `next` of an earlier page. */
  jobs(author: KeyId | null, cursor: string | null, limit: number): Promise<Page<Job>>;
  /** Ended shards with `sequence > after`, in order. */
  endedShards(job: JobId, after: number, limit: number): Promise<readonly EndedShard[]>;
  shard(id: ShardId): Promise<Shard | null>;
  /** In the order granted. */
  assignmentsOf(shard: ShardId): Promise<readonly Assignment[]>;
  /** One assignment of whatever state: for reports that come after their shard was forgotten. */
  assignment(id: AssignmentId): Promise<Assignment | null>;
  /** Null where it was never stored or has been pruned. */
  output(shard: ShardId, digest: BlobDigest): Promise<Uint8Array | null>;

  /** All of them, in the order of their ids. */
  calibrations(): Promise<readonly Calibration[]>;
  /** All of them, in the order of their ids. */
  engineClasses(): Promise<readonly ClassRecord[]>;

  contributor(id: ContributorId): Promise<Contributor | null>;
  /** Newest first. */
  credits(
    contributor: ContributorId,
    cursor: string | null,
    limit: number,
  ): Promise<Page<CreditEntry>>;
  /** Contributors by credit, highest first. */
  leaders(limit: number): Promise<readonly Contributor[]>;

  /** Entries of the public log. */
  logSize(): Promise<number>;
  /** Entries of the public log from this number on: some of them, at least one where there are any. */
  logged(first: number): Promise<readonly Uint8Array[]>;

  addKey(key: ApiKey): Promise<void>;
  keys(): Promise<readonly ApiKey[]>;
  keyByHash(hash: string): Promise<ApiKey | null>;
  /** True where the key was there and not yet revoked. */
  revokeKey(id: KeyId, atMs: number): Promise<boolean>;

  /**
   * Calls back once, with a `StoreLostError`, when the hold is lost while the store is open, or at once where
   * it is lost already. Every later write fails, so a coordinator can only stop: another one may hold the store.
   */
  onLost(listener: (reason: Error) => void): void;

  /** Waits for what was begun, then releases the hold. Twice is harmless. */
  close(): Promise<void>;
}

/** The store is held by another coordinator. */
export class StoreHeldError extends Error {
  override name = 'StoreHeldError';
}

/** The hold was lost while the store was open: nothing more can be written through it. */
export class StoreLostError extends Error {
  override name = 'StoreLostError';
}

/** The database was written by a newer version of the coordinator than this one. */
export class SchemaTooNewError extends Error {
  override name = 'SchemaTooNewError';
}

/** A cursor that no `next` of this listing can have been. */
export class BadCursorError extends Error {
  override name = 'BadCursorError';
}
