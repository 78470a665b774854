/**
 * Results whose time is over go, and those that were deleted leave the store: a little at a time, so that the ticks of the
 * engine, which write through the same connection, hardly wait.
 */
import type { Store } from '../store/store.ts';

/** Jobs of one step; each is one statement, or a few. */
const JOBS_A_STEP = 4;
/** Of one step: what a busy coordinator commits in a few ticks. */
const BYTES_A_STEP = 16 * 1024 * 1024;

export interface ResultSweepDeps {
  readonly store: Pick<Store, 'retention'>;
  readonly now: () => number;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

/** One step; false where there was nothing to do. */
export async function sweepResults({ store, now, log }: ResultSweepDeps): Promise<boolean> {
  const { retention } = store;
  const nowMs = now();
  const due = await retention.due(nowMs, JOBS_A_STEP);
  for (const { id, state } of due) {
    if (state.kind === 'running') continue;
    if (state.results?.kind === 'kept') {
      await retention.deleteResults(id, nowMs, 'time');
      log('results-expired', { job: id });
    }
    await retention.pruneResults(id, BYTES_A_STEP / JOBS_A_STEP);
  }
  return due.length > 0;
}
