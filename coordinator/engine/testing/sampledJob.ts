/** A sampled job, and hosts that work at it by hand. */
import type { JobId } from '../../../shared/ids.ts';
import { streamKeyOf, streamOf } from '../../core/stream.ts';
import { jobOf } from '../../core/testing/work.ts';
import type { EngineRig, RigHost } from './engineRig.ts';

export const SAMPLED = { kind: 'sampled', secondOpinion: 'contributors' } as const;
/** 40 shards of 512 items. */
export const LARGE = { items: 20_480, itemsPerShard: 512, shards: 40, verification: SAMPLED };
export const FACTS = jobOf().facts;
const KEY = streamKeyOf(jobOf());

const reports = new WeakMap<RigHost, number>();
const reportsOf = (host: RigHost): number => reports.get(host) ?? 0;

/** Reports what the hosts hold until nothing more is given to them; `wrong` says by how much each is off. */
export async function work(
  rig: EngineRig,
  hosts: readonly RigHost[],
  wrong: (host: RigHost, report: number) => number = () => 0,
  most = Infinity,
): Promise<void> {
  for (let round = 0; round < most; round++) {
    const busy = hosts.filter((host) => host.link.assigned.length > reportsOf(host));
    if (busy.length === 0) return;
    for (const host of busy) {
      const index = reportsOf(host);
      reports.set(host, index + 1);
      rig.report(host, index, wrong(host, index));
    }
    await rig.quiet();
  }
}

export const sumOf = (host: RigHost, pick: (items: number, probes: number) => number): number =>
  host.link.assigned.reduce((sum, { assignment, items }) => {
    return sum + pick(items.length, assignment.probes.length);
  }, 0);

export async function streamOfHost(rig: EngineRig, { contributor }: RigHost) {
  const record = await rig.engine.contributor(contributor.id);
  return streamOf(record!.streams, KEY);
}

/** From now on the referee samples nothing of the job unasked. */
export function exhaustReferee(rig: EngineRig, id: JobId): void {
  const open = rig.engine.work.jobs.get(id)!;
  open.job = { ...open.job, counts: { ...open.job.counts, refereeSamples: 1e6 } };
}
