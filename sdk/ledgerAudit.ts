/**
 * What the public log adds up to, entry by entry, and whether it agrees with itself: every shard settles once, every
 * credit is given once, for a shard that has settled.
 */
import { decodeFact, type LogFact } from '../shared/protocol/publicLog.ts';
import type { LogEntry } from '../shared/tlog/logReader.ts';

type Credit = Extract<LogFact, { type: 'credit' }>;

/** Faults that are told one by one; the rest are counted. */
const MAX_TOLD = 20;

export class LedgerAudit {
  readonly #settled = new Set<string>();
  readonly #credited = new Set<string>();
  readonly #balances = new Map<string, bigint>();
  readonly #faults: string[] = [];
  #faultCount = 0;
  #entries = 0;

  /** In the order of the log. */
  add({ index, bytes }: LogEntry): void {
    this.#entries += 1;
    const fact = decodeFact(bytes);
    if (!fact.ok) return this.#fault(index, `it cannot be read: ${fact.error}`);
    if (fact.value.type === 'credit') return this.#addCredit(index, fact.value);
    const { shard } = fact.value;
    if (this.#settled.has(shard)) this.#fault(index, `${shard} settles a second time`);
    this.#settled.add(shard);
  }

  #addCredit(index: number, credit: Credit): void {
    const { contributor, shard, stage, assignment, microCredits } = credit;
    // Of a model in stages each assignment is paid; otherwise a contributor once for a shard.
    const what = `${shard} ${stage === undefined ? contributor : assignment}`;
    if (this.#credited.has(what)) this.#fault(index, `${contributor} is paid twice for ${shard}`);
    this.#credited.add(what);
    if (stage === undefined && !this.#settled.has(shard)) {
      this.#fault(index, `${contributor} is paid for ${shard}, which has not settled`);
    }
    const before = this.#balances.get(contributor) ?? 0n;
    this.#balances.set(contributor, before + BigInt(microCredits));
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
  /** Sum of a contributor's credits, in micro-credits. */
  get balances(): ReadonlyMap<string, bigint> {
    return this.#balances;
  }
  /** The first of them, in the order of the log. */
  get faults(): readonly string[] {
    return this.#faults;
  }
  get faultCount(): number {
    return this.#faultCount;
  }
}
