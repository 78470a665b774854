/** Teams and sites of the store in memory. */
import type { SiteId, TeamId } from '../../shared/ids.ts';
import type { Site, SiteDay } from '../core/site.ts';
import type { Team } from '../core/team.ts';
import type { CommunityReads } from './communityReads.ts';
import type { Changes } from './store.ts';

/** What a disk would hold of them. */
export class MemoryCommunities {
  readonly teams = new Map<TeamId, Team>();
  readonly sites = new Map<SiteId, Site>();
  /** By site and day. */
  readonly siteDays = new Map<string, SiteDay>();

  commit({ teams, droppedTeams, sites, droppedSites, siteDays }: Changes): void {
    for (const team of teams) this.teams.set(team.id, team);
    for (const id of droppedTeams) this.teams.delete(id);
    for (const site of sites) this.sites.set(site.id, site);
    for (const id of droppedSites) this.sites.delete(id);
    for (const day of siteDays) this.siteDays.set(`${day.site} ${day.day}`, day);
  }
}

export const memoryCommunities = (data: () => MemoryCommunities): CommunityReads => ({
  teams: async () => [...data().teams.values()].sort(byId),
  sites: async () => [...data().sites.values()].sort(byId),
  siteDays: async (site, limit) =>
    [...data().siteDays.values()]
      .filter((day) => day.site === site)
      .sort((a, b) => Number(a.day < b.day) - Number(a.day > b.day))
      .slice(0, limit),
});

const byId = (a: { readonly id: string }, b: { readonly id: string }): number =>
  Number(a.id > b.id) - Number(a.id < b.id);
