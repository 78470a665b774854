/**
 * Random lives of a ledger: authors are granted credit, post jobs, cancel and transfer, hosts earn or lie, and the
 * coordinator is killed, on any store. What a life leaves behind is compared with its public log.
 */
import { assert } from '../../../shared/result.ts';
import type { ContributorId, JobId, KeyId, SiteId } from '../../../shared/ids.ts';
import { rewardOf } from '../../../shared/reward.ts';
import {
  authorAccount,
  contributorAccount,
  ISSUANCE,
  postingsOf,
  siteAccount,
  teamAccount,
  type Account,
} from '../../../shared/ledger.ts';
import { MAX_HELD_MS } from '../../../shared/limits.ts';
import { decodeFact, type LogFact } from '../../../shared/protocol/publicLog.ts';
import { ownersOf, type CreditFact } from '../../core/ledger.ts';
import { jobPrice, shardsOf } from '../../core/plan.ts';
import { digest, jobOf } from '../../core/testing/work.ts';
import { Rng } from '../../sim/rng.ts';
import type { Store } from '../../store/store.ts';
import type { PostOutcome } from '../payments.ts';
import { contributorOf, EngineRig, type RigHost } from './engineRig.ts';
import { HOSTS, type Move } from './ledgerMoves.ts';

const AUTHORS = ['key_a', 'key_b'] as readonly string[] as readonly KeyId[];
/** Its jobs are granted what they lack. */
const SPONSORED = 'key_sponsored' as KeyId;
export class LedgerLife {
  readonly rig: EngineRig;
  readonly #hosts: RigHost[] = [];
  /** How far each host's assignments have been reported. */
  readonly #reported = new Map<RigHost, number>();
  #site = '' as SiteId;
  readonly jobs: JobId[] = [];
  readonly posted: PostOutcome[] = [];

  private constructor(rig: EngineRig) {
    this.rig = rig;
  }

  static async begin(open?: () => Promise<Store>): Promise<LedgerLife> {
    const random = new Rng(1).bytes;
    const life = new LedgerLife(await EngineRig.started(open ? { open, random } : { random }));
    const { sites } = life.rig.engine.communities;
    const added = await sites.add(AUTHORS[0]!, {
      name: 'a site',
      origins: [],
      proposedPercent: 10,
    });
    assert(added.ok, 'no site');
    life.#site = added.value.id;
    await life.#connect();
    return life;
  }

  async #connect(): Promise<void> {
    this.#hosts.length = 0;
    const site = this.#site;
    for (const who of HOSTS) this.#hosts.push(await this.rig.worker(who, 2, { site }));
  }

  /** Everything of a batch is asked for at once. */
  async play(batch: readonly Move[]): Promise<void> {
    await Promise.all(
      batch.map((move) =>
        this.#play(move).catch((error: unknown) => {
          // Only a kill may leave somebody without an answer.
          if (this.rig.fatal.length === 0) throw error;
        }),
      ),
    );
    await this.rig.quiet();
    if (this.rig.fatal.length === 0) return;
    this.rig.fatal.length = 0;
    this.rig.gate = null;
    await this.#restart();
  }

  async #restart(): Promise<void> {
    await this.rig.restart();
    await this.#connect();
  }

  async #play(move: Move): Promise<void> {
    const { payments, jobs } = this.rig.engine;
    const atMs = (this.rig.nowMs += 1);
    switch (move.what) {
      case 'post': {
        const author = [...AUTHORS, SPONSORED][move.author]!;
        const cut = { items: 10 * move.shards, itemsPerShard: 10, shards: move.shards };
        const base = jobOf(cut);
        const job = jobOf({
          ...cut,
          author,
          id: `job_${this.jobs.length}` as JobId,
          priceMicroCredits: jobPrice(cut, base.facts.flopsPerItem, 2),
          createdAtMs: atMs,
          state: move.isHeld
            ? { kind: 'running', heldUntilMs: atMs + MAX_HELD_MS }
            : { kind: 'running' },
        });
        this.jobs.push(job.id);
        const idempotencyKey = move.key === 0 ? null : `key ${move.key}`;
        const specDigest = digest(`${move.shards}`);
        const isPrepaid = author !== SPONSORED;
        const shards = shardsOf(job);
        const posting = { job, shards, idempotencyKey, specDigest, isPrepaid };
        this.posted.push(await payments.post(posting));
        return;
      }
      case 'grant': {
        const to = authorAccount(AUTHORS[move.author]!);
        const microCredits = BigInt(move.amount);
        await payments.move({ type: 'grant', id: `g${move.key}`, to, microCredits, atMs });
        return;
      }
      case 'transfer': {
        const from = authorAccount(AUTHORS[move.from]!);
        const to = this.#receivers[move.to]!;
        if (to === from) return;
        const microCredits = BigInt(move.amount);
        await payments.move({ type: 'transfer', id: `t${move.key}`, from, to, microCredits, atMs });
        return;
      }
      case 'give': {
        const from = contributorAccount(idOf(move.who));
        const to = this.#receivers[move.to] ?? this.#communal[move.to - this.#receivers.length];
        if (to === from || to === undefined) return;
        const microCredits = BigInt(move.amount);
        const id = `given ${move.who} ${move.key}`;
        await payments.move({ type: 'transfer', id, from, to, microCredits, atMs });
        return;
      }
      case 'team':
        return this.#team(idOf(move.who), move.act);
      case 'share': {
        const site = { id: this.#site, percent: move.site };
        await this.rig.engine.communities.share(idOf(move.who), move.team, site);
        return;
      }
      case 'remove-site':
        await this.rig.engine.communities.sites.remove(this.#site);
        return;
      case 'work':
        return this.#work(move.liar);
      case 'cancel': {
        const id = this.jobs[move.job];
        if (id !== undefined) await jobs.cancel(id);
        return;
      }
      case 'raise': {
        const id = this.jobs[move.job];
        if (id === undefined) return;
        const isPrepaid = (await this.rig.store.job(id))?.author !== SPONSORED;
        await jobs.raise(id, { ratePercent: move.ratePercent, budget: null, isPrepaid });
        return;
      }
      case 'add': {
        const id = this.jobs[move.job];
        if (id === undefined) return;
        const { shards } = move;
        const cut = { items: 10 * shards, itemsPerShard: 10, shards, stacked: null };
        const key = move.key === 0 ? null : digest(`${move.key}`);
        const isPrepaid = (await this.rig.store.job(id))?.author !== SPONSORED;
        const asked = digest(`${shards} shards`);
        await jobs.add(id, { ...cut, key, asked, budget: null, isPrepaid });
        return;
      }
      case 'close': {
        const id = this.jobs[move.job];
        if (id !== undefined) await jobs.close(id);
        return;
      }
      case 'restart':
        // Alone, so that nothing is asked of an engine that is gone.
        await this.rig.quiet();
        return this.#restart();
      case 'kill':
        // What is asked for at the same time may be durable or not, and is never half.
        this.rig.gate = Promise.reject(new Error('killed'));
        this.rig.gate.catch(() => undefined);
        return;
      default:
        return move satisfies never;
    }
  }

  /** Whatever is refused changes nothing. */
  async #team(who: ContributorId, act: (Move & { what: 'team' })['act']): Promise<void> {
    const { teams } = this.rig.engine.communities;
    switch (act) {
      case 'create':
        await teams.create(who, { name: who, join: 'open', maxMembers: 2 });
        return;
      case 'join': {
        const [first] = teams.list(null, 1);
        if (first !== undefined) await teams.join(who, first.id, null);
        return;
      }
      case 'leave':
        await teams.leave(who);
        return;
      case 'dissolve':
        await teams.dissolve(who);
        return;
      case 'forsake':
        return teams.forsake(who);
      default:
        return act satisfies never;
    }
  }

  get #communal(): Account[] {
    const teams = this.rig.engine.communities.teams.list(null, 1);
    return [siteAccount(this.#site), ...teams.map(({ id }) => teamAccount(id))];
  }

  get #receivers(): Account[] {
    return [
      ...AUTHORS.map((key) => authorAccount(key)),
      ...HOSTS.map((who) => contributorAccount(contributorOf(who).id)),
    ];
  }

  async #work(liar: number | null): Promise<void> {
    for (const [i, host] of this.#hosts.entries()) {
      const from = this.#reported.get(host) ?? 0;
      for (let index = from; index < host.link.assigned.length; index++)
        this.rig.report(host, index, i === liar ? 1 : 0);
      this.#reported.set(host, host.link.assigned.length);
    }
  }

  /** What is wrong with the books; empty where they are right. */
  async faults(): Promise<string[]> {
    const { store } = this.rig;
    const { logSize, rows } = await store.ledger.balances(null, 10_000);
    const told = new Map(rows.map(({ account, microCredits }) => [account, microCredits]));
    const faults: string[] = [];
    let sum = 0n;
    for (const [account, balance] of told) {
      sum += balance;
      if (balance < 0n && account !== ISSUANCE) faults.push(`${account} has ${balance}`);
    }
    if (sum !== 0n) faults.push(`balances sum to ${sum}`);
    const folded = new Map<Account, bigint>();
    const once = new Set<string>();
    const listings = new Map<Account, Set<number>>();
    for (const [index, fact] of (await this.facts(logSize)).entries()) {
      if (fact.type === 'shard') continue;
      const owners = fact.type === 'credit' ? [] : ownersOf(fact);
      for (const owner of owners)
        listings.set(owner, (listings.get(owner) ?? new Set()).add(index));
      if (fact.type === 'credit') faults.push(...creditFaults(fact));
      for (const { account, microCredits } of postingsOf(fact)) {
        const balance = (folded.get(account) ?? 0n) + microCredits;
        folded.set(account, balance);
        if (balance < 0n && account !== ISSUANCE) faults.push(`the log lets ${account} owe`);
      }
      const name = nameOf(fact);
      if (once.has(name)) faults.push(`a second ${name}`);
      once.add(name);
    }
    for (const account of new Set([...told.keys(), ...folded.keys()])) {
      const [a, b] = [told.get(account) ?? 0n, folded.get(account) ?? 0n];
      if (a !== b) faults.push(`${account}: balance ${a}, the log says ${b}`);
    }
    for (const [owner, entries] of listings) {
      const { rows: listed } = await store.ledger.movements(owner, null, 10_000);
      const seen = new Set(listed.map(({ logIndex }) => logIndex));
      const lost = [...entries].filter((index) => !seen.has(index));
      if (lost.length > 0) faults.push(`${owner} does not list ${lost.join()}`);
    }
    const { isGone } = this.rig.engine.communities;
    for (const [account, balance] of told)
      if (balance > 0n && isGone(account)) faults.push(`${account} is gone, and has ${balance}`);
    for (const who of HOSTS) {
      const earned = (await store.contributor(contributorOf(who).id))?.microCredits ?? 0n;
      const credited = await this.rig.creditOf(who);
      if (earned !== credited) faults.push(`${who} earned ${earned}, was credited ${credited}`);
    }
    return faults;
  }

  async facts(size: number): Promise<LogFact[]> {
    const facts: LogFact[] = [];
    while (facts.length < size) {
      for (const bytes of await this.rig.store.logged(facts.length)) {
        const fact = decodeFact(bytes);
        assert(fact.ok, 'an entry cannot be read');
        facts.push(fact.value);
      }
    }
    return facts.slice(0, size);
  }

  async end(): Promise<void> {
    await this.rig.engine.stop();
    await this.rig.store.close();
  }
}

/** Its shares are not more than it, and its factors give its amount. */
function creditFaults({ microCredits, shares = [], factors }: CreditFact): string[] {
  const shared = shares.reduce((sum, share) => sum + share.microCredits, 0n);
  const reward = factors === undefined ? null : rewardOf(factors);
  return [
    ...(shared > microCredits ? [`${shared} are shared of ${microCredits}`] : []),
    ...(reward === null || reward.own + reward.checks !== microCredits ? ['wrong factors'] : []),
  ];
}

const idOf = (who: number): ContributorId => contributorOf(HOSTS[who]!).id;

function nameOf(fact: Exclude<LogFact, { type: 'shard' }>): string {
  switch (fact.type) {
    case 'credit':
      return `credit of ${fact.shard} to ${fact.contributor}`;
    case 'grant':
      return `grant ${fact.id} to ${fact.to}`;
    case 'transfer':
      return `transfer ${fact.id} of ${fact.from}`;
    case 'escrow':
      return fact.lot === undefined
        ? `escrow of ${fact.job} at ${fact.ratePercent ?? 'its first rate'}`
        : `escrow of ${fact.job} for lot ${fact.lot}`;
    case 'refund':
      return `refund of ${fact.job}`;
    case 'opening':
      return `opening of ${fact.to}`;
    default:
      return fact satisfies never;
  }
}
