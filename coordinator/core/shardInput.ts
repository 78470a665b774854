/** What can happen to a shard: the inputs of `stepShard` (`step.ts`). */
import type { AssignmentId, BlobDigest } from '../../shared/ids.ts';
import type { Assignment, ReportedState, Sample, StageCommitment } from './state.ts';

export type ShardInput =
  | { readonly kind: 'granted'; readonly assignment: Assignment }
  /** Renews the lease of what is not committed yet. May race with its end. */
  | {
      readonly kind: 'progressed';
      readonly assignment: AssignmentId;
      readonly itemsDone: number;
      readonly deadlineMs: number;
    }
  /** The host has fixed what it will report. Comes once for an assignment. */
  | {
      readonly kind: 'committed';
      readonly assignment: AssignmentId;
      readonly root: string;
      readonly stage?: StageCommitment;
      readonly deadlineMs: number;
    }
  /** Only what was committed before. */
  | {
      readonly kind: 'reported';
      readonly assignment: AssignmentId;
      readonly report: Omit<ReportedState, 'kind' | 'atMs' | 'root' | 'stage'>;
    }
  | {
      readonly kind: 'errored';
      readonly assignment: AssignmentId;
      readonly code: string;
      readonly message: string;
    }
  /** The host was never sent it. May race with the lease's end. */
  | { readonly kind: 'undelivered'; readonly assignment: AssignmentId; readonly reason: string }
  /** May race with the lease's end. */
  | { readonly kind: 'returned'; readonly assignment: AssignmentId; readonly reason: string }
  | { readonly kind: 'expired'; readonly assignment: AssignmentId }
  /** The contributor was found to cheat, or its device cannot be trusted: the lease ends at once. */
  | { readonly kind: 'withdrawn'; readonly assignment: AssignmentId }
  /** Which pairs of reports agree, by the job's acceptance rule; and why others do not. */
  | {
      readonly kind: 'compared';
      readonly agrees: (a: AssignmentId, b: AssignmentId) => boolean;
      readonly reasonOf: (assignment: AssignmentId) => string;
    }
  /** What the report's own check found: a fault in words, or null where every output is right. */
  | {
      readonly kind: 'checked';
      readonly assignment: AssignmentId;
      readonly fault: string | null;
    }
  /** The check could not be done: the referee has to decide. */
  | { readonly kind: 'check-failed' }
  /** What was sampled of the report is right: it is provisional until `finalised`. */
  | {
      readonly kind: 'accepted';
      readonly assignment: AssignmentId;
      readonly checksThen: number;
      readonly sample: Sample;
      readonly stageChecksThen?: readonly number[];
    }
  /** The contributor of the provisional report has been checked enough. */
  | {
      readonly kind: 'finalised';
      readonly checkedItems: number;
      readonly cleanChecks: number;
    }
  /** Sampling found the report wrong, or takes it back: the shard wants another. */
  | {
      readonly kind: 'rejected';
      readonly assignment: AssignmentId;
      readonly reason: string;
    }
  /** What computed it is broken, whoever it belongs to: it is taken back, and nobody is blamed. */
  | {
      readonly kind: 'disowned';
      readonly assignment: AssignmentId;
      readonly reason: string;
    }
  /**
   * The shard is computed anew by a route: these stages were found wrong, for these reasons, or none where it cannot
   * be said which it is. Of the other reports those in `sound` are credited; the rest counts neither for nor
   * against anybody.
   */
  | {
      readonly kind: 'stages-rejected';
      readonly wrong: ReadonlyMap<AssignmentId, string>;
      readonly sound: ReadonlySet<AssignmentId>;
      readonly reason: string;
    }
  /** No other contributor can be had, and the author lets the referee be the second opinion. */
  | { readonly kind: 'second-opinion-wanted' }
  | {
      readonly kind: 'refereed';
      readonly output: BlobDigest;
      /** Why the report disagrees with the referee; null where it agrees. */
      readonly disagreement: (assignment: AssignmentId) => string | null;
    }
  | { readonly kind: 'referee-failed'; readonly reason: string }
  | { readonly kind: 'job-ended' };
