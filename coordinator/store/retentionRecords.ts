/**
 * What is kept for a time only: results of jobs that have ended, and the blobs that nothing names any more. The port.
 *
 * Written directly, not in ticks of the engine, which has forgotten a job when it ends: nobody else writes what is
 * written here. Each call is one transaction, and may be asked again.
 */
import type { BlobDigest, JobId } from '../../shared/ids.ts';
import type { Job, ResultsEnd } from '../core/state.ts';

export interface RetentionRecords {
  /**
   * To be called before the engine starts. Ended jobs without a time get one, `keepMs` from now; an earlier time than
   * `keepMs` behind a job's end becomes that. Where `keepMs` is null times are taken away: results are kept for good.
   */
  setTimes(keepMs: number | null, nowMs: number): Promise<void>;
  /** Jobs with which a sweep has something to do (`dueMs`, core/results.ts), the longest due first. */
  due(nowMs: number, limit: number): Promise<readonly Job[]>;
  /**
   * From when it resolves the job has no results, and names no blob. The job as it is then, unchanged where it had none;
   * null where there is none that has ended.
   */
  deleteResults(job: JobId, atMs: number, why: ResultsEnd): Promise<Job | null>;
  /**
   * Deletes outputs of the job from the store, until it has deleted `maxBytes` or more; true when none is left, and the job
   * is due no more. Nothing of a job whose results are kept, or were pruned before.
   */
  pruneResults(job: JobId, maxBytes: number): Promise<boolean>;
  /** Of these blobs, those that a job (`blobsNamed`, core/results.ts) or an author's record (`blobNames.ts`) names. */
  namedOf(blobs: readonly BlobDigest[]): Promise<ReadonlySet<BlobDigest>>;
}
