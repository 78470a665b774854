/**
 * The ledger as the engine keeps it: balances in memory, written through in every tick.
 *
 * Everything that moves credit is one fact of the public log; balances follow from it in the same tick. Invariant: an
 * account that a tick changes is in memory, and stays there until the change is durable; none but `ISSUANCE` is ever
 * below zero.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import { ID_BYTES, type ContributorId, type RandomBytes } from '../../shared/ids.ts';
import {
  authorAccount,
  contributorAccount,
  escrowAccount,
  ISSUANCE,
  postingsOf,
  type Account,
  type LedgerFact,
} from '../../shared/ledger.ts';
import { assert } from '../../shared/result.ts';
import type { Share } from '../../shared/reward.ts';
import { factOfCredit, paid, refundOf, withShares, type Movement } from '../core/ledger.ts';
import type { CreditEntry, Job } from '../core/state.ts';
import type { Store } from '../store/store.ts';
import type { Tick } from './tick.ts';

export interface BooksOptions {
  readonly store: Pick<Store, 'ledger'>;
  /** A tick may change it at any time: of somebody who is connected or has work, or of a running job. */
  readonly isNeeded: (account: Account) => boolean;
  /** With whom is shared what is earned. */
  readonly shared: {
    readonly isLiving: (account: Account) => boolean;
    readonly given: (tick: Tick, shares: readonly Share[]) => void;
  };
  readonly now: () => number;
  readonly random: RandomBytes;
}

export class Books {
  readonly #options: BooksOptions;
  readonly #balances = new Map<Account, bigint>();
  /** Changes that are not durable yet, and whoever is about to make one. */
  readonly #uses = new Map<Account, number>();

  constructor(options: BooksOptions) {
    this.#options = options;
  }

  /** Accounts in memory. */
  get size(): number {
    return this.#balances.size;
  }

  /** Brings the account into memory. */
  async recall(account: Account): Promise<void> {
    if (this.#balances.has(account)) return;
    const balance = await this.#options.store.ledger.balance(account);
    // Meanwhile somebody else may have recalled it, and changed it.
    if (!this.#balances.has(account)) this.#balances.set(account, balance);
  }

  /** Of a running job: to be called before its first tick. */
  async recallJob({ id, author }: Pick<Job, 'id' | 'author'>): Promise<void> {
    for (const account of [ISSUANCE, escrowAccount(id), authorAccount(author)])
      await this.recall(account);
  }

  /** Does what changes these accounts; they are in memory meanwhile. */
  async using<T>(accounts: readonly Account[], work: () => Promise<T>): Promise<T> {
    for (const account of accounts) this.#use(account, 1);
    try {
      for (const account of accounts) await this.recall(account);
      return await work();
    } finally {
      for (const account of accounts) {
        this.#use(account, -1);
        this.#forget(account);
      }
    }
  }

  /** As it is with everything that was stepped, durable or not. */
  balanceOf = (account: Account): bigint => {
    const balance = this.#balances.get(account);
    assert(balance !== undefined, `books: ${account} is not in memory`);
    return balance;
  };

  /** The caller has seen to it that whoever pays can. */
  move(tick: Tick, movement: Movement): void {
    tick.addMovement(movement);
    this.#post(tick, movement);
  }

  /** For work of one job that was found right. */
  credit(tick: Tick, { id }: Job, credits: readonly CreditEntry[]): void {
    for (const credit of credits) {
      const { shared } = this.#options;
      const shares = credit.shares?.filter(({ to }) => shared.isLiving(to)) ?? [];
      const whole = withShares(paid(credit, this.balanceOf(escrowAccount(id))), shares);
      tick.addCredit(whole);
      this.#post(tick, factOfCredit(whole));
      shared.given(tick, shares);
    }
  }

  /** All that a contributor has, to the account that its device was linked to. */
  moveAll(tick: Tick, from: ContributorId, to: ContributorId): void {
    const [payer, receiver] = [contributorAccount(from), contributorAccount(to)];
    const microCredits = this.balanceOf(payer);
    if (microCredits === 0n) return;
    const { now, random } = this.#options;
    const id = `linked_${bytesToHex(random(ID_BYTES))}`;
    this.move(tick, { type: 'transfer', id, from: payer, to: receiver, microCredits, atMs: now() });
  }

  /** A new job: its price is put aside. */
  putAside(tick: Tick, { id, author, priceMicroCredits, createdAtMs }: Job): void {
    const microCredits = priceMicroCredits;
    this.move(tick, { type: 'escrow', job: id, author, microCredits, atMs: createdAtMs });
  }

  /** The job has ended. */
  refund(tick: Tick, job: Job, atMs: number): void {
    const refund = refundOf(job, this.balanceOf, atMs);
    if (refund !== null) this.move(tick, refund);
    for (const account of [escrowAccount(job.id), authorAccount(job.author)])
      tick.afterCommit(() => this.#forget(account));
  }

  /** Of contributors that are neither connected nor in open work. */
  forget(contributors: Iterable<ContributorId>): void {
    for (const id of contributors) this.#forget(contributorAccount(id));
  }

  /** Keys cost nothing to make: what nobody needs must not stay. */
  #forget(account: Account): void {
    if (!this.#uses.has(account) && !this.#options.isNeeded(account))
      this.#balances.delete(account);
  }

  #post(tick: Tick, fact: LedgerFact): void {
    for (const { account, microCredits } of postingsOf(fact)) {
      const balance = this.balanceOf(account) + microCredits;
      assert(balance >= 0n || account === ISSUANCE, `books: ${account} would be at ${balance}`);
      this.#balances.set(account, balance);
      tick.putBalance(account, balance);
      this.#use(account, 1);
      tick.afterCommit(() => this.#use(account, -1));
    }
  }

  #use(account: Account, change: 1 | -1): void {
    const uses = (this.#uses.get(account) ?? 0) + change;
    if (uses === 0) this.#uses.delete(account);
    else this.#uses.set(account, uses);
  }
}
