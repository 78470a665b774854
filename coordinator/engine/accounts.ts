/**
 * Accounts: which contributor a key leads to, and how that changes: devices are linked and removed, a recovery phrase
 * is set, an account is named or deleted. Who may ask for it has been proven before.
 *
 * Invariants: a key leads to one account at most, and once retired to none for ever; a change is durable before any link
 * of a key that it concerns goes on, and no link goes on under what its key led to before.
 */
import type { ContributorId } from '../../shared/ids.ts';
import { contributorAccount } from '../../shared/ledger.ts';
import { MAX_DEVICES_PER_ACCOUNT } from '../../shared/limits.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { newContributor } from '../core/newContributor.ts';
import type { Contributor, Device, DeviceState } from '../core/state.ts';
import type { Store } from '../store/store.ts';
import {
  ALREADY_LINKED,
  DELETED,
  HAS_DEVICES,
  KEY_RETIRED,
  LAST_DEVICE,
  NO_SUCH_DEVICE,
  RECOVERY_ONLY,
  RECOVERY_TAKEN,
  RECOVERY_UNKNOWN,
  TOO_MANY_DEVICES,
} from './accountProblems.ts';
import type { Books } from './books.ts';
import type { Contributors } from './contributors.ts';
import type { ConnectedHost } from './hosts.ts';
import type { Teams } from './teams.ts';
import type { Tick } from './tick.ts';
import type { Ticker } from './ticker.ts';

export interface AccountsOptions {
  readonly store: Pick<Store, 'accounts'>;
  readonly ticker: Pick<Ticker, 'ask'>;
  readonly contributors: Contributors;
  readonly books: Pick<Books, 'using'>;
  readonly teams: Pick<Teams, 'forsake'>;
  readonly now: () => number;
  readonly engine: { leave(host: ConnectedHost, reason: 'closing'): void };
}

/** An account as its person sees it. */
export interface AccountFacts {
  readonly contributor: Contributor;
  readonly name: string | null;
  /** Living keys, a recovery phrase among them. */
  readonly devices: readonly Device[];
}

/** A key: the contributor that it is by itself, and the key, which a new contributor's record holds. */
export interface Key {
  readonly own: ContributorId;
  readonly publicKey: string;
}

const FIRST_DEVICE = 'First device';

export class Accounts {
  readonly #options: AccountsOptions;
  /** Changes are made one after the other: each reads what the one before has made. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Rises with every durable change. */
  #version = 0;
  readonly #live = new Map<ContributorId, Set<ConnectedHost>>();

  constructor(options: AccountsOptions) {
    this.#options = options;
  }

  get version(): number {
    return this.#version;
  }

  /** The account that a key may act for. */
  async accountOf(own: ContributorId): Promise<Result<ContributorId, Problem>> {
    const state = await this.#stateOf(own);
    switch (state?.kind) {
      case undefined:
        return ok(own);
      case 'device':
        return ok(state.account);
      case 'recovery':
        return fail(RECOVERY_ONLY);
      case 'retired':
        return fail(KEY_RETIRED);
      default:
        return state satisfies never;
    }
  }

  /** Its record; a new one where it has none. */
  async contributorOf({ own, publicKey }: Key): Promise<Result<Contributor, Problem>> {
    const account = await this.accountOf(own);
    if (!account.ok) return account;
    const { contributors, now } = this.#options;
    const known = await contributors.read(account.value);
    return ok(known ?? newContributor(account.value, publicKey, now()));
  }

  async factsOf(key: Key): Promise<Result<AccountFacts, Problem>> {
    const contributor = await this.contributorOf(key);
    if (!contributor.ok) return contributor;
    const { accounts } = this.#options.store;
    const { id } = contributor.value;
    const [devices, names] = await Promise.all([this.#living(id), accounts.names([id])]);
    return ok({ contributor: contributor.value, name: names.get(id) ?? null, devices });
  }

  /** The account's record is there from now on: other keys may be linked to it. */
  ensure(key: Key): Promise<Result<ContributorId, Problem>> {
    return this.#change(async () => {
      const contributor = await this.contributorOf(key);
      if (!contributor.ok) return contributor;
      const { id } = contributor.value;
      const { contributors, ticker } = this.#options;
      if ((await contributors.read(id)) === null) {
        await ticker.ask((tick) => contributors.put(tick, contributor.value));
      }
      return ok(id);
    });
  }

  rename(account: ContributorId, name: string | null): Promise<Result<null, Problem>> {
    return this.#change(async () => {
      if (!(await this.#isAccount(account))) return fail(KEY_RETIRED);
      await this.#options.ticker.ask((tick) => tick.putName(account, name));
      return ok(null);
    });
  }

  /** It stays so when the account is deleted. */
  setListed(account: ContributorId, listed: boolean): Promise<Result<null, Problem>> {
    return this.#change(async () => {
      if (!(await this.#isAccount(account))) return fail(KEY_RETIRED);
      const { contributors, books, ticker } = this.#options;
      const before = await contributors.read(account);
      await books.using([contributorAccount(account)], () =>
        ticker.ask((tick) => {
          const record = contributors.find(account) ?? before;
          if (record === null) return;
          const { unlisted: _, ...rest } = record;
          contributors.put(tick, listed ? rest : { ...rest, unlisted: true });
        }),
      );
      return ok(null);
    });
  }

  /** The key leads to the account from now on; what it had by itself goes there too. */
  link(own: ContributorId, account: ContributorId, name: string): Promise<Result<null, Problem>> {
    return this.#change(() => this.#link(own, account, name));
  }

  /** As `link`, to the account of the phrase whose key this is. */
  restore(
    own: ContributorId,
    recovery: ContributorId,
    name: string,
  ): Promise<Result<null, Problem>> {
    return this.#change(async () => {
      const state = await this.#stateOf(recovery);
      if (state?.kind !== 'recovery') return fail(RECOVERY_UNKNOWN);
      return this.#link(own, state.account, name);
    });
  }

  /** The key of a phrase may link others to the account from now on; that of an older phrase may not any more. */
  setRecovery(account: ContributorId, recovery: ContributorId): Promise<Result<null, Problem>> {
    return this.#change(async () => {
      const { contributors, ticker, now } = this.#options;
      const isTaken =
        (await this.#stateOf(recovery)) !== null || (await contributors.read(recovery)) !== null;
      if (isTaken) return fail(RECOVERY_TAKEN);
      if (!(await this.#isAccount(account))) return fail(KEY_RETIRED);
      const devices = await this.#living(account);
      await ticker.ask((tick) => {
        this.#putFirst(tick, account, devices);
        for (const { id, state } of devices) {
          if (state.kind === 'recovery') retire(tick, id, account);
        }
        const state = { kind: 'recovery', account, linkedAtMs: now() } as const;
        tick.putDevice({ id: recovery, state });
      });
      return ok(null);
    });
  }

  /** The key leads nowhere from now on. What it has earned stays with the account. */
  remove(account: ContributorId, id: ContributorId): Promise<Result<null, Problem>> {
    return this.#change(async () => {
      const devices = await this.#living(account);
      const device = devices.find((it) => it.id === id);
      if (device === undefined) return fail(NO_SUCH_DEVICE);
      const others = devices.filter(({ state }) => state.kind === 'device');
      if (device.state.kind === 'device' && others.length === 1) return fail(LAST_DEVICE);
      await this.#retire(account, [id]);
      return ok(null);
    });
  }

  /** Names and keys are forgotten; what was earned and published stays, under the contributor's id. */
  delete(account: ContributorId): Promise<void> {
    return this.#change(async () => {
      const devices = await this.#living(account);
      // Of a key that was never seen nothing is kept, not even that it is gone.
      if (devices.length === 0 && (await this.#options.contributors.read(account)) === null) return;
      const ids = new Set([account, ...devices.map(({ id }) => id)]);
      await this.#options.teams.forsake(account);
      await this.#retire(account, [...ids], (tick) => {
        tick.putName(account, null);
        const record = this.#options.contributors.find(account);
        if (record !== undefined) this.#options.contributors.put(tick, withoutSharing(record));
      });
    });
  }

  /** A link of the key was welcomed. */
  entered(own: ContributorId, host: ConnectedHost): void {
    const hosts = this.#live.get(own) ?? new Set();
    this.#live.set(own, hosts.add(host));
  }

  left(own: ContributorId, host: ConnectedHost): void {
    const hosts = this.#live.get(own);
    hosts?.delete(host);
    if (hosts?.size === 0) this.#live.delete(own);
  }

  /** To be called once a link is welcomed: ends it where its key leads elsewhere since `version`. */
  async recheck(own: ContributorId, host: ConnectedHost, version: number): Promise<void> {
    if (version === this.#version) return;
    const account = await this.accountOf(own);
    if (!account.ok || account.value !== host.contributor) this.#end(host);
  }

  async #link(
    own: ContributorId,
    account: ContributorId,
    name: string,
  ): Promise<Result<null, Problem>> {
    const { contributors, books, ticker, now } = this.#options;
    const led = await this.accountOf(own);
    if (!led.ok) return led;
    if (led.value !== own || own === account) return fail(ALREADY_LINKED);
    const record = await contributors.read(account);
    if (record === null || !(await this.#isAccount(account))) return fail(DELETED);
    const devices = await this.#living(account);
    if (devices.length >= MAX_DEVICES_PER_ACCOUNT) return fail(TOO_MANY_DEVICES);
    const ownDevices = (await this.#living(own)).filter(({ id }) => id !== own);
    if (ownDevices.some(({ state }) => state.kind === 'device')) return fail(HAS_DEVICES);
    await this.#options.teams.forsake(own);
    const before = await contributors.read(own);
    const balances = [account, own].map(contributorAccount);
    await books.using(balances, () =>
      ticker.ask((tick) => {
        // Read before the tick, they may have been forgotten since, but not changed.
        if (contributors.find(account) === undefined) contributors.put(tick, record);
        this.#putFirst(tick, account, devices);
        const state = { kind: 'device', account, name, linkedAtMs: now() } as const;
        tick.putDevice({ id: own, state });
        for (const { id } of ownDevices) retire(tick, id, account);
        tick.putName(own, null);
        const mine = contributors.find(own) ?? before;
        if (mine !== null) contributors.put(tick, { ...mine, movedTo: account });
        tick.moveHistory(own, account);
      }),
    );
    this.#endAll([own]);
    return ok(null);
  }

  /** An account has a row for its first key as soon as it has others, or that one was removed. */
  #putFirst(tick: Tick, account: ContributorId, devices: readonly Device[]): void {
    if (devices.length > 0) return;
    const linkedAtMs = this.#options.contributors.find(account)?.firstSeenMs ?? this.#options.now();
    const state = { kind: 'device', account, name: FIRST_DEVICE, linkedAtMs } as const;
    tick.putDevice({ id: account, state });
  }

  async #retire(
    account: ContributorId,
    ids: readonly ContributorId[],
    also: (tick: Tick) => void = () => undefined,
  ): Promise<void> {
    const { contributors, books, ticker } = this.#options;
    // The account's first: what the others have moves there.
    for (const id of [account, ...ids]) await contributors.recall(id);
    const before = await Promise.all(ids.map((id) => contributors.read(id)));
    const main = await contributors.read(account);
    const balances = [account, ...ids].map(contributorAccount);
    await books.using(balances, () =>
      ticker.ask((tick) => {
        if (main !== null && contributors.find(account) === undefined) contributors.put(tick, main);
        ids.forEach((id, i) => {
          retire(tick, id, account);
          const record = contributors.find(id) ?? before[i]!;
          if (record !== null) contributors.put(tick, { ...record, publicKey: '' });
        });
        also(tick);
      }),
    );
    this.#endAll(ids);
  }

  /** Keys lead to it: it was neither deleted nor linked to another one. */
  async #isAccount(id: ContributorId): Promise<boolean> {
    const state = await this.#stateOf(id);
    if (state === null) return true;
    // Its first device may have been removed: it lives while others lead to it.
    return state.account === id && (await this.#living(id)).length > 0;
  }

  async #stateOf(id: ContributorId): Promise<DeviceState | null> {
    return (await this.#options.store.accounts.device(id))?.state ?? null;
  }

  async #living(account: ContributorId): Promise<readonly Device[]> {
    const devices = await this.#options.store.accounts.devicesOf(account);
    return devices.filter(({ state }) => state.kind !== 'retired');
  }

  #change<T>(make: () => Promise<T>): Promise<T> {
    const made = this.#turn.then(make);
    this.#turn = made.catch(() => undefined);
    return made;
  }

  #endAll(ids: readonly ContributorId[]): void {
    this.#version += 1;
    for (const id of ids) for (const host of [...(this.#live.get(id) ?? [])]) this.#end(host);
  }

  #end(host: ConnectedHost): void {
    this.#options.engine.leave(host, 'closing');
    host.link.close('its key leads to another account now');
  }
}

const retire = (tick: Tick, id: ContributorId, account: ContributorId): void =>
  tick.putDevice({ id, state: { kind: 'retired', account } });

const withoutSharing = ({ sharing: _, ...record }: Contributor): Contributor => record;
