/**
 * Who is connected and could be given a job now, and which of them have been checked enough on its program.
 */
import type { ContributorId } from '../../shared/ids.ts';
import { JOB_RULES, refusalOf } from '../core/assign.ts';
import type { Volunteers } from '../core/odds.ts';
import type { Job } from '../core/state.ts';
import { jobOfStage, stageCount } from '../core/stages.ts';
import { checksMissing, streamKeyOf, streamOf } from '../core/stream.ts';
import type { Engine } from '../engine/engine.ts';

/** What the rules of `core/assign.ts` look at: a job that is not posted has no more. */
type Unposted = Pick<
  Job,
  'author' | 'ratePercent' | 'program' | 'acceptance' | 'facts' | 'itemsPerShard'
>;

export async function volunteersFor(
  job: Unposted,
  engine: Pick<Engine, 'hosts' | 'contributor'>,
  nowMs: number,
): Promise<Volunteers> {
  const able = new Set<ContributorId>();
  for (const host of engine.hosts.all()) {
    const isAble = worksOf(job as Job).some(
      (work) => refusalOf(JOB_RULES, { job: work, host, nowMs }) === null,
    );
    if (isAble) able.add(host.contributor);
  }
  const key = streamKeyOf(job);
  let known = 0;
  for (const id of able) {
    const stream = streamOf((await engine.contributor(id))?.streams ?? [], key);
    // Checks after a report come with every job anew: only the gate is passed for good.
    if (checksMissing(stream, 0) === 0) known += 1;
  }
  return { known, newcomers: able.size - known };
}

/** What one host would be given of it: all, or a stage. */
const worksOf = (job: Job): Job[] =>
  job.program.kind === 'staged'
    ? Array.from({ length: stageCount(job) }, (_, stage) => jobOfStage(job, stage))
    : [job];
