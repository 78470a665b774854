/** What a store is asked about teams and sites. The port; written through `Changes` like all that the engine decides. */
import type { SiteId } from '../../shared/ids.ts';
import type { Site, SiteDay } from '../core/site.ts';
import type { Team } from '../core/team.ts';

export interface CommunityReads {
  /** All of them, in the order of their ids. */
  teams(): Promise<readonly Team[]>;
  /** All of them, in the order of their ids. */
  sites(): Promise<readonly Site[]>;
  /** Of one site, newest first. */
  siteDays(site: SiteId, limit: number): Promise<readonly SiteDay[]>;
}
