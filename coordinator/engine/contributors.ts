/**
 * Records of contributors that are connected or have open work, in memory: written through in every tick, read from
 * the store where they are not here.
 *
 * Invariant: where the record of a contributor is here whose credit moves to an account (`movedTo`), so is the account's;
 * and where a record is here, so is its balance.
 */
import type { ContributorId } from '../../shared/ids.ts';
import { contributorAccount } from '../../shared/ledger.ts';
import { assert } from '../../shared/result.ts';
import { hasAnything, moveCredit } from '../core/moveCredit.ts';
import type { Contributor, WorkedBy } from '../core/state.ts';
import type { Store } from '../store/store.ts';
import type { Books } from './books.ts';
import type { Hosts } from './hosts.ts';
import type { OpenWork } from './openWork.ts';
import type { Tick } from './tick.ts';

export class Contributors {
  readonly #store: Pick<Store, 'contributor'>;
  readonly #books: Pick<Books, 'recall' | 'moveAll'>;
  readonly #records = new Map<ContributorId, Contributor>();
  /** Records that were idle at the last look. */
  #idle = new Map<ContributorId, Contributor>();

  constructor(store: Pick<Store, 'contributor'>, books: Pick<Books, 'recall' | 'moveAll'>) {
    this.#store = store;
    this.#books = books;
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

  /** Also moves on what it has to the account that its device was linked to: the one place where that is done. */
  put(tick: Tick, contributor: Contributor): void {
    let kept = contributor;
    const { id, movedTo } = contributor;
    if (movedTo !== undefined) {
      // Also where it earned nothing: somebody may have given it some.
      this.#books.moveAll(tick, id, movedTo);
      if (hasAnything(contributor)) {
        const { from, to } = moveCredit(contributor, this.get(movedTo));
        kept = from;
        this.put(tick, to);
      }
    }
    this.#records.set(kept.id, kept);
    tick.putContributor(kept);
  }

  /** The entry with the account in whose history it counts, where that is not its contributor's own. */
  forHeir = <T extends WorkedBy & { readonly contributor: ContributorId }>(entry: T): T => {
    let account = entry.contributor;
    for (let next: ContributorId | undefined = account; next !== undefined;) {
      account = next;
      next = this.#records.get(account)?.movedTo;
    }
    return account === entry.contributor ? entry : { ...entry, account };
  };

  /** From memory or the store; null for one never seen. */
  async read(id: ContributorId): Promise<Contributor | null> {
    return this.#records.get(id) ?? (await this.#store.contributor(id));
  }

  /** Brings the record into memory, where the store has it, and its balance. */
  async recall(id: ContributorId): Promise<void> {
    await this.#books.recall(contributorAccount(id));
    if (this.#records.has(id)) return;
    const contributor = await this.#store.contributor(id);
    if (contributor?.movedTo !== undefined) await this.recall(contributor.movedTo);
    // Meanwhile it may have connected, and earned something.
    if (contributor === null || this.#records.has(id)) return;
    this.#records.set(id, contributor);
  }

  /**
   * Forgets contributors that are neither connected nor in open work: keys cost nothing to make, and memory
   * must stay bounded. To be called after a commit. A record goes at the second look that finds it unchanged:
   * by then its last change is durable, though the next tick may be stepped already. Returns those that go.
   */
  forgetIdle(hosts: Hosts, work: OpenWork): ContributorId[] {
    const needed = hosts.contributors();
    for (const { assignments } of work.shards.values()) {
      for (const { contributor } of assignments) needed.add(contributor);
    }
    for (const { movedTo } of this.#records.values()) {
      if (movedTo !== undefined) needed.add(movedTo);
    }
    const idle = new Map<ContributorId, Contributor>();
    const forgotten: ContributorId[] = [];
    for (const [id, record] of this.#records) {
      if (needed.has(id)) continue;
      if (this.#idle.get(id) !== record) idle.set(id, record);
      else if (this.#records.delete(id)) forgotten.push(id);
    }
    this.#idle = idle;
    return forgotten;
  }
}
