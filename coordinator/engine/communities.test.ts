/** Credit that is shared: who gets what of work that was really done, over restarts, and when somebody is gone. */
import { describe, expect, it } from 'vitest';
import type { ContributorId, SiteId, TeamId } from '../../shared/ids.ts';
import { contributorAccount, siteAccount, teamAccount } from '../../shared/ledger.ts';
import type { Result } from '../../shared/result.ts';
import type { Job } from '../core/state.ts';
import { quorumOf } from '../core/testing/work.ts';
import { contributorOf, EngineRig, type RigHost } from './testing/engineRig.ts';

const id = (who: string): ContributorId => contributorOf(who).id;
const UNCHECKED: Partial<Job> = {
  verification: quorumOf(1),
  items: 10,
  shards: 1,
  priceMicroCredits: 20n,
};
const SITE = { name: 'A site', origins: ['https://a.example'], proposedPercent: 10 };

function got<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

class Shared {
  readonly rig: EngineRig;
  #posted = 0;

  constructor(rig: EngineRig) {
    this.rig = rig;
  }

  static async started(): Promise<Shared> {
    return new Shared(await EngineRig.started());
  }

  get communities() {
    return this.rig.engine.communities;
  }

  /** One job of ten items, worth 20 micro-credits, which the host is given. */
  async given(host: RigHost, changes: Partial<Job> = {}): Promise<number> {
    const before = host.link.assigned.length;
    await this.rig.post({ ...UNCHECKED, id: `job_${(this.#posted += 1)}` as never, ...changes });
    await this.rig.quiet();
    expect(host.link.assigned).toHaveLength(before + 1);
    return before;
  }

  async works(host: RigHost, changes: Partial<Job> = {}): Promise<void> {
    this.rig.report(host, await this.given(host, changes));
    await this.rig.quiet();
  }

  async team(founder: string): Promise<TeamId> {
    got(await this.communities.teams.create(id(founder), RULES));
    return this.communities.teams.teamOf(id(founder))!.id;
  }

  balance = (account: ReturnType<typeof teamAccount>) => this.rig.store.ledger.balance(account);
  own = (who: string) => this.balance(contributorAccount(id(who)));
}
const RULES = { name: 'Waves', join: 'open', maxMembers: 9 } as const;

describe('a team’s share', () => {
  it('is posted with the credit, of work that was handed out since it was chosen', async () => {
    const shared = await Shared.started();
    const { rig, communities } = shared;
    const a = await rig.worker('a');
    await shared.works(a);
    const team = await shared.team('a');
    const index = await shared.given(a);
    got(await communities.share(id('a'), 33, null));
    rig.report(a, index);
    await rig.quiet();
    expect(await shared.balance(teamAccount(team))).toBe(0n);
    await shared.works(a);
    // 33 % of 20, rounded down.
    expect(await shared.balance(teamAccount(team))).toBe(6n);
    expect(await shared.own('a')).toBe(54n);
    const { rows } = await rig.store.credits(id('a'), null, 1);
    expect(rows[0]).toMatchObject({
      microCredits: 20n,
      shares: [{ to: teamAccount(team), microCredits: 6n }],
      factors: { work: 20n, rate: 100, quality: 100 },
    });
    expect((await rig.engine.contributor(id('a')))?.microCredits).toBe(60n);
  });

  it('outlives a restart, and a host that comes back', async () => {
    const shared = await Shared.started();
    const { rig } = shared;
    const a = await rig.worker('a');
    await shared.works(a);
    const team = await shared.team('a');
    got(await shared.communities.share(id('a'), 50, null));
    await shared.given(a);
    await rig.restart();
    const again = await rig.worker('a');
    // What was handed out before is reported over the new link.
    again.link.assigned.push(a.link.assigned[1]!);
    rig.report(again, 0);
    await rig.quiet();
    expect(await shared.balance(teamAccount(team))).toBe(10n);
    again.link.assigned.length = 0;
    await shared.works(again, { id: 'job_after' as never });
    expect(await shared.balance(teamAccount(team))).toBe(20n);
  });

  it('stays with the contributor where the team is gone, and what the team had is its founder’s', async () => {
    const shared = await Shared.started();
    const { rig, communities } = shared;
    const a = await rig.worker('a');
    await shared.works(a);
    const team = await shared.team('a');
    got(await communities.share(id('a'), 100, null));
    await shared.works(a);
    expect(await shared.balance(teamAccount(team))).toBe(20n);
    const index = await shared.given(a);
    got(await communities.teams.dissolve(id('a')));
    rig.report(a, index);
    await rig.quiet();
    expect(await shared.balance(teamAccount(team))).toBe(0n);
    expect(await shared.own('a')).toBe(60n);
    expect(rig.fatal).toEqual([]);
  });

  it('goes to whichever team one is in, as it was chosen for that one', async () => {
    const shared = await Shared.started();
    const { rig, communities } = shared;
    const [a, b] = [await rig.worker('a'), await rig.worker('b')];
    await shared.works(a);
    await shared.team('a');
    got(await communities.share(id('a'), 100, null));
    rig.engine.disconnect(a.host);
    await rig.quiet();
    const team = communities.teams.teamOf(id('a'))!.id;
    got(await communities.teams.join(id('b'), team, null));
    await shared.works(b);
    expect(await shared.balance(teamAccount(team))).toBe(0n);
    got(await communities.share(id('b'), 10, null));
    await shared.works(b);
    expect(await shared.balance(teamAccount(team))).toBe(2n);
  });
});

describe('a site’s share', () => {
  async function withSite() {
    const shared = await Shared.started();
    const site = got(await shared.communities.sites.add('key_owner' as never, SITE)).id;
    return { ...shared, shared, site, rig: shared.rig, communities: shared.communities };
  }
  const days = (rig: EngineRig, site: SiteId) => rig.store.communities.siteDays(site, 9);

  it('is of those who come through it and have agreed, told day by day', async () => {
    const { shared, rig, communities, site } = await withSite();
    const through = await rig.worker('a', 1, { site });
    await shared.works(through);
    expect(await shared.balance(siteAccount(site))).toBe(0n);
    got(await communities.share(id('a'), 0, { id: site, percent: 25 }));
    await shared.works(through);
    await shared.works(through);
    expect(await shared.balance(siteAccount(site))).toBe(10n);
    expect(await days(rig, site)).toEqual([
      { site, day: '1970-01-01', microCredits: 10n, credits: 2 },
    ]);
    rig.nowMs += 86_400_000;
    await rig.restart();
    const again = await rig.worker('a', 1, { site });
    await shared.works(again);
    const first = { site, day: '1970-01-01', microCredits: 10n, credits: 2 };
    expect(await days(rig, site)).toEqual([
      { site, day: '1970-01-02', microCredits: 5n, credits: 1 },
      first,
    ]);
    // Who comes by another way shares nothing with it.
    rig.engine.disconnect(again.host);
    await rig.quiet();
    await shared.works(await rig.worker('a'));
    expect(await shared.balance(siteAccount(site))).toBe(15n);
  });

  it('a site is removed when it has nothing left; what was chosen for it stays with the contributor', async () => {
    const { shared, rig, communities, site } = await withSite();
    const host = await rig.worker('a', 1, { site });
    got(await communities.share(id('a'), 0, { id: site, percent: 100 }));
    await shared.works(host);
    expect(await communities.sites.remove(site)).toMatchObject({
      error: { code: 'site-has-credit' },
    });
    const from = siteAccount(site);
    const to = contributorAccount(id('a'));
    const order = { type: 'transfer', id: 't', from, to, microCredits: 20n, atMs: 1 } as const;
    await rig.engine.payments.move(order);
    got(await communities.sites.remove(site));
    await shared.works(host);
    expect(await shared.balance(from)).toBe(0n);
    expect(await shared.own('a')).toBe(40n);
    expect(await rig.engine.payments.move({ ...order, id: 'u', from: to, to: from })).toEqual({
      kind: 'gone',
    });
  });
});
