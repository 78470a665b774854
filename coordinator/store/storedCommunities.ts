/** Teams and sites as tables. */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Site, SiteDay } from '../core/site.ts';
import type { Team } from '../core/team.ts';
import type { CommunityReads } from './communityReads.ts';
import type { Database } from './schema.ts';
import { asText, fromJson, toJson } from './storedRecords.ts';

export const storedCommunities = (db: () => Kysely<Database>): CommunityReads => {
  const records = async <T>(table: 'teams' | 'sites'): Promise<T[]> => {
    const column = asText('record').as('record');
    const rows = await db().selectFrom(table).select(column).orderBy('id').execute();
    return rows.map(({ record }) => fromJson<T>(record));
  };
  return {
    teams: () => records<Team>('teams'),
    sites: () => records<Site>('sites'),
    async siteDays(site, limit) {
      const rows = await db()
        .selectFrom('site_days')
        .select(['day', 'credits', asText('micro_credits').as('microCredits')])
        .where('site', '=', site)
        .orderBy('day', 'desc')
        .limit(limit)
        .execute();
      return rows.map(({ day, credits, microCredits }) => ({
        site,
        day,
        microCredits: BigInt(microCredits),
        credits,
      }));
    },
  };
};

/** The last of each site and day counts. */
export function* siteDayStatements(days: readonly SiteDay[]): Generator<RawBuilder<unknown>> {
  if (days.length === 0) return;
  const last = new Map(days.map((day) => [`${day.site} ${day.day}`, day]));
  const rows = [...last.values()].map(({ site, day, microCredits, credits }) => [
    site,
    day,
    String(microCredits),
    credits,
  ]);
  yield sql`
    insert into site_days (site, day, micro_credits, credits)
    select r->>0, r->>1, (r->>2)::numeric, (r->>3)::integer
    from jsonb_array_elements(${toJson(rows)}::jsonb) as e(r)
    on conflict (site, day) do update set
      micro_credits = excluded.micro_credits, credits = excluded.credits`;
}
