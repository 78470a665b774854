/**
 * What may still be taken back of staged jobs: provisional shards, by the contributors of their stages.
 *
 * An index over committed records, rebuilt at start; it decides nothing.
 */
import type { ContributorId, JobId, ShardId } from '../../../shared/ids.ts';
import type { Assignment } from '../../core/state.ts';
import { reportsOf, type ShardWork } from '../../core/step.ts';

export class StageEscrow {
  readonly #shards: ReadonlyMap<ShardId, ShardWork>;
  readonly #of = new Map<ContributorId, Set<ShardId>>();
  readonly #ofJob = new Map<JobId, Set<ShardId>>();

  /** `shards`: everything that is open. */
  constructor(shards: ReadonlyMap<ShardId, ShardWork>) {
    this.#shards = shards;
  }

  add(work: ShardWork): void {
    const { id, job } = work.shard;
    for (const { contributor } of reportsOf(work)) addTo(this.#of, contributor, id);
    addTo(this.#ofJob, job, id);
  }

  /** `work` as it was while it was provisional, or with the same contributors. */
  remove(work: ShardWork): void {
    const { id, job } = work.shard;
    for (const { contributor } of work.assignments) removeFrom(this.#of, contributor, id);
    removeFrom(this.#ofJob, job, id);
  }

  /** The job has ended. */
  forget(job: JobId): void {
    for (const id of this.#ofJob.get(job) ?? []) {
      for (const contributor of [...this.#of.keys()]) removeFrom(this.#of, contributor, id);
    }
    this.#ofJob.delete(job);
  }

  /** Provisional shards of a contributor, as they are now. */
  of(contributor: ContributorId): ShardWork[] {
    return this.#worksOf(this.#of.get(contributor));
  }

  jobs(): JobId[] {
    return [...this.#ofJob.keys()];
  }

  ofJob(job: JobId): ShardWork[] {
    return this.#worksOf(this.#ofJob.get(job));
  }

  #worksOf(ids: ReadonlySet<ShardId> = new Set()): ShardWork[] {
    return [...ids]
      .map((id) => this.#shards.get(id))
      .filter((work) => work?.shard.state.kind === 'provisional') as ShardWork[];
  }
}

/** The reports that a provisional shard stands on, stage by stage. */
export const stageReports = (work: ShardWork): Assignment[] =>
  reportsOf(work).sort((a, b) => a.stage! - b.stage!);

function addTo<K>(index: Map<K, Set<ShardId>>, key: K, shard: ShardId): void {
  index.set(key, (index.get(key) ?? new Set()).add(shard));
}

function removeFrom<K>(index: Map<K, Set<ShardId>>, key: K, shard: ShardId): void {
  const shards = index.get(key);
  shards?.delete(shard);
  if (shards?.size === 0) index.delete(key);
}
