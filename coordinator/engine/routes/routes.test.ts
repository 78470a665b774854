/** Routes in the engine: formed, kept whole, and every item right and once whoever comes, goes or lies. */
import { describe, expect, it } from 'vitest';
import { priceMicroCredits } from '../../../shared/units.ts';
import type { Behaviour, StagedHost } from '../testing/stagedRig.ts';
import { expectRight, startStaged, stopStagedRigs } from '../testing/stagedRuns.ts';

stopStagedRigs();

const places = ({ link }: StagedHost) =>
  link.all('route').map(({ first, last, epoch }) => [first, last, epoch]);
const verdictsOf = ({ link }: StagedHost) => link.all('settled').map(({ verdict }) => verdict);
const wrong: Behaviour = (value) => value + 1;

describe('a route', () => {
  it('has a host for every stage, and each is paid for its own', async () => {
    const staged = await startStaged(3);
    const hosts = await staged.joinAll('a', 'b', 'c');
    const job = await staged.finish();
    expect(job.state.kind).toBe('done');
    await expectRight(staged);
    const each = priceMicroCredits(1e6, 8) * 10n;
    for (const who of ['a', 'b', 'c']) expect(await staged.rig.creditOf(who)).toBe(each);
    expect(job.counts).toMatchObject({ hostExecutions: 80, grantedMicroCredits: each * 3n });
    for (const host of hosts) expect(new Set(verdictsOf(host))).toEqual(new Set(['agree']));
  });

  it('may be one host with all stages, and is spread over those that come', async () => {
    const alone = await startStaged(3);
    const only = await alone.join('a');
    expect(places(only)).toEqual([[0, 2, 0]]);
    expect(alone.directory.pairs.size).toBe(0);
    await alone.finish();
    await expectRight(alone);
    expect(await alone.rig.creditOf('a')).toBe(priceMicroCredits(1e6, 8) * 30n);

    const spread = await startStaged(3);
    const first = await spread.join('a');
    await spread.turn();
    await spread.joinAll('b', 'c');
    await spread.rig.sweep();
    expect(places(first).at(-1)).toEqual([expect.any(Number), expect.any(Number), 1]);
    expect(spread.directory.pairs.size).toBe(2);
    await spread.finish();
    await expectRight(spread);
  });

  it('makes neighbours known to each other, and to nobody else', async () => {
    const staged = await startStaged(4);
    const hosts = await staged.joinAll('a', 'b', 'c', 'd', 'e');
    const seated = hosts.filter((host) => places(host).length > 0);
    expect(seated.map(places)).toEqual([0, 1, 2, 3].map((stage) => [[stage, stage, 0]]));
    const peers = seated.map(({ link }) => link.all('route')[0]!);
    expect([...staged.directory.pairs.keys()]).toEqual(
      peers.slice(1).map(({ self }, i) => `${peers[i]!.self.peer} ${self.peer}`),
    );
    expect(peers.map(({ from, to }) => [from, to])).toEqual(
      peers.map((_, i) => [peers[i - 1]?.self.peer ?? null, peers[i + 1]?.self.peer ?? null]),
    );
    await staged.finish();
    await expectRight(staged);
    expect([...staged.directory.admitted]).toEqual([]);
    expect(staged.directory.pairs.size).toBe(0);
    for (const { link } of seated) expect(link.all('route-ended')).toHaveLength(1);
  });

  it('gives a host that left to another in the same tick, and nothing is lost', async () => {
    for (const leaving of [0, 1, 2]) {
      const staged = await startStaged(3);
      await staged.joinAll('a', 'b', 'c', 'd');
      const members = staged.hosts.filter(({ link }) => link.all('route').length > 0);
      const spare = staged.hosts.find(({ link }) => link.all('route').length === 0)!;
      const gone = members.find(({ link }) => link.all('route')[0]!.first === leaving)!;
      await staged.turn();
      await staged.leave(gone);
      expect(spare.link.all('route').at(-1)).toMatchObject({ first: leaving, last: leaving });
      await staged.finish();
      await expectRight(staged);
    }
  });

  it('goes on when two leave at once', async () => {
    const staged = await startStaged(3);
    await staged.joinAll('a', 'b', 'c', 'd');
    await staged.turn();
    const [one, two] = staged.hosts.filter(({ link }) => link.all('route').length > 0);
    await staged.leave(one!);
    await staged.leave(two!);
    await staged.finish();
    await expectRight(staged);
  });

  it('waits where nobody is left, and is formed anew', async () => {
    const staged = await startStaged(2);
    const [a, b] = await staged.joinAll('a', 'b');
    await staged.turn();
    await staged.leave(a!);
    await staged.leave(b!);
    await staged.turn();
    expect((await staged.rig.job(staged.job.id)).state.kind).toBe('running');
    await staged.joinAll('c', 'd');
    await staged.finish();
    await expectRight(staged);
  });

  it('replaces a neighbour that cannot be reached, after a second try', async () => {
    const staged = await startStaged(2);
    await staged.joinAll('a', 'b', 'c');
    for (const host of staged.hosts) host.isStill = true;
    const seated = () =>
      staged.hosts.filter(({ link }) => {
        const last = link.sent.findLast((it) => it.type === 'route' || it.type === 'route-ended');
        return last?.type === 'route';
      });
    const complain = async () => {
      const caller = seated().find(({ link }) => link.all('route').at(-1)!.to !== null)!;
      const { route, epoch } = caller.link.all('route').at(-1)!;
      const to = { path: 'broken' as const, rttMs: null, bytes: 0 };
      staged.rig.engine.routeState(caller.host, {
        type: 'route-state',
        route,
        epoch,
        from: null,
        to,
      });
      await staged.rig.quiet();
    };
    const before = seated();
    await complain();
    expect(seated()).toEqual(before);
    await complain();
    expect(seated()).not.toEqual(before);
    for (const host of staged.hosts) host.isStill = false;
    await staged.finish();
    await expectRight(staged);
  });

  it('is over with its job, whatever its hosts say of it in that moment', async () => {
    const staged = await startStaged(2);
    await staged.joinAll('a', 'b');
    await staged.turn();
    const cancelled = staged.rig.engine.jobs.cancel(staged.job.id);
    for (const { host, link } of staged.hosts) {
      const { route, epoch } = link.all('route').at(-1)!;
      const broken = { path: 'broken' as const, rttMs: null, bytes: 0 };
      const said = { type: 'route-state' as const, route, epoch, from: broken, to: broken };
      for (let times = 0; times < 2; times++) staged.rig.engine.routeState(host, said);
    }
    staged.rig.engine.sweep();
    expect((await cancelled)?.state.kind).toBe('cancelled');
    await staged.rig.quiet();
    expect(staged.rig.fatal).toEqual([]);
    for (const { link } of staged.hosts) expect(link.all('route-ended')).toHaveLength(1);
    expect([...staged.directory.admitted]).toEqual([]);
  });

  it('is begun anew after a restart of the coordinator', async () => {
    const staged = await startStaged(2);
    await staged.joinAll('a', 'b');
    await staged.turn(2);
    await staged.rig.restart();
    staged.hosts.length = 0;
    await staged.joinAll('c', 'd');
    await staged.finish();
    await expectRight(staged);
  });
});

describe('a stage that lies', () => {
  it('is named and ejected; its neighbours are not blamed, and nothing of it is accepted', async () => {
    for (const lying of [0, 1, 2]) {
      const staged = await startStaged(3, { items: 400, shards: 50 });
      await staged.joinAll('a', 'b', 'c', 'd');
      const liar = staged.hosts.find(({ link }) => link.all('route')[0]?.first === lying)!;
      liar.behaviour = wrong;
      const job = await staged.finish();
      await expectRight(staged);
      expect(new Set(verdictsOf(liar))).toContain('disagree');
      expect(await staged.rig.creditOf(liar.contributor.id.slice(2))).toBe(0n);
      const honest = staged.hosts.filter((host) => host !== liar);
      for (const host of honest) expect(verdictsOf(host)).not.toContain('disagree');
      expect(job.counts.disagreedReports).toBeGreaterThanOrEqual(2);
    }
  });

  it('in one item of many is found where the referee looks', async () => {
    const staged = await startStaged(2, { items: 1_600, shards: 200 }, 64);
    const [, b] = await staged.joinAll('a', 'b', 'c');
    b!.behaviour = (value, row) => (row === 3 ? value + 1 : value);
    await staged.finish();
    await expectRight(staged);
  });

  it('cannot shift the blame by saying that it received something else', async () => {
    const staged = await startStaged(2, { items: 400, shards: 50 });
    await staged.joinAll('a', 'b', 'c');
    const [first] = staged.hosts.filter(({ link }) => link.all('route')[0]?.first === 0);
    const liar = staged.hosts.find(({ link }) => link.all('route')[0]?.first === 1)!;
    liar.misreportsInputs = true;
    await staged.turn(6);
    expect(verdictsOf(first!)).not.toContain('disagree');
    expect(await staged.rig.creditOf(liar.contributor.id.slice(2))).toBe(0n);
    liar.misreportsInputs = false;
    await staged.finish();
    await expectRight(staged);
  });
});
