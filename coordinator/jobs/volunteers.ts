/**
 * Who is connected and could be given a job now, why the others could not, and which have been checked enough on its program.
 */
import type { ContributorId } from '../../shared/ids.ts';
import type { Estimate } from '../../shared/protocol/job.ts';
import { JOB_RULES, refusalOf } from '../core/assign.ts';
import type { Volunteers } from '../core/odds.ts';
import type { Job } from '../core/state.ts';
import { jobOfStage, stageCount } from '../core/stages.ts';
import { checksMissing, streamKeyOf, streamOf } from '../core/stream.ts';
import type { Engine } from '../engine/engine.ts';
import type { ConnectedHost, Hosts } from '../engine/hosts.ts';

/** What the rules of `core/assign.ts` look at: a job that is not posted has no more. */
export type Unposted = Pick<
  Job,
  'author' | 'ratePercent' | 'program' | 'acceptance' | 'facts' | 'itemsPerShard'
>;

export interface Able {
  readonly hosts: readonly ConnectedHost[];
  /** Why the others cannot, the most frequent reason first. */
  readonly refused: Estimate['hosts']['refused'];
}

/** By the rules that assign work, which also say what a running job waits for. */
export function ableFor(job: Unposted, hosts: Pick<Hosts, 'all'>, nowMs: number): Able {
  const able: ConnectedHost[] = [];
  const refused = new Map<string, Able['refused'][number]>();
  for (const host of hosts.all()) {
    const rules = worksOf(job as Job).map((work) =>
      refusalOf(JOB_RULES, { job: work, host, nowMs }),
    );
    // Of stages, the one that comes nearest to being taken: the last rule that refuses.
    const rule = rules.reduce((a, b) => (orderOf(a) >= orderOf(b) ? a : b))!;
    if (rules.includes(null)) able.push(host);
    else
      refused.set(rule.refusal, {
        code: rule.refusal,
        text: rule.text,
        hosts: (refused.get(rule.refusal)?.hosts ?? 0) + 1,
      });
  }
  return { hosts: able, refused: [...refused.values()].sort((a, b) => b.hosts - a.hosts) };
}

const orderOf = (rule: (typeof JOB_RULES)[number] | null): number =>
  rule === null ? JOB_RULES.length : JOB_RULES.indexOf(rule);

export async function volunteersFor(
  job: Unposted,
  hosts: readonly ConnectedHost[],
  engine: Pick<Engine, 'contributor'>,
): Promise<Volunteers> {
  const able = new Set<ContributorId>(hosts.map(({ contributor }) => contributor));
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
