/** What is fixed when work is handed out: who shares in it, and how checking is weighed. */
import { describe, expect, it } from 'vitest';
import type { ContributorId, SiteId, TeamId } from '../../shared/ids.ts';
import { newContributor } from './newContributor.ts';
import type { Contributor } from './state.ts';
import { overshared, termsOf, uptimePercent } from './terms.ts';

const contributor = (changes: Partial<Contributor> = {}): Contributor => ({
  ...newContributor('c_a' as ContributorId, '00', 1),
  ...changes,
});
const [team, other] = ['team_a', 'team_b'] as string[] as TeamId[];
const site = 'site_a' as SiteId;
const giving = contributor({
  sharing: { team: { id: team!, percent: 20 }, sites: [{ id: site, percent: 5 }] },
});

describe('terms', () => {
  it('are those of the team that one is in, and of the site one comes through', () => {
    const toTeam = { to: 'team:team_a', percent: 20 };
    const toSite = { to: 'site:site_a', percent: 5 };
    expect(termsOf(giving, team!, site)).toEqual({
      terms: { shares: [toTeam, toSite], uptime: 100 },
    });
    expect(termsOf(giving, team!, null)).toEqual({ terms: { shares: [toTeam], uptime: 100 } });
    expect(termsOf(giving, other!, site)).toEqual({ terms: { shares: [toSite], uptime: 100 } });
    expect(termsOf(giving, null, 'site_b' as SiteId)).toEqual({});
    expect(termsOf(contributor(), team!, site)).toEqual({});
  });

  it('are too much where team and one site together are more than all', () => {
    const sharing = (percent: number, ...sites: number[]) => ({
      team: { id: team!, percent },
      sites: sites.map((it, i) => ({ id: `site_${i}` as SiteId, percent: it })),
    });
    expect(overshared(sharing(60, 40, 40))).toBeNull();
    expect(overshared(sharing(60, 1, 41))).toBe(101);
    expect(overshared({ team: null, sites: [] })).toBeNull();
  });
});

describe('uptime', () => {
  it('is the part of what ended through the host that was delivered; whole while that is little', () => {
    expect(uptimePercent(contributor({ expired: 19 }))).toBe(100);
    expect(uptimePercent(contributor({ agreed: 17, disagreed: 1, expired: 1, errored: 1 }))).toBe(
      90,
    );
    expect(uptimePercent(contributor({ expired: 20 }))).toBe(0);
    expect(uptimePercent(contributor({ agreed: 2_000, expired: 1 }))).toBe(99);
  });
});
