/** Open shards by the lots that they are of (`core/lots.ts`). A lot is named by its job and its number. */
import { lotNumberOf } from '../core/lots.ts';
import type { Job } from '../core/state.ts';
import type { ShardWork } from '../core/step.ts';
import type { OpenWork } from './openWork.ts';

const lotOf = (job: Job, { shard }: ShardWork): string =>
  `${job.id}/${lotNumberOf(job, shard.index)}`;

/** Those whose jobs have not ended, in their order. */
export function byLot(
  works: readonly ShardWork[],
  { jobs }: Pick<OpenWork, 'jobs'>,
): ReadonlyMap<string, readonly ShardWork[]> {
  const lots = new Map<string, ShardWork[]>();
  for (const work of works) {
    const open = jobs.get(work.shard.job);
    if (open === undefined) continue;
    const lot = lotOf(open.job, work);
    const those = lots.get(lot);
    if (those === undefined) lots.set(lot, [work]);
    else those.push(work);
  }
  return lots;
}

/** Of jobs with several lots: those of which shards are still to be accepted. One pass over all that is open. */
export function lotsUnderWay(open: Pick<OpenWork, 'shards' | 'jobOf'>): ReadonlySet<string> {
  const lots = new Set<string>();
  for (const work of open.shards.values()) {
    if (work.shard.state.kind === 'provisional') continue;
    const job = open.jobOf(work.shard);
    if (job.added !== undefined) lots.add(lotOf(job, work));
  }
  return lots;
}
