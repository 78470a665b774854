/**
 * What a stage is computed from is sent once in an epoch: whenever it is lost with an assignment, a device or a route,
 * it is sent or computed again, and no host waits for what will never come.
 */
import { describe, expect, it } from 'vitest';
import { StagedRig, type StagedHost } from '../testing/stagedRig.ts';
import { expectRight, startStaged, stopStagedRigs } from '../testing/stagedRuns.ts';

stopStagedRigs();

const stageOf = (staged: StagedRig, stage: number): StagedHost =>
  staged.hosts.find(({ link }) => link.all('route').at(-1)?.first === stage)!;

/** The stages before this one are computed, of what is under way, and it has not begun. */
async function computedBefore(staged: StagedRig, stage: number): Promise<void> {
  for (const host of staged.hosts)
    host.isStill = (host.link.all('route').at(-1)?.first ?? 0) >= stage;
  await staged.turn(stage + 1);
  for (const host of staged.hosts) host.isStill = false;
}

describe.each([0, 1, 2])('stage %i of 3', (stage) => {
  it('is computed by the same host after it failed once, from what is sent again', async () => {
    const staged = await startStaged(3);
    await staged.joinAll('a', 'b', 'c');
    await computedBefore(staged, stage);
    expect(await staged.fail(stageOf(staged, stage))).toBe(true);
    await staged.finish();
    await expectRight(staged);
  });

  it('is given to another where its host gives it back, and to nobody over and over', async () => {
    const staged = await startStaged(3);
    await staged.joinAll('a', 'b', 'c', 'd');
    await computedBefore(staged, stage);
    const unable = stageOf(staged, stage);
    expect(await staged.giveBack(unable)).toBe(true);
    expect(unable.link.sent.findLast(({ type }) => type.startsWith('route'))?.type).toBe(
      'route-ended',
    );
    await staged.finish();
    await expectRight(staged);
  });

  it('goes on where its device comes over a new link, with nothing of before', async () => {
    const staged = await startStaged(3);
    await staged.joinAll('a', 'b', 'c');
    await computedBefore(staged, stage);
    await staged.reconnect(stageOf(staged, stage));
    await staged.finish();
    await expectRight(staged);
  });

  it('goes on where its device comes over a new link after it has reported', async () => {
    const staged = await startStaged(3);
    await staged.joinAll('a', 'b', 'c');
    await computedBefore(staged, stage + 1);
    await staged.reconnect(stageOf(staged, stage));
    await staged.finish();
    await expectRight(staged);
  });
});

it('a route that ended in the middle is begun anew from its first stage', async () => {
  const staged = await startStaged(3);
  const hosts = await staged.joinAll('a', 'b', 'c');
  await computedBefore(staged, 1);
  for (const host of [...staged.hosts]) staged.rig.engine.want(host.host, 0);
  await staged.rig.quiet();
  for (const host of hosts) expect(host.link.all('route-ended')).toHaveLength(1);
  for (const host of hosts) {
    staged.rig.engine.want(host.host, 2);
  }
  await staged.rig.quiet();
  await staged.finish();
  await expectRight(staged);
});

describe('two hosts between whom nothing comes through', () => {
  it('may try anew, then lose their places; nobody is blamed', async () => {
    const staged = await startStaged(3, { items: 400, shards: 50 });
    await staged.joinAll('a', 'b', 'c', 'd', 'e');
    const mute = stageOf(staged, 1);
    const waiting = stageOf(staged, 2);
    await staged.turn(2);
    mute.isMute = true;
    const waitALittle = async () => {
      for (let second = 0; second < 40; second++) {
        await staged.turn();
        for (const id of staged.held(waiting)) staged.rig.engine.progress(waiting.host, id, 0);
        await staged.rig.sweep(1_000);
      }
    };
    await waitALittle();
    expect(mute.link.all('route').at(-1)?.epoch, 'once everything is sent again').toBe(1);
    await waitALittle();
    expect(mute.link.all('route-ended')).toHaveLength(1);
    expect(waiting.link.all('route-ended')).toHaveLength(1);
    await staged.finish();
    await expectRight(staged);
    for (const { contributor } of staged.hosts) {
      const record = await staged.rig.engine.contributor(contributor.id);
      expect(record).toMatchObject({ disagreed: 0, errored: 0, expired: 0 });
    }
  });

  it('are left alone while the second fetches its stage for the first time', async () => {
    const staged = await startStaged(2);
    await staged.joinAll('a', 'b', 'c');
    const fetching = stageOf(staged, 1);
    fetching.isStill = true;
    for (let minute = 0; minute < 4; minute++) {
      await staged.turn();
      for (const id of staged.held(fetching)) staged.rig.engine.progress(fetching.host, id, 0);
      await staged.rig.sweep(60_000);
    }
    expect(fetching.link.all('route').map(({ epoch }) => epoch)).toEqual([0]);
    fetching.isStill = false;
    await staged.finish();
    await expectRight(staged);
  });
});

it.each([1, 2])('who computes stage %i from something else loses its place', async (stage) => {
  const staged = await startStaged(3, { items: 400, shards: 50 });
  await staged.joinAll('a', 'b', 'c', 'd', 'e');
  const swapping = stageOf(staged, stage);
  swapping.swapsInputs = true;
  await staged.finish();
  await expectRight(staged);
  expect(swapping.link.all('route-ended')).not.toEqual([]);
  expect(await staged.rig.creditOf(swapping.contributor.id.slice(2))).toBe(0n);
  for (const { link } of staged.hosts) {
    expect(link.all('settled').filter(({ verdict }) => verdict === 'disagree')).toEqual([]);
  }
});
