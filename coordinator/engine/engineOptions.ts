/** What an engine is given. */
import type { RandomBytes } from '../../shared/ids.ts';
import type { Job } from '../core/state.ts';
import type { AuthorRecord } from '../store/authorRecords.ts';
import type { Store } from '../store/store.ts';
import type { Notice } from './calibrations.ts';
import type { Checker } from './checkQueue.ts';
import type { RefereeCompute } from './refereeQueue.ts';
import type { StagePorts } from './routes/stagedWork.ts';

export interface EngineOptions {
  readonly store: Store;
  readonly compute: RefereeCompute;
  readonly checker: Checker;
  readonly stages: StagePorts;
  readonly now: () => number;
  readonly random: RandomBytes;
  /** Called once, when the engine has stopped because a commit failed. */
  readonly onFatal: (error: unknown) => void;
  readonly notice?: Notice;
  readonly jobEnds?: JobEnds;
  /** How long results of a job that ends now are kept; for good where absent or null. */
  readonly keepResultsMs?: number | null;
}

/** Who hears of jobs that end, whatever becomes of the process: the event is in the commit of the end. */
export interface JobEnds {
  /** Null where nobody wants to be told. */
  eventOf(job: Job): AuthorRecord<'openEvent'> | null;
  /** It is durable. Must not throw. */
  committed(event: AuthorRecord<'openEvent'>): void;
}
