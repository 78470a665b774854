/** Teams and sites as anybody may read them, asked for by a page. */
import { z } from 'zod';
import {
  siteViewSchema,
  teamRowSchema,
  teamViewSchema,
  type SiteView,
  type TeamRow,
  type TeamView,
} from '../../shared/protocol/sharing.ts';

/** Teams of one listing: a page offers no more to choose from. */
const MAX_PAGES = 5;
const DEADLINE_MS = 15_000;
const teamsPage = z.object({ rows: z.array(teamRowSchema), next: z.string().nullable() });

export interface CommunityApi {
  /** Null where the coordinator does not answer as it should. */
  teams(): Promise<readonly TeamRow[] | null>;
  team(id: string): Promise<TeamView | null>;
  /** Null where it is not registered. */
  site(id: string): Promise<SiteView | null>;
}

export function communityApi(origin: string): CommunityApi {
  const get = async <T>(path: string, schema: z.ZodType<T>): Promise<T | null> => {
    try {
      const response = await fetch(origin + path, { signal: AbortSignal.timeout(DEADLINE_MS) });
      return response.ok ? schema.parse(await response.json()) : null;
    } catch {
      return null;
    }
  };
  return {
    async teams() {
      const rows: TeamRow[] = [];
      let cursor = '';
      for (let page = 0; page < MAX_PAGES; page++) {
        const found = await get(`/v1/teams${cursor}`, teamsPage);
        if (found === null) return null;
        rows.push(...found.rows);
        if (found.next === null) break;
        cursor = `?cursor=${encodeURIComponent(found.next)}`;
      }
      return rows;
    },
    team: (id) => get(`/v1/teams/${encodeURIComponent(id)}`, teamViewSchema),
    site: (id) => get(`/v1/sites/${encodeURIComponent(id)}`, siteViewSchema),
  };
}
