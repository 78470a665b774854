/** What an engine is given. */
import type { RandomBytes } from '../../shared/ids.ts';
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
}
