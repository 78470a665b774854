/** What an author may do to a running job. */
import type { JobId } from '../../shared/ids.ts';
import { assert } from '../../shared/result.ts';
import type { Job } from '../core/state.ts';
import type { OpenWork } from './openWork.ts';
import type { ShardSteps } from './shardSteps.ts';
import type { Tick } from './tick.ts';
import type { Ticker } from './ticker.ts';

export class RunningJobs {
  readonly #work: OpenWork;
  readonly #ticker: Pick<Ticker, 'ask'>;
  readonly #steps: Pick<ShardSteps, 'apply' | 'putJob'>;
  readonly #now: () => number;

  constructor(
    work: OpenWork,
    ticker: Pick<Ticker, 'ask'>,
    steps: Pick<ShardSteps, 'apply' | 'putJob'>,
    now: () => number,
  ) {
    this.#work = work;
    this.#ticker = ticker;
    this.#steps = steps;
    this.#now = now;
  }

  /** Null where the job is not running. */
  cancel(id: JobId): Promise<Job | null> {
    return this.#change(id, (tick) => {
      const endedAtMs = this.#now();
      for (const work of [...this.#work.shards.values()].filter(({ shard }) => shard.job === id)) {
        this.#steps.apply(tick, work, { kind: 'job-ended' });
        tick.pruneOutputs(work.shard.id, null);
      }
      // Steps of its shards may have changed its counts.
      return { ...this.#work.jobs.get(id)!.job, state: { kind: 'cancelled', endedAtMs } };
    });
  }

  /** From now on the referee may be the second opinion of a quorum. Null where the job is not running. */
  allowReferee(id: JobId): Promise<Job | null> {
    return this.#change(id, (_tick, job) => {
      const { verification } = job;
      assert('secondOpinion' in verification, 'allowReferee: the job needs no second opinion');
      return { ...job, verification: { ...verification, secondOpinion: 'referee' } };
    });
  }

  #change(id: JobId, change: (tick: Tick, job: Job) => Job): Promise<Job | null> {
    return this.#ticker.ask((tick) => {
      const open = this.#work.jobs.get(id);
      if (open === undefined) return null;
      const changed = change(tick, open.job);
      this.#steps.putJob(tick, changed);
      return changed;
    });
  }
}
