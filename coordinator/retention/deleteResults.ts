/** An author deletes the results of a job before their time. What was paid, settled and logged stays. */
import type { JobId } from '../../shared/ids.ts';
import type { Job } from '../core/state.ts';
import type { Engine } from '../engine/engine.ts';
import type { Store } from '../store/store.ts';

export interface DeletingDeps {
  readonly engine: Pick<Engine, 'runningJob' | 'durable'>;
  readonly store: Pick<Store, 'retention'>;
  readonly now: () => number;
}

/** The job without them, as it was where it had none; null where it still runs. */
export async function deleteResults(
  { engine, store, now }: DeletingDeps,
  id: JobId,
): Promise<Job | null> {
  if (engine.runningJob(id) !== null) return null;
  // It may have ended in a tick that is not in the store yet.
  await engine.durable();
  return store.retention.deleteResults(id, now(), 'author');
}
