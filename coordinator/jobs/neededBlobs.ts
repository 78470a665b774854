/**
 * Says of every blob that a job names that it is needed, before anything else is looked at: from then on no sweep takes one
 * away before the job is posted (`retention/blobSweep.ts`).
 */
import type { BlobDigest } from '../../shared/ids.ts';
import type { JobSpec } from '../../shared/protocol/job.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import type { BlobStore } from '../store/blobs.ts';

/** A problem where one of them is not here. */
export async function needBlobs(
  blobs: Pick<BlobStore, 'need'>,
  { inputs, program }: Pick<JobSpec, 'inputs' | 'program'>,
): Promise<Problem | null> {
  const named: (readonly [string, BlobDigest | undefined])[] = [
    ['inputs.stacked', inputs.stacked],
    ['inputs.constant', inputs.constant],
    ...programBlobs(program),
  ];
  for (const [field, blob] of named)
    if (blob !== undefined && (await blobs.need(blob)) === null) return absentBlob(blob, field);
  return null;
}

function programBlobs(program: JobSpec['program']): (readonly [string, BlobDigest])[] {
  switch (program.kind) {
    case 'onnx':
      return [['program.model', program.model]];
    case 'wgsl':
      return [['program.module', program.module]];
    case 'staged':
      return program.stages.map((stage, i) => [`program.stages[${i}]`, stage] as const);
    case 'kernel':
      return [];
    default:
      return program satisfies never;
  }
}

export const absentBlob = (blob: BlobDigest, field: string): Problem => ({
  code: 'blob-absent',
  detail: 'the job names a blob that is not here',
  field,
  came: blob,
  fix: `upload it first: PUT /v1/blobs/${blob}`,
});
