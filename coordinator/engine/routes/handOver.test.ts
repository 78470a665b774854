/** Handing a place over: what is under way ends with who has it, nothing is computed twice, and then another has the place. */
import { describe, expect, it } from 'vitest';
import { HAND_OVER_DEADLINE_MS } from '../../../shared/limits.ts';
import { ALL_WORK } from '../../../shared/protocol/wishes.ts';
import { StagedRig, type StagedHost } from '../testing/stagedRig.ts';
import { expectRight, startStaged, stopStagedRigs } from '../testing/stagedRuns.ts';

stopStagedRigs();

/** A route of three stages that is at work, with one host that waits for a place. */
async function underWay(): Promise<{ staged: StagedRig; leaver: StagedHost; spare: StagedHost }> {
  const staged = await startStaged(3, { items: 320, shards: 40 });
  await staged.joinAll('a', 'b', 'c', 'd');
  await staged.turn();
  const leaver = staged.hosts.find(({ link }) => link.all('route').at(-1)?.first === 1)!;
  const spare = staged.hosts.find(({ link }) => link.all('route').length === 0)!;
  return { staged, leaver, spare };
}

async function handOver(staged: StagedRig, { host }: StagedHost): Promise<void> {
  staged.rig.engine.handOver(host);
  await staged.rig.quiet();
}

/** Assignments of all hosts, and the highest sequence that was begun. */
const given = ({ hosts }: StagedRig): number =>
  hosts.reduce((sum, { link }) => sum + link.assigned.length, 0);
const begun = ({ hosts }: StagedRig): number =>
  Math.max(...hosts.flatMap(({ link }) => link.assigned.map(({ stage }) => stage!.sequence)));
const hasEnded = ({ link }: StagedHost): boolean => link.all('route-ended').length > 0;

describe('a place that is handed over', () => {
  it('goes to another when what is under way has ended; nothing is computed twice', async () => {
    const { staged, leaver, spare } = await underWay();
    await handOver(staged, leaver);
    expect(hasEnded(leaver)).toBe(false);
    const before = begun(staged);
    for (let turns = 0; turns < 20 && !hasEnded(leaver); turns++) {
      expect(begun(staged)).toBe(before);
      await staged.turn();
    }
    expect(hasEnded(leaver)).toBe(true);
    expect(leaver.host.leases.size).toBe(0);
    expect(spare.link.all('route').at(-1)).toMatchObject({ first: 1, last: 1, epoch: 1 });
    const held = leaver.link.assigned.length;
    await staged.finish();
    await expectRight(staged);
    expect(leaver.link.assigned).toHaveLength(held);
    expect(leaver.link.all('revoke')).toEqual([]);
    expect(given(staged)).toBe(staged.job.shards * 3);
  });

  it('at once, as by a pause, costs what was under way', async () => {
    const { staged, leaver } = await underWay();
    staged.rig.engine.want(leaver.host, 0);
    await staged.rig.quiet();
    expect(hasEnded(leaver)).toBe(true);
    await staged.finish();
    await expectRight(staged);
    expect(given(staged)).toBeGreaterThan(staged.job.shards * 3);
  });

  it('of who no longer wishes for the job goes to another at once', async () => {
    const { staged, leaver, spare } = await underWay();
    const jobs = { not: [staged.job.id], only: [] };
    staged.rig.engine.wish(leaver.host, { ...ALL_WORK, jobs });
    await staged.rig.quiet();
    expect(hasEnded(leaver)).toBe(true);
    expect(spare.link.all('route').at(-1)).toMatchObject({ first: 1, last: 1 });
    const held = leaver.link.assigned.length;
    await staged.finish();
    await expectRight(staged);
    expect(leaver.link.assigned).toHaveLength(held);
  });

  it('goes to a neighbour where nobody else is there', async () => {
    const staged = await startStaged(2);
    const [leaver, stays] = await staged.joinAll('a', 'b');
    await staged.turn();
    await handOver(staged, leaver!);
    await staged.finish();
    await expectRight(staged);
    expect(leaver!.link.all('route-ended')).toHaveLength(1);
    const wholes = stays!.link.all('route').filter(({ first, last }) => first === 0 && last === 1);
    expect(wholes).toHaveLength(1);
    expect(given(staged)).toBe(staged.job.shards * 2);
  });

  it('goes to another after a minute, whatever is under way', async () => {
    const { staged, leaver, spare } = await underWay();
    for (const host of staged.hosts) host.isStill = true;
    await handOver(staged, leaver);
    for (let passedMs = 0; passedMs < HAND_OVER_DEADLINE_MS; passedMs += 5_000) {
      expect(hasEnded(leaver)).toBe(false);
      // Asked again, it is not later.
      await handOver(staged, leaver);
      for (const { host } of staged.hosts)
        for (const id of host.leases) staged.rig.engine.progress(host, id, 0);
      await staged.rig.sweep(5_000);
    }
    expect(hasEnded(leaver)).toBe(true);
    expect(spare.link.all('route')).toHaveLength(1);
    for (const host of staged.hosts) host.isStill = false;
    await staged.finish();
    await expectRight(staged);
  });

  it('is kept by a host that wants to go on', async () => {
    const { staged, leaver, spare } = await underWay();
    await handOver(staged, leaver);
    staged.rig.engine.want(leaver.host, 2);
    await staged.finish();
    await expectRight(staged);
    expect(leaver.link.assigned.length).toBe(staged.job.shards);
    expect(spare.link.all('route')).toEqual([]);
  });

  it('leaves its host nothing to do, and so does having no place', async () => {
    const { staged, leaver, spare } = await underWay();
    await handOver(staged, spare);
    await handOver(staged, leaver);
    await staged.finish();
    await expectRight(staged);
    expect(spare.link.assigned).toEqual([]);
    expect([leaver.host.slots, spare.host.slots]).toEqual([0, 0]);
  });
});
