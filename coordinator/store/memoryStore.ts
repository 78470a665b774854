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
import { assert } from '../../shared/result.ts';
import { hasEnded } from '../core/job.ts';
import type { Calibration } from '../core/calibration.ts';
import type { ClassRecord } from '../core/classes.ts';
import type { Assignment, Contributor, CreditEntry, Job, Shard } from '../core/state.ts';
import { newestFirst, pageOf, parseCursor, type Place } from './cursor.ts';
import { calibrationId, classId, placeOfCredit, StoreHeldError } from './store.ts';
import type { ApiKey, Changes, EndedShard, JobPosting, OpenWork, Page, Store } from './store.ts';

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
  readonly calibrations = new Map<string, Calibration>();
  readonly engineClasses = new Map<string, ClassRecord>();
  readonly outputs = new Map<ShardId, Map<BlobDigest, Uint8Array>>();
  readonly postings = new Map<string, { job: JobId; specDigest: BlobDigest }>();
  readonly keys = new Map<KeyId, ApiKey>();
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
    for (const job of changes.jobs) data.jobs.set(job.id, job);
    for (const shard of changes.shards) this.#putShard(shard);
    for (const assignment of changes.assignments) {
      data.assignments.set(assignment.id, assignment);
      entry(data.assignmentsOfShard, assignment.shard, () => new Set()).add(assignment.id);
    }
    for (const contributor of changes.contributors) {
      data.contributors.set(contributor.id, contributor);
    }
    for (const credit of changes.credits) {
      const ofContributor = entry(data.credits, credit.contributor, () => new Map());
      const key = placeOfCredit(credit).id;
      if (!ofContributor.has(key)) ofContributor.set(key, credit);
    }
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

  async postJob(posting: JobPosting): ReturnType<Store['postJob']> {
    const data = this.#data;
    const { job, shards, idempotencyKey, specDigest } = posting;
    if (idempotencyKey !== null) {
      const key = JSON.stringify([job.author, idempotencyKey]);
      const known = data.postings.get(key);
      if (known !== undefined) {
        const sameSpec = known.specDigest === specDigest;
        return { kind: 'existing', job: known.job, sameSpec };
      }
      assert(!data.jobs.has(job.id), `postJob: ${job.id} is there already`);
      data.postings.set(key, { job: job.id, specDigest });
    }
    assert(!data.jobs.has(job.id), `postJob: ${job.id} is there already`);
    data.jobs.set(job.id, job);
    for (const shard of shards) this.#putShard(shard);
    return { kind: 'added' };
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
    return inOrder(this.#data.calibrations);
  }

  async engineClasses(): Promise<readonly ClassRecord[]> {
    return inOrder(this.#data.engineClasses);
  }

  async logSize(): Promise<number> {
    return this.#data.log.length;
  }

  async logged(first: number): Promise<readonly Uint8Array[]> {
    return this.#data.log.slice(first);
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

const inOrder = <T>(byId: ReadonlyMap<string, T>): T[] =>
  [...byId].sort(([a], [b]) => Number(a > b) - Number(a < b)).map(([, record]) => record);

function listed<T>(
  rows: readonly T[],
  cursor: string | null,
  limit: number,
  placeOf: (row: T) => Place,
): Page<T> {
  const after = parseCursor(cursor);
  const found = rows
    .filter((row) => after === null || newestFirst(after, placeOf(row)) < 0)
    .sort((a, b) => newestFirst(placeOf(a), placeOf(b)))
    .slice(0, limit + 1);
  return pageOf(found, limit, placeOf);
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
