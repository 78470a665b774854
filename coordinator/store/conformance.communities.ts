/** What every store must answer of teams and sites, and of credits that were shared. Run by `conformance.ts`. */
import { describe, expect, it } from 'vitest';
import { shardIdOf } from '../../shared/ids.ts';
import { siteAccount, teamAccount } from '../../shared/ledger.ts';
import type { LiveStore } from './conformance.ts';
import {
  HARD_TEXT,
  contributorId,
  jobId,
  makeContributor,
  makeCredit,
  makeSite,
  makeSiteDay,
  makeTeam,
  siteId,
  teamId,
} from './testing/records.ts';

export function communityConformance(live: LiveStore): void {
  const stored = () => live.store.communities;

  describe('teams and sites', () => {
    it('are there in order as they were last, also after a restart, and go', async () => {
      const open = makeTeam('b', { joining: { kind: 'open' }, name: 'Open' });
      await live.commit({
        teams: [makeTeam('c'), open, makeTeam('a'), makeTeam('a', { name: 'x' })],
      });
      await live.commit({ sites: [makeSite('b'), makeSite('a')] });
      await live.commit({
        teams: [makeTeam('c', { maxMembers: 250 })],
        droppedTeams: [teamId('a')],
      });
      await live.commit({ sites: [makeSite('b', { origins: [] })], droppedSites: [siteId('a')] });
      await live.restart();
      expect(await stored().teams()).toEqual([open, makeTeam('c', { maxMembers: 250 })]);
      expect(await stored().sites()).toEqual([makeSite('b', { origins: [] })]);
    });

    it('have days of which the last told counts, newest first', async () => {
      const day = (of: string, credits: number) => makeSiteDay('a', { day: of, credits });
      await live.commit({ siteDays: [day('2026-11-22', 1), makeSiteDay('b')] });
      await live.commit({ siteDays: [day('2026-12-01', 1), day('2026-11-22', 2)] });
      await live.commit({ siteDays: [day('2026-12-01', 2), day('2026-12-01', 3)] });
      const days = [day('2026-12-01', 3), day('2026-11-22', 2)];
      expect(await stored().siteDays(siteId('a'), 9)).toEqual(days);
      expect(await stored().siteDays(siteId('a'), 1)).toEqual([days[0]]);
      expect(await stored().siteDays(siteId('none'), 1)).toEqual([]);
    });
  });

  it('credits keep their shares and factors, and the amounts of both', async () => {
    const shard = shardIdOf(jobId('shared'), 0);
    const credit = makeCredit(contributorId(1), shard, {
      microCredits: 2n ** 70n,
      shares: [
        { to: teamAccount(teamId('a')), microCredits: 2n ** 65n },
        { to: siteAccount(siteId('a')), microCredits: 1n },
      ],
      factors: { work: 2n ** 69n, rate: 200, quality: 100, checks: 7n, uptime: 93 },
      reason: HARD_TEXT,
    });
    const plain = makeCredit(contributorId(2), shard, {
      factors: { work: 123n, rate: 100, quality: 100 },
    });
    await live.commit({ credits: [credit, plain] });
    expect(await live.store.creditsOfShard(shard)).toEqual([credit, plain]);
    const [read] = (await live.store.credits(contributorId(1), null, 1)).rows;
    // In the log's order: whoever compares the two compares their text.
    expect(Object.keys(read!.factors!)).toEqual(['work', 'rate', 'quality', 'checks', 'uptime']);
  });

  it('what a contributor gives is part of its record', async () => {
    const sharing = {
      team: { id: teamId('a'), percent: 20 },
      sites: [{ id: siteId('a'), percent: 10 }],
    };
    const giving = makeContributor(1, { sharing });
    await live.commit({ contributors: [giving] });
    expect(await live.store.contributor(giving.id)).toEqual(giving);
  });
}
