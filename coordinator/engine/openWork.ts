/**
 * The work that has not ended, in memory: jobs, shards, assignments, and the queues from which a host is
 * served. An index over committed records, rebuilt from the store at start; it decides nothing.
 */
import type { AssignmentId, JobId, KeyId, ShardId } from '../../shared/ids.ts';
import { assert } from '../../shared/result.ts';
import {
  JOB_RULES,
  SHARD_RULES,
  isBarring,
  refusalOf,
  type Candidate,
  type Refusal,
} from '../core/assign.ts';
import { hasEnded, isHeld, isPaused } from '../core/job.ts';
import { itemsOf, type ItemsOf } from '../core/lots.ts';
import type { ShardNeed } from '../core/replicate.ts';
import type { Assignment, AssignmentState, Job, Shard } from '../core/state.ts';
import { find, type ShardWork } from '../core/step.ts';
import { AuthorTurns } from './authorTurns.ts';

/** An assignment that is leased. */
type Lease = Assignment & { readonly state: Extract<AssignmentState, { kind: 'leased' }> };

/** A running job with its queues. */
export interface OpenJob {
  job: Job;
  itemsOf: ItemsOf;
  /**
   * Shards that want an assignment, grouped by who has one already: `''` for nobody, a contributor id for
   * that one alone, `MIXED` for several. A host looks only at groups that can serve it.
   */
  readonly wanting: Map<string, Set<ShardId>>;
}

/** The group of shards that nobody has. */
export const NOBODY = '';
const MIXED = '*';

export class OpenWork {
  readonly jobs = new Map<JobId, OpenJob>();
  readonly turns = new AuthorTurns();
  /** Oldest first. */
  readonly #jobsOf = new Map<KeyId, Set<JobId>>();
  readonly shards = new Map<ShardId, ShardWork>();
  readonly leased = new Set<AssignmentId>();
  readonly #shardOf = new Map<AssignmentId, ShardId>();
  /** Where each wanting shard stands in its job's queues. */
  readonly #groupOf = new Map<ShardId, string>();

  addJob(job: Job): void {
    this.jobs.set(job.id, { job, itemsOf: itemsOf(job), wanting: new Map() });
    const own = this.#jobsOf.get(job.author) ?? new Set();
    this.#jobsOf.set(job.author, own.add(job.id));
    this.turns.jobCame(job);
  }

  /** Replaces a job's record; a job that has ended is forgotten with all its shards. */
  putJob(job: Job): void {
    const open = this.jobs.get(job.id);
    assert(open !== undefined, `putJob: ${job.id} is not open`);
    if (job.added !== open.job.added) open.itemsOf = itemsOf(job);
    open.job = job;
    if (job.state.kind === 'running') return;
    for (const [id, work] of this.shards) if (work.shard.job === job.id) this.#forget(id, work);
    this.jobs.delete(job.id);
    const own = this.#jobsOf.get(job.author);
    own?.delete(job.id);
    if (own?.size === 0) this.#jobsOf.delete(job.author);
    this.turns.jobWent(job);
  }

  /** Replaces a shard's records, and puts it into the queue that its need says. */
  putShard(work: ShardWork, need: ShardNeed): void {
    const { id, job } = work.shard;
    if (hasEnded(work.shard)) return this.#forget(id, work);
    this.shards.set(id, work);
    for (const { id: assignment, state } of work.assignments) {
      this.#shardOf.set(assignment, id);
      if (state.kind === 'leased') this.leased.add(assignment);
      else this.leased.delete(assignment);
    }
    this.#unqueue(id, job);
    if (need.kind === 'assignments') this.#queue(id, job, groupOf(work.assignments));
  }

  /** Living leases of a host, whatever link it had them over. */
  leasesOf({ contributor, host }: Pick<Assignment, 'contributor' | 'host'>): Lease[] {
    return [...this.leased]
      .map((id) => find(this.workOf(id)!, id))
      .filter((it): it is Lease => it.contributor === contributor && it.host === host);
  }

  /** The shard of an assignment, while the shard is open. */
  workOf(assignment: AssignmentId): ShardWork | undefined {
    const shard = this.#shardOf.get(assignment);
    return shard === undefined ? undefined : this.shards.get(shard);
  }

  jobOf(shard: Pick<Shard, 'job'>): Job {
    const open = this.jobs.get(shard.job);
    assert(open !== undefined, `job ${shard.job} of an open shard is not open`);
    return open.job;
  }

  itemsOf(shard: Shard): number[] {
    const open = this.jobs.get(shard.job);
    assert(open !== undefined, `job ${shard.job} of an open shard is not open`);
    return open.itemsOf(shard);
  }

  /** How many of its jobs the author holds open. */
  heldBy(author: KeyId): number {
    const own = [...(this.#jobsOf.get(author) ?? [])];
    return own.filter((id) => isHeld(this.jobs.get(id)!.job)).length;
  }

  /** Of whose jobs there is something to hand out: not of those that rest, or wait for more items or for what is out. */
  authorsWithWork(): ReadonlySet<KeyId> {
    const authors = new Set<KeyId>();
    for (const { job, wanting } of this.jobs.values())
      if (wanting.size > 0 && !isPaused(job)) authors.add(job.author);
    return authors;
  }

  /** A shard for the host: of the author whose turn it is, of its oldest job, those that others began before fresh ones. */
  shardFor(host: Candidate, nowMs: number): ShardWork | { readonly refused: Refusal | null } {
    let refused: Refusal | null = null;
    for (const { job, wanting } of this.#inTurn()) {
      if (isPaused(job)) continue;
      const jobRule = refusalOf(JOB_RULES, { job, host, nowMs });
      if (jobRule !== null) {
        refused ??= jobRule.refusal;
        continue;
      }
      for (const [group, shards] of orderedGroups(wanting, host)) {
        for (const id of shards) {
          const work = this.shards.get(id)!;
          const shardRule = refusalOf(SHARD_RULES, { assignments: work.assignments, host });
          if (shardRule === null) return work;
          refused ??= shardRule.refusal;
          // All shards of one group were given to the same contributor: one refusal is enough.
          if (group !== MIXED) break;
        }
      }
      if (wanting.has(host.contributor)) refused ??= 'same-contributor';
    }
    return { refused };
  }

  *#inTurn(): Generator<OpenJob> {
    for (const author of this.turns.inOrder())
      for (const id of this.#jobsOf.get(author)!) yield this.jobs.get(id)!;
  }

  #queue(id: ShardId, job: JobId, group: string): void {
    const { wanting } = this.jobs.get(job)!;
    let shards = wanting.get(group);
    if (shards === undefined) wanting.set(group, (shards = new Set()));
    shards.add(id);
    this.#groupOf.set(id, group);
  }

  #unqueue(id: ShardId, job: JobId): void {
    const group = this.#groupOf.get(id);
    if (group === undefined) return;
    this.#groupOf.delete(id);
    const wanting = this.jobs.get(job)?.wanting;
    const shards = wanting?.get(group);
    shards?.delete(id);
    if (shards?.size === 0) wanting?.delete(group);
  }

  #forget(id: ShardId, work: ShardWork): void {
    this.#unqueue(id, work.shard.job);
    this.shards.delete(id);
    for (const assignment of work.assignments) {
      this.#shardOf.delete(assignment.id);
      this.leased.delete(assignment.id);
    }
  }
}

/** Groups in the order in which a host is served, without those it can have nothing from. */
function* orderedGroups(
  wanting: ReadonlyMap<string, ReadonlySet<ShardId>>,
  host: Candidate,
): Generator<[string, ReadonlySet<ShardId>]> {
  for (const [group, shards] of wanting) {
    if (group !== NOBODY && group !== host.contributor) yield [group, shards];
  }
  const fresh = wanting.get(NOBODY);
  if (fresh !== undefined) yield [NOBODY, fresh];
}

function groupOf(assignments: readonly Assignment[]): string {
  const holders = new Set<string>();
  for (const { contributor, cohort } of assignments.filter(isBarring)) {
    holders.add(contributor);
    // A cohort wider than one contributor must be looked at shard by shard.
    if (cohort !== contributor) return MIXED;
  }
  if (holders.size === 0) return NOBODY;
  return holders.size === 1 ? [...holders][0]! : MIXED;
}
