/**
 * Whose jobs are served next: start-time fair queueing over authors (P. Goyal, H. Vin, H. Cheng, SIGCOMM 1996).
 *
 * Everything that an author is given, divided by what it offers for the work, moves its turn on; the author whose turn is
 * earliest is served first. Who comes, or comes back, begins where service is now: nothing is saved up without work.
 * Memory only: after a restart all begin alike.
 */
import type { KeyId } from '../../shared/ids.ts';
import { MAX_REMEMBERED_KEYS } from '../../shared/limits.ts';
import { assert } from '../../shared/result.ts';
import { LIST_PRICE } from '../../shared/units.ts';
import type { Job } from '../core/state.ts';

/** A turn is at most so many of the largest grants behind the latest. */
const MOST_BEHIND = 4;
/** Of the largest grant, with every grant. */
const FORGETTING = 0.99;

export class AuthorTurns {
  /** Authors with running jobs; sorted when they are asked for. */
  readonly #order: KeyId[] = [];
  readonly #jobs = new Map<KeyId, number>();
  /** Of those that have running jobs, and of those that had of late. */
  readonly #turns = new Map<KeyId, number>();
  /** The latest turn that was served. */
  #now = 0;
  /** The largest work that was given at once, of late. */
  #largest = 0;
  #isSorted = true;

  jobCame({ author }: Pick<Job, 'author'>): void {
    const jobs = this.#jobs.get(author) ?? 0;
    this.#jobs.set(author, jobs + 1);
    if (jobs > 0) return;
    this.#turns.set(author, Math.max(this.#turns.get(author) ?? 0, this.#now));
    this.#order.push(author);
    this.#isSorted = false;
  }

  jobWent({ author }: Pick<Job, 'author'>): void {
    const jobs = (this.#jobs.get(author) ?? 0) - 1;
    assert(jobs >= 0, `jobWent: ${author} has a job`);
    if (jobs > 0) return void this.#jobs.set(author, jobs);
    this.#jobs.delete(author);
    this.#order.splice(this.#order.indexOf(author), 1);
    if (this.#turns.size > MAX_REMEMBERED_KEYS) this.#forgetPast();
  }

  /** Items of the job were given to a host. */
  granted({ author, facts, ratePercent = LIST_PRICE }: Job, items: number): void {
    const turn = this.#turns.get(author);
    assert(turn !== undefined, `granted: ${author} has a turn`);
    this.#now = Math.max(this.#now, turn);
    const cost = (items * Math.max(facts.flopsPerItem, 1) * LIST_PRICE) / ratePercent;
    this.#largest = Math.max(cost, this.#largest * FORGETTING);
    // Whose jobs nobody could take for a while has not saved that up.
    const earliest = this.#now - MOST_BEHIND * this.#largest;
    this.#turns.set(author, Math.max(turn, earliest) + cost);
    this.#isSorted = false;
  }

  /** Earliest turn first; of equal ones whoever came first. */
  inOrder(): readonly KeyId[] {
    if (!this.#isSorted) this.#order.sort((a, b) => this.#turns.get(a)! - this.#turns.get(b)!);
    this.#isSorted = true;
    return this.#order;
  }

  /** Those that would begin at `#now` anyway. */
  #forgetPast(): void {
    for (const [author, turn] of this.#turns)
      if (!this.#jobs.has(author) && turn <= this.#now) this.#turns.delete(author);
  }
}
