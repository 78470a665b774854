/**
 * What may still be taken back: provisional shards by contributor and stream, and who vouched for whom in them.
 *
 * An index over committed records, rebuilt at start; it decides nothing. A contributor vouches for another where
 * its value of a probe agreed with the other's.
 */
import type { ContributorId, JobId, ShardId } from '../../shared/ids.ts';
import type { Assignment, Job } from '../core/state.ts';
import type { ShardWork } from '../core/step.ts';
import { programOfStream, streamKeyOf } from '../core/stream.ts';

/** Provisional shards of one contributor in one stream, oldest first. */
interface Holding {
  readonly contributor: ContributorId;
  /** Its key (`core/stream.ts`). */
  readonly stream: string;
  readonly shards: Set<ShardId>;
}

/** Checks of other contributors’ items in one stream that rest on one contributor's word. */
export interface Vouched {
  readonly stream: string;
  readonly vouched: ReadonlyMap<ContributorId, number>;
}

export class Escrow {
  readonly #shards: ReadonlyMap<ShardId, ShardWork>;
  readonly #holdings = new Map<string, Holding>();

  /** `shards`: everything that is open. */
  constructor(shards: ReadonlyMap<ShardId, ShardWork>) {
    this.#shards = shards;
  }

  add(job: Job, contributor: ContributorId, shard: ShardId): void {
    const stream = streamKeyOf(job);
    const key = keyOf(contributor, stream);
    const holding = this.#holdings.get(key) ?? { contributor, stream, shards: new Set() };
    holding.shards.add(shard);
    this.#holdings.set(key, holding);
  }

  remove(job: Job, contributor: ContributorId, shard: ShardId): void {
    const key = keyOf(contributor, streamKeyOf(job));
    const holding = this.#holdings.get(key);
    holding?.shards.delete(shard);
    if (holding?.shards.size === 0) this.#holdings.delete(key);
  }

  /** The job has ended: its shards are settled, or nobody's. */
  forget(job: JobId): void {
    for (const [key, { shards }] of this.#holdings) {
      for (const id of shards) if (this.#shards.get(id)?.shard.job === job) shards.delete(id);
      if (shards.size === 0) this.#holdings.delete(key);
    }
  }

  /** Every contributor's, with the shards as they are now. */
  *all(): Generator<{ readonly contributor: ContributorId; readonly works: ShardWork[] }> {
    for (const { contributor, shards } of this.#holdings.values()) {
      yield { contributor, works: this.#worksOf(shards) };
    }
  }

  of(contributor: ContributorId, stream: string): ShardWork[] {
    const holding = this.#holdings.get(keyOf(contributor, stream));
    return holding === undefined ? [] : this.#worksOf(holding.shards);
  }

  /** Of all its streams on a program (`programKeyOf`). */
  ofProgram(contributor: ContributorId, program: string): ShardWork[] {
    return [...this.#holdings.values()]
      .filter((it) => it.contributor === contributor && programOfStream(it.stream) === program)
      .flatMap(({ shards }) => this.#worksOf(shards));
  }

  /** How many items of others, stream by stream of a program, rest on the word of this contributor. */
  vouchedFor(contributor: ContributorId, program: string): Vouched[] {
    const streams = new Set([...this.#holdings.values()].map(({ stream }) => stream));
    return [...streams]
      .filter((stream) => programOfStream(stream) === program)
      .map((stream) => ({ stream, vouched: this.#vouchedIn(stream, contributor) }));
  }

  #vouchedIn(stream: string, contributor: ContributorId): Map<ContributorId, number> {
    const vouched = new Map<ContributorId, number>();
    const count = (other: ContributorId, items: number): void => {
      if (items > 0) vouched.set(other, (vouched.get(other) ?? 0) + items);
    };
    const ownerOf = new Map<ShardId, ContributorId>();
    for (const holding of this.#holdings.values()) {
      if (holding.stream !== stream) continue;
      for (const id of holding.shards) ownerOf.set(id, holding.contributor);
    }
    for (const [id, owner] of ownerOf) {
      const probes = acceptedOf(this.#shards.get(id))?.probes ?? [];
      if (owner !== contributor) {
        // Its rows were the opinion that the other's probes were held against.
        count(owner, probes.filter(({ shard }) => ownerOf.get(shard) === contributor).length);
        continue;
      }
      for (const { shard } of probes) {
        const other = ownerOf.get(shard);
        if (other !== undefined && other !== contributor) count(other, 1);
      }
    }
    return vouched;
  }

  #worksOf(shards: ReadonlySet<ShardId>): ShardWork[] {
    return [...shards].map((id) => this.#shards.get(id)!);
  }
}

/** The assignment whose report a provisional shard stands on. */
export function acceptedOf(work: ShardWork | undefined): Assignment | null {
  const state = work?.shard.state;
  if (state?.kind !== 'provisional') return null;
  return work!.assignments.find(({ id }) => id === state.assignment)!;
}

const keyOf = (contributor: ContributorId, stream: string): string => `${contributor}/${stream}`;
