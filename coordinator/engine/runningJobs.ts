/** What an author may do to a running job. */
import type { JobId } from '../../shared/ids.ts';
import { assert } from '../../shared/result.ts';
import { closed, expired, isPaused, openUntilMs } from '../core/job.ts';
import type { Job, JobState, Shard } from '../core/state.ts';
import { addItems, type Addition, type AddOutcome } from './additions.ts';
import type { OpenWork } from './openWork.ts';
import { raiseRate, type Raise, type RaiseOutcome, type RaiseParts } from './raises.ts';
import type { ShardSteps } from './shardSteps.ts';
import type { Tick } from './tick.ts';
import type { Ticker } from './ticker.ts';

export class RunningJobs {
  readonly #work: OpenWork;
  readonly #ticker: Pick<Ticker, 'ask'>;
  readonly #steps: Pick<ShardSteps, 'apply' | 'putJob' | 'takeUp'>;
  readonly #books: RaiseParts['books'];
  readonly #now: () => number;

  constructor(
    work: OpenWork,
    ticker: Pick<Ticker, 'ask'>,
    steps: Pick<ShardSteps, 'apply' | 'putJob' | 'takeUp'>,
    books: RaiseParts['books'],
    now: () => number,
  ) {
    this.#work = work;
    this.#ticker = ticker;
    this.#steps = steps;
    this.#books = books;
    this.#now = now;
  }

  /** Null where the job is not running. */
  cancel(id: JobId): Promise<Job | null> {
    const cancelled = (): JobState => ({ kind: 'cancelled', endedAtMs: this.#now() });
    return this.#change(id, (tick) => this.#ended(tick, id, cancelled));
  }

  /**
   * To be called at every sweep: jobs whose time is over end with what is final, paused ones as well; those that were held
   * open for long enough are closed.
   */
  expire(tick: Tick): void {
    const nowMs = this.#now();
    for (const { job } of [...this.#work.jobs.values()]) {
      if ((openUntilMs(job) ?? Infinity) <= nowMs) this.#steps.putJob(tick, closed(job, nowMs));
      if ((job.expiresAtMs ?? Infinity) > nowMs || !this.#work.jobs.has(job.id)) continue;
      this.#steps.putJob(
        tick,
        this.#ended(tick, job.id, (last) => expired(last, nowMs)),
      );
    }
  }

  #ended(tick: Tick, id: JobId, stateOf: (job: Job) => JobState): Job {
    for (const work of [...this.#work.shards.values()].filter(({ shard }) => shard.job === id)) {
      this.#steps.apply(tick, work, { kind: 'job-ended' });
      tick.pruneOutputs(work.shard.id, null);
    }
    // Steps of its shards may have changed its counts.
    const { job } = this.#work.jobs.get(id)!;
    return { ...job, state: stateOf(job) };
  }

  /**
   * Nothing more of it is handed out; what is out ends as ever, and what is accepted goes on being checked. Of a route,
   * shards under way are finished, and then its hosts are free. Null where the job is not running.
   */
  pause(id: JobId): Promise<Job | null> {
    return this.#change(id, (_tick, job) =>
      isPaused(job) ? job : { ...job, state: { ...running(job), pausedAtMs: this.#now() } },
    );
  }

  /** Null where the job is not running. */
  resume(id: JobId): Promise<Job | null> {
    return this.#change(id, (_tick, job) => {
      const { pausedAtMs, ...state } = running(job);
      return pausedAtMs === undefined ? job : { ...job, state };
    });
  }

  /** Nothing is added to it any more: it ends with what it has. Null where the job is not running. */
  close(id: JobId): Promise<Job | null> {
    return this.#change(id, (_tick, job) => closed(job, this.#now()));
  }

  /** The author adds items: `additions.ts`. */
  add(id: JobId, addition: Addition): Promise<AddOutcome> {
    const putJob = (tick: Tick, job: Job) => this.#steps.putJob(tick, job);
    const takeUp = (tick: Tick, job: Job, shard: Shard) =>
      this.#steps.takeUp(tick, job, { shard, assignments: [] });
    const parts = { work: this.#work, books: this.#books, putJob, takeUp, now: this.#now };
    return this.#ticker.ask((tick) => addItems(tick, id, addition, parts));
  }

  /** The author offers more: `raises.ts`. */
  raise(id: JobId, raise: Raise): Promise<RaiseOutcome> {
    const putJob = (tick: Tick, job: Job) => this.#steps.putJob(tick, job);
    const parts = { work: this.#work, books: this.#books, putJob, now: this.#now };
    return this.#ticker.ask((tick) => raiseRate(tick, id, raise, parts));
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
      return changed === open.job ? changed : this.#steps.putJob(tick, changed);
    });
  }
}

function running({ state }: Job): Extract<JobState, { kind: 'running' }> {
  assert(state.kind === 'running', 'running: the job has ended');
  return state;
}
