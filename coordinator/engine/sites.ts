/**
 * Registered sites: all of them in memory, written through, with what each was given today.
 *
 * Invariant: a site that is gone has no credit; a day that a tick adds to is in memory.
 */
import { makeSiteId, type KeyId, type RandomBytes, type SiteId } from '../../shared/ids.ts';
import { siteAccount } from '../../shared/ledger.ts';
import { MAX_SITES, MAX_SITES_PER_KEY } from '../../shared/limits.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import type { SiteSpec } from '../../shared/protocol/sharing.ts';
import { assert, fail, ok, type Result } from '../../shared/result.ts';
import { dayOf, type Site, type SiteDay } from '../core/site.ts';
import type { Store } from '../store/store.ts';
import type { Books } from './books.ts';
import { NO_SUCH_SITE, SITE_HAS_CREDIT, TOO_MANY_SITES } from './teamProblems.ts';
import type { Tick } from './tick.ts';
import type { Ticker } from './ticker.ts';

export interface SitesOptions {
  readonly store: Pick<Store, 'communities'>;
  readonly ticker: Pick<Ticker, 'ask'>;
  readonly books: Pick<Books, 'using' | 'balanceOf'>;
  readonly now: () => number;
  readonly random: RandomBytes;
}

export class Sites {
  readonly #options: SitesOptions;
  readonly #sites = new Map<SiteId, Site>();
  /** The last day of each that was recalled. */
  readonly #days = new Map<SiteId, SiteDay>();

  constructor(options: SitesOptions) {
    this.#options = options;
  }

  /** Those of the store, at start. */
  takeUp(sites: readonly Site[]): void {
    for (const site of sites) this.#sites.set(site.id, site);
  }

  find(id: SiteId): Site | null {
    return this.#sites.get(id) ?? null;
  }

  /** Of one owner, or all where null; the oldest first. */
  of(owner: KeyId | null): readonly Site[] {
    return [...this.#sites.values()]
      .filter((site) => owner === null || site.owner === owner)
      .sort((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1));
  }

  add(owner: KeyId, spec: SiteSpec): Promise<Result<Site, Problem>> {
    const { ticker, now, random } = this.#options;
    return ticker.ask((tick) => {
      const isFull = this.#sites.size >= MAX_SITES || this.of(owner).length >= MAX_SITES_PER_KEY;
      if (isFull) return fail(TOO_MANY_SITES);
      const site = { id: makeSiteId(random), ...spec, owner, createdAtMs: Math.floor(now()) };
      this.#sites.set(site.id, site);
      tick.putSite(site.id, site);
      return ok(site);
    });
  }

  /** What it asks for and where it may be shown from now on. What was agreed to before stays. */
  change(id: SiteId, spec: SiteSpec): Promise<Result<Site, Problem>> {
    return this.#options.ticker.ask((tick) => {
      const before = this.#sites.get(id);
      if (before === undefined) return fail(NO_SUCH_SITE);
      const site = { ...before, ...spec };
      this.#sites.set(id, site);
      tick.putSite(id, site);
      return ok(site);
    });
  }

  remove(id: SiteId): Promise<Result<null, Problem>> {
    const { books, ticker } = this.#options;
    return books.using([siteAccount(id)], () =>
      ticker.ask((tick) => {
        if (!this.#sites.has(id)) return fail(NO_SUCH_SITE);
        if (books.balanceOf(siteAccount(id)) > 0n) return fail(SITE_HAS_CREDIT);
        this.#sites.delete(id);
        this.#days.delete(id);
        tick.putSite(id, null);
        return ok(null);
      }),
    );
  }

  /** To be called before anything is shared with it. */
  async recall(id: SiteId): Promise<void> {
    if (this.#days.has(id)) return;
    const [last] = await this.#options.store.communities.siteDays(id, 1);
    // Meanwhile somebody else may have recalled it, and shared with it.
    if (this.#days.has(id) || !this.#sites.has(id)) return;
    const day = dayOf(this.#options.now());
    this.#days.set(id, last ?? { site: id, day, microCredits: 0n, credits: 0 });
  }

  /** Something was shared with it. */
  given(tick: Tick, site: SiteId, microCredits: bigint): void {
    const last = this.#days.get(site);
    assert(last !== undefined, `sites: ${site} is not in memory`);
    const today = dayOf(this.#options.now());
    // A clock that went back adds to the last day.
    const before = today > last.day ? { microCredits: 0n, credits: 0 } : last;
    const day: SiteDay = {
      site,
      day: today > last.day ? today : last.day,
      microCredits: before.microCredits + microCredits,
      credits: before.credits + 1,
    };
    this.#days.set(site, day);
    tick.putSiteDay(day);
  }
}
