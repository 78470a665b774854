/**
 * What the public log adds up to, entry by entry, and whether it agrees with itself: every shard settles once, every
 * credit is given once, for a shard that has settled, and no account ever pays what it does not have.
 */
import { ISSUANCE, postingsOf, type Account, type LedgerFact } from '../shared/ledger.ts';
import { decodeFact, type LogFact } from '../shared/protocol/publicLog.ts';
import { rewardOf } from '../shared/reward.ts';
import type { LogEntry } from '../shared/tlog/logReader.ts';

type Credit = Extract<LogFact, { type: 'credit' }>;
type Escrow = Extract<LogFact, { type: 'escrow' }>;

/** Faults that are told one by one; the rest are counted. */
const MAX_TOLD = 20;

export class LedgerAudit {
  readonly #settled = new Set<string>();
  /** Names of everything that may be in the log once. */
  readonly #once = new Set<string>();
  readonly #balances = new Map<Account, bigint>();
  readonly #earned = new Map<string, bigint>();
  /** Of each job. */
  readonly #authors = new Map<string, string>();
  #openings = 0;
  readonly #faults: string[] = [];
  #faultCount = 0;
  #entries = 0;

  /** In the order of the log. */
  add({ index, bytes }: LogEntry): void {
    this.#entries += 1;
    const decoded = decodeFact(bytes);
    if (!decoded.ok) return this.#fault(index, `it cannot be read: ${decoded.error}`);
    const fact = decoded.value;
    switch (fact.type) {
      case 'shard':
        if (this.#settled.has(fact.shard))
          this.#fault(index, `${fact.shard} settles a second time`);
        this.#settled.add(fact.shard);
        return;
      case 'credit':
        this.#addCredit(index, fact);
        break;
      case 'grant':
      case 'transfer':
        this.#mustBeFirst(index, `${fact.type} ${fact.id}`);
        break;
      case 'escrow':
        this.#addEscrow(index, fact);
        break;
      case 'refund':
        this.#mustBeFirst(index, `refund of ${fact.job}`);
        if (this.#authors.get(fact.job) !== fact.author)
          this.#fault(index, `${fact.job} is refunded to ${fact.author}, who did not post it`);
        break;
      case 'opening':
        this.#mustBeFirst(index, `opening of ${fact.to}`);
        if (this.#entries > this.#openings + 1)
          this.#fault(index, `${fact.to} is opened after the ledger has begun`);
        this.#openings += 1;
        this.#earn(fact.to.slice(fact.to.indexOf(':') + 1), fact.microCredits);
        break;
      default:
        return fact satisfies never;
    }
    this.#post(index, fact);
  }

  #addEscrow(index: number, { job, author, ratePercent, lot }: Escrow): void {
    if (ratePercent === undefined && lot === undefined) {
      this.#mustBeFirst(index, `escrow of ${job}`);
      this.#authors.set(job, author);
      return;
    }
    const what = lot === undefined ? `at ${ratePercent} %` : `for lot ${lot}`;
    this.#mustBeFirst(index, `escrow of ${job} ${what}`);
    if (this.#authors.get(job) !== author)
      this.#fault(index, `${job} is paid more for by ${author}, who did not post it`);
  }

  #addCredit(index: number, credit: Credit): void {
    const { contributor, shard, stage, assignment, microCredits, issued = 0n } = credit;
    // Of a model in stages each assignment is paid; otherwise a contributor once for a shard.
    this.#mustBeFirst(
      index,
      `payment for ${shard} to ${contributor}${stage === undefined ? '' : `, ${assignment}`}`,
    );
    if (stage === undefined && !this.#settled.has(shard)) {
      this.#fault(index, `${contributor} is paid for ${shard}, which has not settled`);
    }
    if (issued > microCredits)
      this.#fault(index, `${issued} are issued for work of ${microCredits}`);
    this.#checkShares(index, credit);
    this.#checkFactors(index, credit);
    this.#earn(contributor, microCredits);
  }

  /** What was chosen nobody else knows; it can be neither more than there is nor twice for one account. */
  #checkShares(index: number, { microCredits, shares = [] }: Credit): void {
    const shared = shares.reduce((sum, share) => sum + share.microCredits, 0n);
    if (shared > microCredits)
      this.#fault(index, `${shared} are shared of work of ${microCredits}`);
    if (new Set(shares.map(({ to }) => to)).size < shares.length)
      this.#fault(index, 'it is shared twice with one account');
    const other = shares.find(({ to }) => !/^(team|site):/.test(to));
    if (other !== undefined) this.#fault(index, `it is shared with ${other.to}, no team or site`);
  }

  #checkFactors(index: number, { microCredits, probes = 0, factors }: Credit): void {
    if (factors === undefined) return;
    const { own, checks } = rewardOf(factors);
    if (own + checks !== microCredits)
      this.#fault(index, `its factors give ${own + checks}, it is of ${microCredits}`);
    if (probes > 0 !== (factors.checks !== undefined))
      this.#fault(index, `it counts ${probes} items of checking, and is paid otherwise`);
  }

  #earn(contributor: string, microCredits: bigint): void {
    this.#earned.set(contributor, (this.#earned.get(contributor) ?? 0n) + microCredits);
  }

  #post(index: number, fact: LedgerFact): void {
    const postings = postingsOf(fact);
    const sum = postings.reduce((total, { microCredits }) => total + microCredits, 0n);
    if (sum !== 0n) this.#fault(index, `its postings sum to ${sum}`);
    for (const { account, microCredits } of postings) {
      const balance = (this.#balances.get(account) ?? 0n) + microCredits;
      this.#balances.set(account, balance);
      if (balance < 0n && microCredits < 0n && account !== ISSUANCE)
        this.#fault(index, `${account} pays ${-microCredits}, and has ${balance - microCredits}`);
    }
  }

  #mustBeFirst(index: number, what: string): void {
    if (this.#once.has(what)) this.#fault(index, `a second ${what}`);
    this.#once.add(what);
  }

  #fault(index: number, text: string): void {
    this.#faultCount += 1;
    if (this.#faults.length < MAX_TOLD) this.#faults.push(`entry ${index}: ${text}`);
  }

  get entries(): number {
    return this.#entries;
  }
  get shards(): number {
    return this.#settled.size;
  }
  /** In micro-credits; they sum to zero. */
  get balances(): ReadonlyMap<Account, bigint> {
    return this.#balances;
  }
  /** What each contributor was ever credited, in micro-credits, shared or spent or not. */
  get earned(): ReadonlyMap<string, bigint> {
    return this.#earned;
  }
  /** The first of them, in the order of the log. */
  get faults(): readonly string[] {
    return this.#faults;
  }
  get faultCount(): number {
    return this.#faultCount;
  }
}
