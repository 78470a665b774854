/** Who wants to hear of a job: called back after every commit that changed it. */
import type { JobId } from '../../shared/ids.ts';
import type { Job } from '../core/state.ts';

export class Watchers {
  readonly #of = new Map<JobId, Set<(job: Job) => void>>();

  /** The result ends the watch. */
  watch(id: JobId, changed: (job: Job) => void): () => void {
    const watchers = this.#of.get(id) ?? new Set();
    this.#of.set(id, watchers.add(changed));
    return () => {
      watchers.delete(changed);
      if (watchers.size === 0) this.#of.delete(id);
    };
  }

  tell(job: Job): void {
    this.#of.get(job.id)?.forEach((changed) => changed(job));
  }
}
