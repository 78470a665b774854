/** Fills the free slots of hosts, as far as there is work. */
import { makeAssignmentId, type ContributorId, type RandomBytes } from '../../shared/ids.ts';
import { assignmentOrder } from '../core/permutation.ts';
import type { ShardInput } from '../core/shardInput.ts';
import type { Assignment, Job, Shard } from '../core/state.ts';
import type { ShardWork } from '../core/step.ts';
import type { Terms } from '../core/terms.ts';
import type { Contributors } from './contributors.ts';
import { hasFreeSlot, tellWaiting, workerOf, type ConnectedHost, type Hosts } from './hosts.ts';
import { Newcomers } from './newcomers.ts';
import type { OpenWork } from './openWork.ts';
import type { Paces } from './paces.ts';
import type { Sampling } from './sampling.ts';
import { TailCopies } from './tailCopies.ts';
import type { Tick } from './tick.ts';
import { NEWCOMERS_WAIT, waitingOfHost } from './waiting.ts';

export interface GrantsOptions {
  readonly hosts: Hosts;
  readonly work: OpenWork;
  readonly paces: Paces;
  readonly contributors: Contributors;
  readonly now: () => number;
  readonly random: RandomBytes;
  /** Of an assignment that the host is given now. */
  readonly termsOf: (host: ConnectedHost) => { readonly terms?: Terms };
  readonly sampling: Pick<Sampling, 'probesFor'>;
  /** It has places on routes, and is given nothing else. */
  readonly isPlaced: (host: ConnectedHost) => boolean;
  readonly deadlineMs: (job: Job, shard: Shard) => number;
  readonly apply: (tick: Tick, work: ShardWork, input: ShardInput) => void;
}

export class Grants {
  readonly #tails: TailCopies;
  readonly #options: GrantsOptions;

  constructor(options: GrantsOptions) {
    this.#options = options;
    const { work, hosts, paces, contributors, now } = options;
    const verifiedItems = (id: ContributorId) => contributors.get(id).verifiedItems;
    this.#tails = new TailCopies(work, hosts, paces, verifiedItems, now);
  }

  fill(tick: Tick): void {
    const { hosts, contributors, isPlaced } = this.#options;
    const served: ConnectedHost[] = [];
    const newcomers = new Newcomers(hosts, (id) => contributors.get(id).verifiedItems);
    for (const host of hosts.all()) {
      if (isPlaced(host)) continue;
      while (hasFreeSlot(host)) {
        if (newcomers.areEnoughLike(host)) {
          if (host.leases.size === 0) tellWaiting(tick, host, NEWCOMERS_WAIT);
          break;
        }
        if (!this.#grantNext(tick, host)) break;
        newcomers.granted(host);
        served.push(host);
      }
    }
    for (const host of served) hosts.served(host);
  }

  /** False where there is nothing for the host, which is told why. */
  #grantNext(tick: Tick, host: ConnectedHost): boolean {
    const found = this.#options.work.shardFor(host, this.#options.now());
    if (!('refused' in found)) {
      this.#grant(tick, host, found);
      return true;
    }
    // It is asked for what others wait for when it has nothing of its own to do.
    const copy = host.leases.size === 0 ? this.#tails.copyFor(host) : null;
    if (copy !== null) {
      this.#grant(tick, host, copy.work, copy.copyOf);
      return true;
    }
    if (host.leases.size === 0) tellWaiting(tick, host, waitingOfHost(found.refused));
    return false;
  }

  #grant(tick: Tick, host: ConnectedHost, work: ShardWork, copyOf?: Assignment['id']): void {
    const { sampling, random, now, termsOf, deadlineMs, work: open, apply } = this.#options;
    const { shard } = work;
    const job = open.jobOf(shard);
    const probes = sampling.probesFor(host, job, work);
    const assignment: Assignment = {
      id: makeAssignmentId(random),
      shard: shard.id,
      job: job.id,
      host: host.host,
      ...workerOf(host),
      cohort: host.cohort,
      probes,
      ...termsOf(host),
      ...(copyOf === undefined ? {} : { copyOf }),
      grantedAtMs: now(),
      state: {
        kind: 'leased',
        deadlineMs: deadlineMs(job, shard),
        itemsDone: 0,
        committed: null,
      },
    };
    open.turns.granted(job, shard.items);
    host.leases.add(assignment.id);
    host.toldWaiting = null;
    const items = [...open.itemsOf(shard), ...probes.map(({ item }) => item)];
    const order = assignmentOrder(job.permutationKey, assignment.id, items.length);
    const inOrder = order.map((row) => items[row]!);
    tick.afterCommit(() => host.link.sendAssignment(assignment, job, inOrder));
    apply(tick, work, { kind: 'granted', assignment });
  }
}
