/** Which shards at the end of their jobs a host that has nothing else to do computes besides a slower one. */
import type { ContributorId } from '../../shared/ids.ts';
import { JOB_RULES, SHARD_RULES, refusalOf } from '../core/assign.ts';
import { isPaused } from '../core/job.ts';
import { rivalsOf } from '../core/replicate.ts';
import type { Assignment, Job } from '../core/state.ts';
import { find, type ShardWork } from '../core/step.ts';
import { isWorthCopying, leftMs } from '../core/tail.ts';
import type { ConnectedHost, Hosts } from './hosts.ts';
import type { OpenWork } from './openWork.ts';
import type { Paces } from './paces.ts';

/** Leases are looked through at most so often, and so many of the slowest are kept. */
const LOOK_MS = 250;
const MOST_KEPT = 16;

/** A lease for which its job waits. */
interface Straggler {
  readonly job: Job;
  readonly lease: Assignment;
  readonly leftMs: number;
}

export interface TailCopy {
  readonly work: ShardWork;
  readonly copyOf: Assignment['id'];
}

export class TailCopies {
  readonly #work: OpenWork;
  readonly #hosts: Hosts;
  readonly #verifiedItems: (contributor: ContributorId) => number;
  readonly #now: () => number;
  readonly #paces: Paces;
  /** Those that would last longest first. */
  #stragglers: Straggler[] = [];
  #lookedAtMs = -Infinity;

  constructor(
    work: OpenWork,
    hosts: Hosts,
    paces: Paces,
    verifiedItems: (contributor: ContributorId) => number,
    now: () => number,
  ) {
    this.#verifiedItems = verifiedItems;
    this.#work = work;
    this.#hosts = hosts;
    this.#now = now;
    this.#paces = paces;
  }

  /** For a host to whom nothing else could be given; nothing to one whose speed is not known. */
  copyFor(host: ConnectedHost): TailCopy | null {
    const speed = this.#paces.speeds.of(host);
    if (speed === null) return null;
    const nowMs = this.#now();
    if (nowMs - this.#lookedAtMs >= LOOK_MS) this.#look(nowMs);
    for (const [i, { job, lease, leftMs: left }] of this.#stragglers.entries()) {
      const work = this.#work.workOf(lease.id);
      if (work === undefined || !isCopyable(work, find(work, lease.id))) continue;
      // As it was looked at a moment ago.
      if (isPaused(this.#work.jobOf(work.shard))) continue;
      const ownMs = (work.shard.items * job.facts.refereeMsPerItem) / speed;
      if (!isWorthCopying(left, ownMs)) continue;
      // Who commits first takes another's pay: only who has given as much that was found right.
      if (this.#verifiedItems(host.contributor) < work.shard.items) continue;
      if (refusalOf(JOB_RULES, { job, host, nowMs }) !== null) continue;
      if (refusalOf(SHARD_RULES, { assignments: work.assignments, host }) !== null) continue;
      this.#stragglers.splice(i, 1);
      return { work, copyOf: lease.id };
    }
    return null;
  }

  #look(nowMs: number): void {
    this.#lookedAtMs = nowMs;
    const found: Straggler[] = [];
    for (const id of this.#work.leased) {
      const work = this.#work.workOf(id)!;
      const { job, wanting } = this.#work.jobs.get(work.shard.job)!;
      const lease = find(work, id);
      if (
        isPaused(job) ||
        wanting.size > 0 ||
        !isCopyable(work, lease) ||
        lease.state.kind !== 'leased'
      )
        continue;
      const { itemsDone } = lease.state;
      const holder = this.#hosts.find(lease.contributor, lease.host);
      const loadMs = itemsDone > 0 ? 0 : this.#paces.loadMs(holder, job);
      const elapsedMs = Math.max(0, nowMs - lease.grantedAtMs - loadMs);
      found.push({ job, lease, leftMs: leftMs({ elapsedMs, items: work.shard.items, itemsDone }) });
    }
    this.#stragglers = found.sort((a, b) => b.leftMs - a.leftMs).slice(0, MOST_KEPT);
  }
}

/** Hosts that gave a copy up again are not followed by more and more. */
const MOST_COPIES = 3;

/** Neither a stage of a route, nor committed to, nor computed twice already. */
const isCopyable = ({ assignments }: ShardWork, lease: Assignment): boolean =>
  lease.stage === undefined &&
  lease.state.kind === 'leased' &&
  lease.state.committed === null &&
  rivalsOf(assignments, lease).length === 0 &&
  assignments.filter(({ copyOf }) => copyOf === lease.id).length < MOST_COPIES;
