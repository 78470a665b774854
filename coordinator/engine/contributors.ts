/**
 * Records of contributors that are connected or have open work, in memory: written through in every tick, read from
 * the store where they are not here.
 */
import type { ContributorId } from '../../shared/ids.ts';
import { assert } from '../../shared/result.ts';
import type { Contributor } from '../core/state.ts';
import type { Store } from '../store/store.ts';
import type { Hosts } from './hosts.ts';
import type { OpenWork } from './openWork.ts';
import type { Tick } from './tick.ts';

export class Contributors {
  readonly #store: Pick<Store, 'contributor'>;
  readonly #records = new Map<ContributorId, Contributor>();
  /** Records that were idle at the last look. */
  #idle = new Map<ContributorId, Contributor>();

  constructor(store: Pick<Store, 'contributor'>) {
    this.#store = store;
  }

  /** Records in memory. */
  get size(): number {
    return this.#records.size;
  }

  find(id: ContributorId): Contributor | undefined {
    return this.#records.get(id);
  }

  /** Of somebody who is connected or has work. */
  get(id: ContributorId): Contributor {
    const contributor = this.#records.get(id);
    assert(contributor !== undefined, `contributor ${id} has work but no record`);
    return contributor;
  }

  put(tick: Tick, contributor: Contributor): void {
    this.#records.set(contributor.id, contributor);
    tick.putContributor(contributor);
  }

  /** From memory or the store; null for one never seen. */
  async read(id: ContributorId): Promise<Contributor | null> {
    return this.#records.get(id) ?? (await this.#store.contributor(id));
  }

  /** Brings the record into memory, where the store has it. */
  async recall(id: ContributorId): Promise<void> {
    if (this.#records.has(id)) return;
    const contributor = await this.#store.contributor(id);
    // Meanwhile it may have connected, and earned something.
    if (contributor === null || this.#records.has(id)) return;
    this.#records.set(id, contributor);
  }

  /**
   * Forgets contributors that are neither connected nor in open work: keys cost nothing to make, and memory
   * must stay bounded. To be called after a commit. A record goes at the second look that finds it unchanged:
   * by then its last change is durable, though the next tick may be stepped already.
   */
  forgetIdle(hosts: Hosts, work: OpenWork): void {
    const needed = hosts.contributors();
    for (const { assignments } of work.shards.values()) {
      for (const { contributor } of assignments) needed.add(contributor);
    }
    const idle = new Map<ContributorId, Contributor>();
    for (const [id, record] of this.#records) {
      if (needed.has(id)) continue;
      if (this.#idle.get(id) === record) this.#records.delete(id);
      else idle.set(id, record);
    }
    this.#idle = idle;
  }
}
