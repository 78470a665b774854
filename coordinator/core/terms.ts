/**
 * What an assignment is paid by beside its work, fixed when it is handed out: what its contributor chose then, and how
 * reliable it was. Pure. What is chosen later is of work that is handed out later.
 */
import { siteAccount, teamAccount } from '../../shared/ledger.ts';
import type { SiteId, TeamId } from '../../shared/ids.ts';
import { MAX_SHARED_PERCENT } from '../../shared/limits.ts';
import type { ChosenShare } from '../../shared/reward.ts';
import type { Contributor } from './state.ts';

export interface Terms {
  readonly shares: readonly ChosenShare[];
  /** In percent (`uptimePercent`). */
  readonly uptime: number;
}

/** What a contributor gives of its earnings, in whole percents. */
export interface Sharing {
  /** Of a team that it has left since nothing follows. */
  readonly team: { readonly id: TeamId; readonly percent: number } | null;
  /** Sites that it has agreed to share with. */
  readonly sites: readonly { readonly id: SiteId; readonly percent: number }[];
}

export const NO_SHARING: Sharing = { team: null, sites: [] };

/** To the team that it is in; zero where it is in none. */
export const teamPercentOf = ({ team }: Sharing, own: TeamId | null): number =>
  team !== null && team.id === own ? team.percent : 0;

export const sitePercentOf = ({ sites }: Sharing, site: SiteId | null): number =>
  sites.find(({ id }) => id === site)?.percent ?? 0;

/** `site`: through which the host computes, where it says one. Absent where nothing is shared or taken off. */
export function termsOf(
  contributor: Contributor,
  team: TeamId | null,
  site: SiteId | null,
): { readonly terms?: Terms } {
  const sharing = contributor.sharing ?? NO_SHARING;
  const shares = [
    ...(team === null ? [] : [{ to: teamAccount(team), percent: teamPercentOf(sharing, team) }]),
    ...(site === null ? [] : [{ to: siteAccount(site), percent: sitePercentOf(sharing, site) }]),
  ].filter(({ percent }) => percent > 0);
  const uptime = uptimePercent(contributor);
  return shares.length === 0 && uptime === 100 ? {} : { terms: { shares, uptime } };
}

/** What it gives to its team and to a site together, where that is more than there is; null where it is not. */
export function overshared({ team, sites }: Sharing): number | null {
  const most = (team?.percent ?? 0) + Math.max(0, ...sites.map(({ percent }) => percent));
  return most > MAX_SHARED_PERCENT ? most : null;
}

/** Of few assignments nothing can be said. */
const FEWEST_ENDED = 20;

/**
 * Of the assignments that ended through their own host, those that it delivered: an expired lease and a failed engine
 * count against it, what was given back in time does not. Whole while there are few.
 */
export function uptimePercent({ agreed, disagreed, errored, expired }: Contributor): number {
  const delivered = agreed + disagreed;
  const ended = delivered + errored + expired;
  return ended < FEWEST_ENDED ? 100 : Math.floor((100 * delivered) / ended);
}
