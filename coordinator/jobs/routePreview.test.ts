/** What an author is told of a route before posting: who could run it, its rate, or why neither is known. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Job } from '../core/state.ts';
import { StagedRig } from '../engine/testing/stagedRig.ts';
import { routePreview } from './routePreview.ts';

const rigs: StagedRig[] = [];
async function started(stages: number): Promise<StagedRig> {
  const staged = await StagedRig.started(stages);
  rigs.push(staged);
  return staged;
}
afterEach(async () => {
  for (const { rig } of rigs.splice(0)) await rig.engine.stop();
});

const preview = ({ rig, job }: StagedRig, of: Job = job) => routePreview(of, rig.engine);

describe('a route before it is there', () => {
  it('says the stages and what they send, and that nobody is there', async () => {
    const staged = await started(2);
    const { stages, places, itemsPerSecond, text } = preview(staged);
    expect(stages).toEqual([
      { flopsPerItem: 1e6, programBytes: 100, sentBytes: 4, hostsNow: 0 },
      { flopsPerItem: 1e6, programBytes: 100, sentBytes: null, hostsNow: 0 },
    ]);
    expect([places, itemsPerSecond]).toEqual([null, null]);
    expect(text).toContain('No volunteer that could run a stage is connected and free');
  });

  it('says the rate of the slowest place, by what its host computed before', async () => {
    const staged = await started(3);
    staged.computeMs = 500;
    await staged.joinAll('a', 'b', 'c');
    await staged.finish();
    const { stages, places, itemsPerSecond, text } = preview(staged);
    expect(stages.map(({ hostsNow }) => hostsNow)).toEqual([3, 3, 3]);
    expect(places?.map(({ first, last }) => [first, last])).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    // 8 items of 1e6 FLOP in half a second, of every stage.
    expect(itemsPerSecond).toBeCloseTo(16);
    expect(text).toContain('3 volunteers would share the 3 stages, about 16 items a second');
    expect(text).toContain('64 B a second from one to the next');
  });

  it('says that the rate is not known where a host has computed no stage', async () => {
    const staged = await started(2);
    staged.computeMs = 500;
    await staged.joinAll('a');
    await staged.finish();
    expect(preview(staged).text).toContain('One volunteer would run all 2 stages, about 8');
    await staged.joinAll('b');
    const { itemsPerSecond, text, places } = preview(staged);
    expect([itemsPerSecond, places?.length]).toEqual([null, 2]);
    expect(text).toContain('The rate is not known: 1 of them has computed no stage yet');
  });

  it('does not count who has a place on another route', async () => {
    const staged = await started(2);
    const [a, b] = await staged.joinAll('a', 'b');
    expect([a, b].map((host) => host!.link.all('route').length)).toEqual([1, 1]);
    const { stages, places } = preview(staged);
    expect([stages.map(({ hostsNow }) => hostsNow), places]).toEqual([[0, 0], null]);
  });

  it('names the stage that nobody could run, or says that they are too few', async () => {
    const staged = await started(2);
    await staged.joinAll('a');
    await staged.finish();
    const heavy = (bytes: number, ...which: number[]): Job => {
      const stages = staged.job.facts.stages!.map((stage, i) =>
        which.includes(i) ? { ...stage, programBytes: bytes } : stage,
      );
      return { ...staged.job, facts: { ...staged.job.facts, stages } };
    };
    expect(preview(staged, heavy(2 ** 33, 1)).text).toMatch(/could run stage 2, which needs \d/);
    const both = preview(staged, heavy(2 ** 30, 0, 1));
    expect(both.stages.map(({ hostsNow }) => hostsNow)).toEqual([1, 1]);
    expect(both.text).toContain('cannot hold all stages at once');
  });
});
