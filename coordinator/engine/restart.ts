/**
 * What a coordinator takes up again at start. Leases are renewed once: neither the time that it was away is the hosts',
 * nor that until they try to reach it again.
 */
import { LONGEST_RETRY_MS } from '../../shared/limits.ts';
import { withLeaseUntil } from '../core/lease.ts';
import type { Assignment, Shard } from '../core/state.ts';
import type { Store } from '../store/store.ts';
import type { Books } from './books.ts';
import type { Communities } from './communities.ts';
import type { Contributors } from './contributors.ts';
import type { OpenWork } from './openWork.ts';
import type { Payments } from './payments.ts';
import type { ShardSteps } from './shardSteps.ts';
import type { Ticker } from './ticker.ts';

export interface RestartParts {
  readonly store: Store;
  readonly now: () => number;
  readonly ticker: Ticker;
  readonly steps: ShardSteps;
  readonly contributors: Contributors;
  readonly books: Books;
  readonly payments: Payments;
  readonly communities: Communities;
  readonly work: OpenWork;
}

export async function takeUpStored(parts: RestartParts): Promise<void> {
  const { store, now, ticker, steps, contributors, books, payments, communities, work } = parts;
  steps.classes.watch.takeUp(await store.engineClasses());
  steps.calibrations.takeUp(await store.calibrations());
  ticker.continueLog(await store.logSize());
  const { jobs, shards, assignments } = await store.openWork();
  const byShard = new Map<Shard['id'], Assignment[]>(shards.map(({ id }) => [id, []]));
  for (const assignment of assignments) {
    await contributors.recall(assignment.contributor);
    byShard.get(assignment.shard)?.push(assignment);
  }
  await communities.takeUp(assignments);
  for (const job of jobs) await books.recallJob(job);
  await payments.openUnlogged(now());
  await ticker.ask((tick) => {
    for (const job of jobs) work.addJob(job);
    for (const shard of shards) {
      const job = work.jobOf(shard);
      const deadlineMs = steps.deadlineMs(job, shard) + LONGEST_RETRY_MS;
      const renewed = byShard.get(shard.id)!.map((it) => withLeaseUntil(it, deadlineMs));
      steps.takeUp(tick, job, { shard, assignments: renewed });
    }
  });
}
