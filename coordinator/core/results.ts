/**
 * How long the results of a job are there, and the blobs that it was made of with them.
 *
 * A time that was told is kept to: it is written down when the job ends, and becomes longer only.
 */
import type { BlobDigest } from '../../shared/ids.ts';
import type { Job, ResultsState } from './state.ts';

/** Of a job that has ended and of which that is known. */
export const resultsState = ({ state }: Pick<Job, 'state'>): ResultsState | undefined =>
  state.kind === 'running' ? undefined : state.results;

/** A job that has just ended, with the time of its results; unchanged where it runs, or they are kept for good. */
export function withTime(job: Job, keepMs: number | null): Job {
  const { state } = job;
  if (state.kind === 'running' || keepMs === null) return job;
  const untilMs = state.endedAtMs + keepMs;
  return { ...job, state: { ...state, results: { kind: 'kept', untilMs } } };
}

/** When a sweep has something to do with its results; null where never. */
export function dueMs(job: Pick<Job, 'state'>): number | null {
  const results = resultsState(job);
  if (results === undefined) return null;
  if (results.kind === 'kept') return results.untilMs;
  return results.isPruned ? null : results.atMs;
}

/**
 * The blobs that must stay for the job: what it was made of, while it runs or has results. Whatever names a new kind of
 * blob in a job has to be named here.
 */
export function blobsNamed(job: Job): BlobDigest[] {
  if (resultsState(job)?.kind === 'deleted') return [];
  const { program, stacked, constants, added = [] } = job;
  const lots = added.map((lot) => lot.stacked);
  return [...programBlobs(program), stacked, constants, ...lots].filter((it) => it !== null);
}

function programBlobs(program: Job['program']): readonly BlobDigest[] {
  switch (program.kind) {
    case 'onnx':
      return [program.model];
    case 'wgsl':
      return [program.module];
    case 'staged':
      return program.stages;
    case 'kernel':
      return [];
    default:
      return program satisfies never;
  }
}
