/** A pool of probes for each lot of the running jobs: an assignment is of one lot (`core/lots.ts`), its probes as well. */
import {
  shardIndexOf,
  type ContributorId,
  type JobId,
  type RandomBytes,
  type ShardId,
} from '../../shared/ids.ts';
import { lotNumberOf } from '../core/lots.ts';
import type { Job } from '../core/state.ts';
import { ProbePool } from './probePool.ts';

export class ProbePools {
  readonly #random: RandomBytes;
  /** By the number of the lot. */
  readonly #pools = new Map<JobId, Map<number, ProbePool>>();

  constructor(random: RandomBytes) {
    this.#random = random;
  }

  /** Undefined where nothing of the shard's lot was accepted yet. */
  find(job: Pick<Job, 'id' | 'added'>, shard: ShardId): ProbePool | undefined {
    return this.#pools.get(job.id)?.get(lotNumberOf(job, shardIndexOf(shard)));
  }

  of(job: Pick<Job, 'id' | 'added'>, shard: ShardId): ProbePool {
    const lots = this.#pools.get(job.id) ?? new Map<number, ProbePool>();
    this.#pools.set(job.id, lots);
    const number = lotNumberOf(job, shardIndexOf(shard));
    const pool = lots.get(number) ?? new ProbePool(this.#random);
    lots.set(number, pool);
    return pool;
  }

  /** In none of the job's lots can a host bring an independent opinion on what another reported: whoever works at one may come to all. */
  hasOneContributor(job: JobId): boolean {
    const found = new Set<ContributorId>();
    for (const pool of this.#pools.get(job)?.values() ?? []) {
      for (const contributor of pool.contributors) found.add(contributor);
      if (found.size > 1) return false;
    }
    return found.size === 1;
  }

  /** The job has ended. */
  forget(job: JobId): void {
    this.#pools.delete(job);
  }

  /** The contributor was found to cheat: what is known on its word is not known any more. */
  doubt(contributor: ContributorId): void {
    for (const lots of this.#pools.values())
      for (const pool of lots.values()) pool.doubt(contributor);
  }
}
