/**
 * With whom contributors share what they earn: their teams, and the sites through which they compute.
 *
 * Invariant: whatever a living assignment shares with is in memory, so that the tick that credits it can post.
 */
import type { ContributorId, SiteId, TeamId } from '../../shared/ids.ts';
import { contributorAccount, partsOf, siteAccount, teamAccount } from '../../shared/ledger.ts';
import type { Account } from '../../shared/ledger.ts';
import { MAX_AGREED_SITES } from '../../shared/limits.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import type { ChosenShare, Share } from '../../shared/reward.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { Assignment, Contributor } from '../core/state.ts';
import { NO_SHARING, overshared, termsOf, type Sharing, type Terms } from '../core/terms.ts';
import type { Store } from '../store/store.ts';
import type { Books } from './books.ts';
import type { Contributors } from './contributors.ts';
import type { ConnectedHost } from './hosts.ts';
import { Sites, type SitesOptions } from './sites.ts';
import { IN_NO_TEAM, NO_SUCH_SITE, overshareProblem, TOO_MANY_AGREED } from './teamProblems.ts';
import { Teams, type TeamsOptions } from './teams.ts';
import type { Tick } from './tick.ts';

export interface CommunitiesOptions
  extends Omit<SitesOptions, 'books'>, Omit<TeamsOptions, 'books'> {
  readonly store: Pick<Store, 'communities'>;
  readonly books: Pick<Books, 'using' | 'balanceOf' | 'move' | 'recall'>;
  readonly contributors: Contributors;
}

export class Communities {
  readonly teams: Teams;
  readonly sites: Sites;
  readonly #options: CommunitiesOptions;

  constructor(options: CommunitiesOptions) {
    this.#options = options;
    this.teams = new Teams(options);
    this.sites = new Sites(options);
  }

  /** From the store, at start, with what open work shares with. */
  async takeUp(assignments: readonly Assignment[]): Promise<void> {
    const { communities } = this.#options.store;
    this.teams.takeUp(await communities.teams());
    this.sites.takeUp(await communities.sites());
    for (const { terms } of assignments) await this.recall(terms?.shares ?? []);
  }

  /** Is there such a team or site? What was chosen for one that is gone stays with the contributor. */
  isLiving = (account: Account): boolean => {
    const { kind, id } = partsOf(account);
    if (kind === 'team') return this.teams.find(id as TeamId) !== null;
    return kind === 'site' && this.sites.find(id as SiteId) !== null;
  };

  isGone = (account: Account): boolean => /^(team|site):/.test(account) && !this.isLiving(account);

  /** To be called before anything is shared so. */
  async recall(shares: readonly Pick<ChosenShare, 'to'>[]): Promise<void> {
    for (const { to } of shares) {
      if (!this.isLiving(to)) continue;
      const { kind, id } = partsOf(to);
      if (kind === 'site') await this.sites.recall(id as SiteId);
      await this.#options.books.recall(to);
    }
  }

  /** Before a host of the contributor may be given work. */
  recallOf(contributor: ContributorId, site: SiteId | null): Promise<void> {
    const team = this.teams.teamOf(contributor);
    return this.recall([
      ...(team === null ? [] : [{ to: teamAccount(team.id) }]),
      ...(site === null ? [] : [{ to: siteAccount(site) }]),
    ]);
  }

  /** Of an assignment that the host is given now. */
  termsOf(host: ConnectedHost): { readonly terms?: Terms } {
    const contributor = this.#options.contributors.get(host.contributor);
    const team = this.teams.teamOf(contributor.id)?.id ?? null;
    return termsOf(contributor, team, host.site ?? null);
  }

  /** Was posted in this tick. */
  given(tick: Tick, shares: readonly Share[]): void {
    for (const { to, microCredits } of shares) {
      const { kind, id } = partsOf(to);
      if (kind === 'site') this.sites.given(tick, id as SiteId, microCredits);
    }
  }

  /** What the account gives of work that is handed out from now on. */
  async share(
    account: ContributorId,
    teamPercent: number,
    site: { readonly id: SiteId; readonly percent: number } | null,
  ): Promise<Result<null, Problem>> {
    const { contributors, books, ticker } = this.#options;
    const before = await contributors.read(account);
    const team = this.teams.teamOf(account);
    const accounts = [
      contributorAccount(account),
      ...(team === null ? [] : [teamAccount(team.id)]),
    ];
    return books.using(accounts, () =>
      ticker.ask((tick) => {
        const record = contributors.find(account) ?? before;
        // Meanwhile it may have gone elsewhere, to an account that is not in memory.
        const isHere = this.teams.teamOf(account)?.id === team?.id;
        if (record === null || record.publicKey === '' || !isHere) return fail(IN_NO_TEAM);
        const changed = this.#changed(record, teamPercent, site);
        if (changed.ok) contributors.put(tick, { ...record, sharing: changed.value });
        return changed.ok ? ok(null) : changed;
      }),
    );
  }

  #changed(
    { id, sharing = NO_SHARING }: Contributor,
    percent: number,
    site: { readonly id: SiteId; readonly percent: number } | null,
  ): Result<Sharing, Problem> {
    const team = this.teams.teamOf(id);
    if (team === null && percent > 0) return fail(IN_NO_TEAM);
    if (site !== null && site.percent > 0 && this.sites.find(site.id) === null)
      return fail(NO_SUCH_SITE);
    const others = sharing.sites.filter(
      (it) => it.id !== site?.id && this.sites.find(it.id) !== null,
    );
    const sites = site === null || site.percent === 0 ? others : [...others, site];
    if (sites.length > MAX_AGREED_SITES) return fail(TOO_MANY_AGREED);
    const changed = { team: team === null ? null : { id: team.id, percent }, sites };
    const most = overshared(changed);
    return most === null ? ok(changed) : fail(overshareProblem(most));
  }
}
