/**
 * How many volunteers could run a job and have chosen other work, and by which of their wishes: for its author, who may
 * offer more, or wait. Counts only: whose wishes they are is nobody's to know.
 */
import type { ContributorId } from '../../shared/ids.ts';
import { wishAgainst, type Wish } from '../../shared/fit.ts';
import { JOB_RULES, refusalOf } from '../core/assign.ts';
import { jobOfStage, stageCount } from '../core/stages.ts';
import type { Job } from '../core/state.ts';
import type { ConnectedHost, Hosts } from './hosts.ts';

export type Exclusions = ReadonlyMap<Wish, number>;

/** A contributor counts once; not where another of its devices takes the job. */
export function exclusionsOf(job: Job, hosts: Pick<Hosts, 'all'>, nowMs: number): Exclusions {
  const taking = new Set<ContributorId>();
  const excluding = new Map<ContributorId, Wish>();
  for (const host of hosts.all()) {
    const refused = leastRefusal(job, host, nowMs);
    if (refused === null) taking.add(host.contributor);
    else if (refused === 'not-wished') {
      const work = { ...job, kind: job.program.kind };
      const wish = wishAgainst(host.wishes, work);
      if (wish !== null) excluding.set(host.contributor, wish);
    }
  }
  const counts = new Map<Wish, number>();
  for (const [contributor, wish] of excluding) {
    if (!taking.has(contributor)) counts.set(wish, (counts.get(wish) ?? 0) + 1);
  }
  return counts;
}

/** Of the job, or of the stage that comes nearest to being taken: wishes are the last thing that is asked. */
function leastRefusal(job: Job, host: ConnectedHost, nowMs: number) {
  const works =
    job.program.kind === 'staged'
      ? Array.from({ length: stageCount(job) }, (_, stage) => jobOfStage(job, stage))
      : [job];
  const refusals = works.map(
    (work) => refusalOf(JOB_RULES, { job: work, host, nowMs })?.refusal ?? null,
  );
  if (refusals.includes(null)) return null;
  return refusals.includes('not-wished') ? 'not-wished' : refusals[0]!;
}

const BY: Readonly<Record<Wish, string>> = {
  kind: 'by its kind of work',
  job: 'by itself',
  author: 'by its author',
  rate: 'by its rate',
};

/** `2 volunteers exclude it: 1 by its author, 1 by its rate`; null where nobody does. */
export function exclusionsText(exclusions: Exclusions): string | null {
  const total = [...exclusions.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const parts = [...exclusions].map(([wish, count]) => `${count} ${BY[wish]}`);
  return `${total} ${total === 1 ? 'volunteer excludes' : 'volunteers exclude'} it: ${parts.join(', ')}`;
}
