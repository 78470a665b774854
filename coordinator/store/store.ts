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
  SiteId,
  TeamId,
} from '../../shared/ids.ts';
import type { Calibration } from '../core/calibration.ts';
import type { ClassRecord } from '../core/classes.ts';
import type { Account } from '../../shared/ledger.ts';
import type { Movement } from '../core/ledger.ts';
import type { RefusalEntry } from '../core/refusals.ts';
import type { Assignment, Contributor, CreditEntry, Device, Job, Shard } from '../core/state.ts';
import type { Site, SiteDay } from '../core/site.ts';
import type { Team } from '../core/team.ts';
import type { AccountReads, DisplayName } from './accountReads.ts';
import type { AuthorRecord, AuthorRecords } from './authorRecords.ts';
import type { CommunityReads } from './communityReads.ts';
import type { Heir, HistoryReads } from './historyReads.ts';
import type { RetentionRecords } from './retentionRecords.ts';

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

/** A movement with its number in the public log. */
export interface LoggedMovement {
  readonly movement: Movement;
  readonly logIndex: number;
}

export interface Balance {
  readonly account: Account;
  readonly microCredits: bigint;
}

/** What makes posting a job twice harmless. */
export interface PostingKey {
  readonly author: KeyId;
  readonly idempotencyKey: string;
  readonly job: JobId;
  /** Digest of the specification as posted. */
  readonly specDigest: BlobDigest;
}

/**
 * Everything one tick of the engine changed. Records are whole and replace what is there (by id);
 * credits, refusals and outputs are only ever added, and to histories of work (`historyReads.ts`) with them. Sending the same change twice leaves the same state.
 */
export interface Changes {
  readonly jobs: readonly Job[];
  readonly shards: readonly Shard[];
  readonly assignments: readonly Assignment[];
  readonly contributors: readonly Contributor[];
  /** Unique by (shard, contributor): a second one for the pair is not added. */
  readonly credits: readonly CreditEntry[];
  /** Unique by account and `movementId`. */
  readonly movements: readonly LoggedMovement[];
  /** Of every account that a credit or movement of this commit changed, as it is after it. */
  readonly balances: readonly Balance[];
  /** Unique by author and key: the first stands. */
  readonly postings: readonly PostingKey[];
  /** Unique by assignment; the newest `MAX_KEPT_REFUSALS` of a contributor are kept, and those of its last commit. */
  readonly refusals: readonly RefusalEntry[];
  /** What is to be told of what this commit ends. Unique by id: the first stands. */
  readonly events: readonly AuthorRecord<'openEvent'>[];
  readonly outputs: readonly StoredOutput[];
  /** In order, and behind what the same commit enters. */
  readonly heirs: readonly Heir[];
  readonly devices: readonly Device[];
  /** Of one contributor each. */
  readonly names: readonly DisplayName[];
  readonly teams: readonly Team[];
  /** Those that are forgotten; none of them is in `teams`, and so with sites. */
  readonly droppedTeams: readonly TeamId[];
  readonly sites: readonly Site[];
  readonly droppedSites: readonly SiteId[];
  /** As the day is after it: each replaces the one of its site and day. */
  readonly siteDays: readonly SiteDay[];
  /** Of one program and pair of engine classes each (`calibrationId`). */
  readonly calibrations: readonly Calibration[];
  /** Of one program and engine class each (`classId`). */
  readonly engineClasses: readonly ClassRecord[];
  /** Ids (`classId`) of those that are forgotten; none of them is in `engineClasses`. */
  readonly droppedClasses: readonly string[];
  /** Shards, each once, whose outputs other than `keep` are no longer needed; `keep` null drops all. */
  readonly prunedOutputs: readonly { readonly shard: ShardId; readonly keep: BlobDigest | null }[];
  /** At most one: what begins at a number that is there already is not added. */
  readonly logged: readonly LoggedEntries[];
}

/** Where a movement stands in the listing of an account: no two have one entry of the log. */
export const placeOfMovement = ({
  logIndex,
}: LoggedMovement): { readonly atMs: number; readonly id: string } => ({
  atMs: logIndex,
  id: 'entry',
});

/** Where refused work stands in its contributor's listing. */
export const placeOfRefusal = ({
  atMs,
  assignment,
}: RefusalEntry): { readonly atMs: number; readonly id: string } => ({ atMs, id: assignment });

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
  /** Its jobs are paid from its balance; what others lack the network grants. */
  readonly isPrepaid: boolean;
  readonly createdAtMs: number;
  readonly revokedAtMs: number | null;
}

/** A settled or failed shard of a job, in the order of `sequence`. */
export interface EndedShard {
  readonly shard: Shard;
  readonly sequence: number;
}

/** What can be read of accounts; `commit` writes them. */
export interface LedgerReads {
  /** Zero for one that was never used. */
  balance(account: Account): Promise<bigint>;
  /** In the order of their accounts, behind `after`, and how many entries the public log had then. */
  balances(
    after: string | null,
    limit: number,
  ): Promise<{ readonly logSize: number; readonly rows: readonly Balance[] }>;
  /** Everything but credit for work that changed the account; newest first. */
  movements(account: Account, cursor: string | null, limit: number): Promise<Page<LoggedMovement>>;
  /** By its `movementId`. */
  movement(account: Account, id: string): Promise<LoggedMovement | null>;
  /** Credit that contributors had before there was a ledger, and that no movement has opened yet. */
  unlogged(): Promise<readonly Balance[]>;
}

export interface Store {
  /** For logs and `/readyz`: `memory`, `pglite`, `postgres`. */
  readonly kind: string;

  /** Secret of this coordinator (32 bytes, hex), made at the first start and kept. */
  secret(): Promise<string>;
  openWork(): Promise<OpenWork>;
  /** All or nothing, and durable when it resolves. */
  commit(changes: Changes): Promise<void>;

  /** Null where the author posted nothing under this key. */
  posting(author: KeyId, idempotencyKey: string): Promise<PostingKey | null>;
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
  /** Of all contributors, in the order of their and their assignments' ids. */
  creditsOfShard(shard: ShardId): Promise<readonly CreditEntry[]>;
  /** Newest first. */
  refusals(
    contributor: ContributorId,
    cursor: string | null,
    limit: number,
  ): Promise<Page<RefusalEntry>>;
  /** Contributors by credit, highest first. */
  leaders(limit: number): Promise<readonly Contributor[]>;

  readonly ledger: LedgerReads;
  readonly accounts: AccountReads;
  readonly history: HistoryReads;
  /** Hours of work that begin before are forgotten; days stay. */
  forgetHours(beforeMs: number): Promise<void>;
  readonly communities: CommunityReads;
  readonly authorRecords: AuthorRecords;
  readonly retention: RetentionRecords;

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
