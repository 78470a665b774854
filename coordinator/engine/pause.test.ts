/** A job that its author lets rest: nothing of it is begun, what is under way ends, and nothing is lost. */
import { afterEach, describe, expect, it } from 'vitest';
import { escrowAccount } from '../../shared/ledger.ts';
import type { JobId } from '../../shared/ids.ts';
import { quorumOf } from '../core/testing/work.ts';
import { EngineRig, type RigHost } from './testing/engineRig.ts';
import { expectRight, startStaged, stopStagedRigs } from './testing/stagedRuns.ts';

const rigs: EngineRig[] = [];
async function started(): Promise<EngineRig> {
  const rig = await EngineRig.started();
  rigs.push(rig);
  return rig;
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.engine.stop();
});
stopStagedRigs();

const ONCE = { items: 40, itemsPerShard: 10, shards: 4, verification: quorumOf(1) };
const given = ({ link }: RigHost): number => link.assigned.length;
const codesOf = (rig: EngineRig, id: JobId) =>
  rig.engine.waitingOf(rig.engine.runningJob(id)!).map(({ code, shards }) => [code, shards]);

describe('a job that is paused', () => {
  it('hands out nothing; what is out counts, and the rest follows when it goes on', async () => {
    const rig = await started();
    const { id } = await rig.post(ONCE);
    const host = await rig.worker('a');
    await rig.engine.jobs.pause(id);
    expect(codesOf(rig, id)).toEqual([
      ['paused', 3],
      ['computing', 1],
    ]);
    rig.report(host);
    await rig.sweep(60_000);
    expect(given(host)).toBe(1);
    expect(await rig.creditOf('a')).toBe(20n);
    expect(host.link.all('waiting').map(({ code }) => code)).toEqual(['no-jobs']);

    await rig.engine.jobs.resume(id);
    await rig.quiet();
    expect(given(host)).toBe(2);
    for (let i = 1; i < 4; i++) {
      rig.report(host, i);
      await rig.quiet();
    }
    expect((await rig.job(id)).state.kind).toBe('done');
  });

  it('leaves other jobs of its author alone', async () => {
    const rig = await started();
    const { id } = await rig.post(ONCE);
    await rig.engine.jobs.pause(id);
    const other = await rig.post({ ...ONCE, id: 'job_2' as JobId });
    const host = await rig.worker('a');
    expect(host.link.assigned.map(({ assignment }) => assignment.job)).toEqual([other.id]);
  });

  it('may be paused and resumed again and again, and not once it has ended', async () => {
    const rig = await started();
    const { id } = await rig.post(ONCE);
    const { jobs } = rig.engine;
    expect((await jobs.resume(id))?.state).toEqual({ kind: 'running' });
    const since = { kind: 'running', pausedAtMs: rig.nowMs };
    expect((await jobs.pause(id))?.state).toEqual(since);
    rig.nowMs += 5;
    expect((await jobs.pause(id))?.state).toEqual(since);
    expect((await jobs.resume(id))?.state).toEqual({ kind: 'running' });
    await jobs.pause(id);
    expect((await jobs.cancel(id))?.state).toEqual({ kind: 'cancelled', endedAtMs: rig.nowMs });
    expect([await jobs.pause(id), await jobs.resume(id)]).toEqual([null, null]);
  });

  it('rests over a restart, with its price put aside', async () => {
    const rig = await started();
    const { id } = await rig.post(ONCE);
    await rig.engine.jobs.pause(id);
    await rig.restart();
    const host = await rig.worker('a');
    expect(given(host)).toBe(0);
    expect(await rig.store.ledger.balance(escrowAccount(id))).toBe(400n);
    await rig.engine.jobs.resume(id);
    await rig.quiet();
    expect(given(host)).toBe(1);
  });

  it('is given to nobody besides a slow host, nor to the referee in place of a missing volunteer', async () => {
    const rig = await started();
    rig.computeMs = 600;
    const slow = await rig.worker('slow');
    const { id } = await rig.post(ONCE);
    const fast = await rig.worker('fast');
    for (let i = 0; i < 3; i++) {
      rig.report(fast, i);
      await rig.quiet();
    }
    await rig.engine.jobs.pause(id);
    await rig.sweep(5_000);
    expect([given(slow), given(fast)]).toEqual([1, 3]);
    await rig.engine.jobs.resume(id);
    await rig.sweep(1_000);
    expect(given(fast)).toBe(4);

    const alone = await started();
    const host = await alone.worker('a');
    const two = await alone.post({ verification: quorumOf(2, 'referee') });
    alone.report(host);
    await alone.engine.jobs.pause(two.id);
    await alone.sweep(1_000);
    const counts = async () => (await alone.job(two.id)).counts.refereeExecutions;
    expect(await counts()).toBe(0);
    await alone.engine.jobs.resume(two.id);
    await alone.sweep(1_000);
    expect(await counts()).toBe(10);
  });
});

describe('a staged job that is paused', () => {
  it('finishes what is on its route, sets its hosts free, and gets another route', async () => {
    const staged = await startStaged(3, { items: 320, shards: 40 });
    const hosts = await staged.joinAll('a', 'b', 'c');
    await staged.turn();
    const { jobs, routes } = staged.rig.engine;
    await jobs.pause(staged.job.id);
    const underWay = routes.of(staged.job.id)!.inFlight.size;
    expect(underWay).toBeGreaterThan(0);
    await staged.turn(12);
    expect(routes.of(staged.job.id)).toBeUndefined();
    for (const { link } of hosts) expect(link.all('route-ended')).toHaveLength(1);
    const { counts } = await staged.rig.job(staged.job.id);
    const accepted = counts.settledItems + counts.provisionalItems;
    expect(accepted).toBeGreaterThanOrEqual(8);
    expect(accepted).toBeLessThan(staged.job.items);
    await staged.rig.sweep(1_000);
    expect(routes.of(staged.job.id)).toBeUndefined();

    await jobs.resume(staged.job.id);
    expect((await staged.finish()).state.kind).toBe('done');
    await expectRight(staged);
  });

  it('has no route after a restart before it goes on, and loses nothing', async () => {
    const staged = await startStaged(2);
    await staged.joinAll('a', 'b');
    await staged.turn();
    await staged.rig.engine.jobs.pause(staged.job.id);
    await staged.restart();
    await staged.joinAll('a', 'b');
    expect(staged.rig.engine.routes.of(staged.job.id)).toBeUndefined();
    await staged.rig.engine.jobs.resume(staged.job.id);
    expect((await staged.finish()).state.kind).toBe('done');
    await expectRight(staged);
  });
});
