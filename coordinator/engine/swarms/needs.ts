/** What a host must hold to compute an assignment of its: the same blobs that the assignment names to it. */
import type { AssignmentId, BlobDigest, JobId } from '../../../shared/ids.ts';
import { workOf } from '../../core/stages.ts';
import { find } from '../../core/step.ts';
import type { OpenWork } from '../openWork.ts';

export interface Needs {
  readonly job: JobId;
  readonly blobs: readonly BlobDigest[];
}

/** Null where the assignment is not open. */
export function needsOf(work: OpenWork, id: AssignmentId): Needs | null {
  const open = work.workOf(id);
  if (open === undefined) return null;
  const job = workOf(work.jobOf(open.shard), find(open, id));
  const model = job.program.kind === 'onnx' ? [job.program.model] : [];
  return { job: job.id, blobs: [...model, ...(job.constants === null ? [] : [job.constants])] };
}
