/**
 * What has been computed of a running job and not accepted yet: it is neither useful work so far nor cost of checking.
 */
import type { JobId } from '../../shared/ids.ts';
import { reportsOf } from '../core/step.ts';
import type { OpenWork } from './openWork.ts';

/** Executions of items in reports that wait: for another opinion, for their check, or for the referee. Of one job, or of all. */
export function executionsInHand(work: OpenWork, job?: JobId): number {
  let executions = 0;
  for (const each of work.shards.values()) {
    const { shard } = each;
    if (job !== undefined && shard.job !== job) continue;
    if (shard.state.kind === 'provisional') continue;
    for (const { probes } of reportsOf(each)) executions += shard.items + probes.length;
  }
  return executions;
}
