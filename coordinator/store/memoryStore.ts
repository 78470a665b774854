/**
 * A store in memory, for tests, the simulator and demonstrations: the whole port, nothing durable.
 *
 * The data outlives the store (`MemoryData`), so that a restart of a coordinator can be played. A commit
 * checks everything first and only then writes: it cannot fail half way.
 */
import { randomBytes } from 'node:crypto';
import type {
  AssignmentId,
  BlobDigest,
  ContributorId,
  JobId,
  KeyId,
  ShardId,
} from '../../shared/ids.ts';
import { ISSUANCE, type Account } from '../../shared/ledger.ts';
import { MAX_KEPT_REFUSALS } from '../../shared/limits.ts';
import { assert } from '../../shared/result.ts';
import { hasEnded } from '../core/job.ts';
import type { Calibration } from '../core/calibration.ts';
import type { ClassRecord } from '../core/classes.ts';
import { movementId, ownersOf } from '../core/ledger.ts';
import type { RefusalEntry } from '../core/refusals.ts';
import { inOrder } from './storedReceipts.ts';
import { calibrationId, classId, placeOfCredit, placeOfRefusal, StoreHeldError } from './store.ts';
import type {
  ApiKey,
  Changes,
  EndedShard,
  LedgerReads,
  LoggedMovement,
  OpenWork,
  Page,
  PostingKey,
  Store,
} from './store.ts';
import type { Assignment, Contributor, CreditEntry, Device, Job, Shard } from '../core/state.ts';
import type { AccountReads } from './accountReads.ts';
import type { AuthorRecords } from './authorRecords.ts';
import type { CommunityReads } from './communityReads.ts';
import { listed, newestFirst, type Place } from './cursor.ts';
import type { HistoryReads } from './historyReads.ts';
import { memoryAccounts } from './memoryAccounts.ts';
import { addEvents, memoryAuthorRecords, type MemoryAuthorRecords } from './memoryAuthorRecords.ts';
import { MemoryCommunities, memoryCommunities } from './memoryCommunities.ts';
import { MemoryWork, memoryHistory } from './memoryHistory.ts';
import { MemoryLedger } from './memoryLedger.ts';
import { memoryRetention } from './memoryRetention.ts';
import type { RetentionRecords } from './retentionRecords.ts';

/** What a disk would hold. */
export class MemoryData {
  held = false;
  readonly secret = randomBytes(32).toString('hex');
  readonly jobs = new Map<JobId, Job>();
  readonly shards = new Map<ShardId, Shard>();
  readonly shardsOfJob = new Map<JobId, Set<ShardId>>();
  readonly assignments = new Map<AssignmentId, Assignment>();
  readonly assignmentsOfShard = new Map<ShardId, Set<AssignmentId>>();
  readonly contributors = new Map<ContributorId, Contributor>();
  /** By shard and part. */
  readonly credits = new Map<ContributorId, Map<string, CreditEntry>>();
  readonly refusals = new Map<ContributorId, Map<AssignmentId, RefusalEntry>>();
  readonly calibrations = new Map<string, Calibration>();
  readonly engineClasses = new Map<string, ClassRecord>();
  readonly outputs = new Map<ShardId, Map<BlobDigest, Uint8Array>>();
  /** By author and idempotency key. */
  readonly postings = new Map<string, PostingKey>();
  readonly balances = new Map<Account, bigint>();
  readonly movements = new Map<Account, Map<string, LoggedMovement>>();
  readonly keys = new Map<KeyId, ApiKey>();
  readonly devices = new Map<ContributorId, Device>();
  readonly names = new Map<ContributorId, string>();
  readonly work = new MemoryWork();
  readonly communities = new MemoryCommunities();
  readonly authorRecords: MemoryAuthorRecords = new Map();
  readonly log: Uint8Array[] = [];
}

/** Throws `StoreHeldError` while another store has the same data open. */
export function openMemoryStore(data: MemoryData = new MemoryData()): Promise<Store> {
  if (data.held) {
    return Promise.reject(
      new StoreHeldError('this memory is held by another store: close it first'),
    );
  }
  data.held = true;
  return Promise.resolve(new MemoryStore(data));
}

class MemoryStore implements Store {
  readonly kind = 'memory';
  readonly accounts: AccountReads = memoryAccounts(() => this.#data);
  readonly history: HistoryReads = memoryHistory(() => this.#data);
  readonly communities: CommunityReads = memoryCommunities(() => this.#data.communities);
  readonly authorRecords: AuthorRecords = memoryAuthorRecords(() => this.#data.authorRecords);
  readonly retention: RetentionRecords = memoryRetention(() => this.#data);
  readonly #held: MemoryData;
  #closed = false;

  constructor(data: MemoryData) {
    this.#held = data;
  }

  get #data(): MemoryData {
    assert(!this.#closed, 'the store is closed');
    return this.#held;
  }

  async secret(): Promise<string> {
    return this.#data.secret;
  }

  async openWork(): Promise<OpenWork> {
    const jobs = [...this.#data.jobs.values()]
      .filter(({ state }) => state.kind === 'running')
      .sort((a, b) => newestFirst(placeOfJob(b), placeOfJob(a)));
    const shards = jobs.flatMap(({ id }) => this.#shardsOf(id)).filter((shard) => !hasEnded(shard));
    return { jobs, shards, assignments: shards.flatMap(({ id }) => this.#assignmentsOf(id)) };
  }

  async commit(changes: Changes): Promise<void> {
    const data = this.#data;
    for (const { microCredits } of changes.credits) {
      assert(microCredits >= 0n, 'a credit is never negative');
    }
    for (const { account, microCredits } of changes.balances) {
      assert(microCredits >= 0n || account === ISSUANCE, `${account} is never below zero`);
    }
    for (const job of changes.jobs) data.jobs.set(job.id, job);
    for (const shard of changes.shards) this.#putShard(shard);
    for (const assignment of changes.assignments) {
      data.assignments.set(assignment.id, assignment);
      entry(data.assignmentsOfShard, assignment.shard, () => new Set()).add(assignment.id);
    }
    for (const contributor of changes.contributors) {
      data.contributors.set(contributor.id, contributor);
    }
    for (const device of changes.devices) data.devices.set(device.id, device);
    for (const { contributor, name } of changes.names) {
      if (name === null) data.names.delete(contributor);
      else data.names.set(contributor, name);
    }
    data.communities.commit(changes);
    for (const credit of changes.credits) {
      const ofContributor = entry(data.credits, credit.contributor, () => new Map());
      const key = placeOfCredit(credit).id;
      if (ofContributor.has(key)) continue;
      ofContributor.set(key, credit);
      data.work.credited(credit);
    }
    for (const entered of changes.movements) {
      const id = movementId(entered.movement);
      for (const account of ownersOf(entered.movement)) {
        const ofAccount = entry(data.movements, account, () => new Map());
        if (!ofAccount.has(id)) ofAccount.set(id, entered);
      }
    }
    for (const { account, microCredits } of changes.balances) {
      data.balances.set(account, microCredits);
    }
    for (const posting of changes.postings) {
      const key = JSON.stringify([posting.author, posting.idempotencyKey]);
      if (!data.postings.has(key)) data.postings.set(key, posting);
    }
    for (const id of new Set(changes.refusals.map(({ contributor }) => contributor))) {
      const kept = data.refusals.get(id) ?? new Map<AssignmentId, RefusalEntry>();
      const newest = [...kept.values()].sort((a, b) =>
        newestFirst(placeOfRefusal(a), placeOfRefusal(b)),
      );
      for (const { assignment } of newest.slice(MAX_KEPT_REFUSALS)) kept.delete(assignment);
    }
    for (const refusal of changes.refusals) {
      const ofContributor = entry(data.refusals, refusal.contributor, () => new Map());
      if (ofContributor.has(refusal.assignment)) continue;
      ofContributor.set(refusal.assignment, refusal);
      data.work.refused(refusal);
    }
    addEvents(data.authorRecords, changes.events);
    for (const heir of changes.heirs) data.work.move(heir);
    for (const record of changes.calibrations) {
      data.calibrations.set(calibrationId(record), record);
    }
    for (const record of changes.engineClasses) data.engineClasses.set(classId(record), record);
    for (const id of changes.droppedClasses) data.engineClasses.delete(id);
    for (const { shard, digest, bytes } of changes.outputs) {
      const ofShard = entry(data.outputs, shard, () => new Map());
      // A copy: the bytes may be a view of a whole network frame.
      if (!ofShard.has(digest)) ofShard.set(digest, Uint8Array.from(bytes));
    }
    for (const { shard, keep } of changes.prunedOutputs) {
      const ofShard = data.outputs.get(shard);
      for (const digest of ofShard?.keys() ?? []) if (digest !== keep) ofShard?.delete(digest);
    }
    for (const { first, entries } of changes.logged) {
      if (first === data.log.length) data.log.push(...entries);
    }
  }

  async forgetHours(beforeMs: number): Promise<void> {
    this.#data.work.forgetHours(beforeMs);
  }

  async posting(author: KeyId, idempotencyKey: string): Promise<PostingKey | null> {
    return this.#data.postings.get(JSON.stringify([author, idempotencyKey])) ?? null;
  }

  async job(id: JobId): Promise<Job | null> {
    return this.#data.jobs.get(id) ?? null;
  }

  async jobs(author: KeyId | null, cursor: string | null, limit: number): Promise<Page<Job>> {
    const jobs = [...this.#data.jobs.values()].filter(
      (job) => author === null || job.author === author,
    );
    return listed(jobs, cursor, limit, placeOfJob);
  }

  async endedShards(job: JobId, after: number, limit: number): Promise<readonly EndedShard[]> {
    return this.#shardsOf(job)
      .flatMap((shard) =>
        'sequence' in shard.state ? [{ shard, sequence: shard.state.sequence }] : [],
      )
      .filter(({ sequence }) => sequence > after)
      .sort((a, b) => a.sequence - b.sequence)
      .slice(0, limit);
  }

  async shard(id: ShardId): Promise<Shard | null> {
    return this.#data.shards.get(id) ?? null;
  }

  async assignmentsOf(shard: ShardId): Promise<readonly Assignment[]> {
    return this.#assignmentsOf(shard);
  }

  async assignment(id: AssignmentId): Promise<Assignment | null> {
    return this.#data.assignments.get(id) ?? null;
  }

  async output(shard: ShardId, digest: BlobDigest): Promise<Uint8Array | null> {
    return this.#data.outputs.get(shard)?.get(digest)?.slice() ?? null;
  }

  async calibrations(): Promise<readonly Calibration[]> {
    return byIdInOrder(this.#data.calibrations);
  }

  async engineClasses(): Promise<readonly ClassRecord[]> {
    return byIdInOrder(this.#data.engineClasses);
  }

  async logSize(): Promise<number> {
    return this.#data.log.length;
  }

  async logged(first: number): Promise<readonly Uint8Array[]> {
    return this.#data.log.slice(first);
  }

  get ledger(): LedgerReads {
    return new MemoryLedger(this.#data);
  }

  async contributor(id: ContributorId): Promise<Contributor | null> {
    return this.#data.contributors.get(id) ?? null;
  }

  async credits(
    contributor: ContributorId,
    cursor: string | null,
    limit: number,
  ): Promise<Page<CreditEntry>> {
    const credits = [...(this.#data.credits.get(contributor)?.values() ?? [])];
    return listed(credits, cursor, limit, placeOfCredit);
  }

  async creditsOfShard(shard: ShardId): Promise<readonly CreditEntry[]> {
    const all = [...this.#data.credits.values()].flatMap((credits) => [...credits.values()]);
    return inOrder(all.filter((credit) => credit.shard === shard));
  }

  async refusals(
    contributor: ContributorId,
    cursor: string | null,
    limit: number,
  ): Promise<Page<RefusalEntry>> {
    const refusals = [...(this.#data.refusals.get(contributor)?.values() ?? [])];
    return listed(refusals, cursor, limit, placeOfRefusal);
  }

  async leaders(limit: number): Promise<readonly Contributor[]> {
    return [...this.#data.contributors.values()]
      .sort((a, b) =>
        a.microCredits === b.microCredits
          ? Number(a.id > b.id) - Number(a.id < b.id)
          : a.microCredits < b.microCredits
            ? 1
            : -1,
      )
      .slice(0, limit);
  }

  async addKey(key: ApiKey): Promise<void> {
    const { keys } = this.#data;
    assert(!keys.has(key.id), `addKey: ${key.id} is there already`);
    assert(![...keys.values()].some(({ hash }) => hash === key.hash), 'addKey: hash is known');
    keys.set(key.id, key);
  }

  async keys(): Promise<readonly ApiKey[]> {
    return [...this.#data.keys.values()].sort((a, b) =>
      newestFirst({ atMs: b.createdAtMs, id: b.id }, { atMs: a.createdAtMs, id: a.id }),
    );
  }

  async keyByHash(hash: string): Promise<ApiKey | null> {
    return [...this.#data.keys.values()].find((key) => key.hash === hash) ?? null;
  }

  async revokeKey(id: KeyId, atMs: number): Promise<boolean> {
    const key = this.#data.keys.get(id);
    if (key === undefined || key.revokedAtMs !== null) return false;
    this.#data.keys.set(id, { ...key, revokedAtMs: atMs });
    return true;
  }

  /** Memory is not lost while the process lives. */
  onLost(): void {}

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#held.held = false;
  }

  #putShard(shard: Shard): void {
    this.#data.shards.set(shard.id, shard);
    entry(this.#data.shardsOfJob, shard.job, () => new Set()).add(shard.id);
  }

  /** In the order of their index. */
  #shardsOf(job: JobId): Shard[] {
    const ids = [...(this.#data.shardsOfJob.get(job) ?? [])];
    return ids.map((id) => this.#data.shards.get(id)!).sort((a, b) => a.index - b.index);
  }

  #assignmentsOf(shard: ShardId): Assignment[] {
    const ids = [...(this.#data.assignmentsOfShard.get(shard) ?? [])];
    return ids
      .map((id) => this.#data.assignments.get(id)!)
      .sort((a, b) => newestFirst(placeOfAssignment(b), placeOfAssignment(a)));
  }
}

const placeOfJob = ({ createdAtMs, id }: Job): Place => ({ atMs: createdAtMs, id });
const placeOfAssignment = ({ grantedAtMs, id }: Assignment): Place => ({ atMs: grantedAtMs, id });

const byIdInOrder = <T>(byId: ReadonlyMap<string, T>): T[] =>
  [...byId].sort(([a], [b]) => Number(a > b) - Number(a < b)).map(([, record]) => record);

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
