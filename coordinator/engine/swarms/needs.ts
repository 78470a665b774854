/**
 * What a host must hold to compute what it was given, or what it was told to load: the blobs that were named to it.
 */
import type { BlobDigest, JobId } from '../../../shared/ids.ts';
import { blobOf } from '../../../shared/protocol/program.ts';
import { workOf } from '../../core/stages.ts';
import type { Job } from '../../core/state.ts';
import { find } from '../../core/step.ts';
import type { ConnectedHost } from '../hosts.ts';
import type { OpenWork } from '../openWork.ts';
import type { Spares } from '../routes/spares.ts';

export interface Needs {
  readonly job: JobId;
  readonly blobs: readonly BlobDigest[];
}

export function needsOf(work: OpenWork, spares: Spares, host: ConnectedHost): Needs[] {
  const given = [...host.leases].flatMap((id) => {
    const open = work.workOf(id);
    return open === undefined ? [] : [workOf(work.jobOf(open.shard), find(open, id))];
  });
  return [...given, ...spares.stagesOf(host)].map((job) => ({ job: job.id, blobs: blobsOf(job) }));
}

function blobsOf({ program, constants }: Job): BlobDigest[] {
  const blob = program.kind === 'staged' ? null : blobOf(program);
  return [blob, constants].filter((it) => it !== null);
}
