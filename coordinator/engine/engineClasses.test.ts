/** Engine classes through the real engine: a class that is wrong is quarantined, and nobody of it is blamed. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ContributorId } from '../../shared/ids.ts';
import { programKeyOf, streamKeyOf, streamOf } from '../core/stream.ts';
import { jobOf } from '../core/testing/work.ts';
import { EngineRig, type RigHost } from './testing/engineRig.ts';
import { LARGE, work } from './testing/sampledJob.ts';

const rigs: EngineRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.engine.stop();
});

async function started(): Promise<EngineRig> {
  const rig = await EngineRig.started();
  rigs.push(rig);
  return rig;
}

const KEY = programKeyOf(jobOf().program);
const STREAM = streamKeyOf(jobOf());

const onGpu = (rig: EngineRig, who: string, adapter: string) =>
  rig.worker(who, 1, {
    capabilities: { engines: ['webgpu'], adapter, memoryBytes: 2 ** 32 },
  });

/** Values of these hosts are off by one. */
const wrongOnes = (hosts: readonly RigHost[]) => (host: RigHost) => Number(hosts.includes(host));

const recordOf = async (rig: EngineRig, who: string) =>
  (await rig.engine.contributor(`c_${who}` as ContributorId))!;

/** Three hosts of one GPU class that is wrong, and three of others that are right. */
async function broken(rig: EngineRig) {
  const wrong = [];
  for (const who of ['x', 'y', 'z']) wrong.push(await onGpu(rig, who, 'Vendor G1'));
  const right = [
    await onGpu(rig, 'a', 'Other H2'),
    await rig.worker('b', 1, {
      capabilities: { engines: ['cpu'], adapter: 'none', memoryBytes: 2 ** 32 },
    }),
    await rig.worker('c', 1, {
      capabilities: { engines: ['cpu'], adapter: 'none', memoryBytes: 2 ** 32 },
    }),
  ];
  return { wrong, all: [...wrong, ...right] };
}

describe('a class that is wrong', () => {
  it('is quarantined, told plainly, and blamed on nobody; the job is finished by others', async () => {
    const rig = await started();
    const { wrong, all } = await broken(rig);
    const { id } = await rig.post(LARGE);
    await work(rig, all, wrongOnes(wrong));
    for (let i = 0; i < 200 && (await rig.job(id)).state.kind === 'running'; i++) {
      await rig.sweep(1_000);
    }
    expect((await rig.job(id)).state.kind).toBe('done');
    const record = rig.engine.classes
      .all()
      .find(({ engineClass }) => engineClass === 'webgpu/vendor g1');
    expect(record?.state).toMatchObject({ kind: 'quarantined', contributors: 3 });
    expect(rig.engine.classes.quarantinedCount).toBe(1);
    for (const [i, who] of ['x', 'y', 'z'].entries()) {
      expect(await recordOf(rig, who)).toMatchObject({ microCredits: 0n, disagreed: 0 });
      const stream = streamOf((await recordOf(rig, who)).streams, STREAM);
      expect(stream).toMatchObject({ ejected: false, score: 0 });
      const told = wrong[i]!.link.all('waiting').find(({ code }) => code === 'class-quarantined');
      expect(told?.text).toContain('driver and not you');
    }
    for (const who of ['a', 'b', 'c']) {
      expect(await recordOf(rig, who)).toMatchObject({ disagreed: 0 });
      expect((await recordOf(rig, who)).microCredits).toBeGreaterThan(0n);
    }
  });

  it('stays quarantined over a restart, also for new hosts of it, until an operator lifts it', async () => {
    const rig = await started();
    const { wrong, all } = await broken(rig);
    await rig.post(LARGE);
    await work(rig, all, wrongOnes(wrong), 3);
    expect(rig.engine.classes.isQuarantined(KEY, 'webgpu/vendor g1')).toBe(true);
    await rig.restart();
    const late = await onGpu(rig, 'late', 'vendor  G1');
    expect(late.link.assigned).toEqual([]);
    expect(late.link.all('waiting').at(-1)?.code).toBe('class-quarantined');
    expect(await rig.engine.liftClass(KEY, 'webgpu/nobody')).toBe(false);
    expect(await rig.engine.liftClass(KEY, 'webgpu/vendor g1')).toBe(true);
    await rig.quiet();
    expect(late.link.assigned).toHaveLength(1);
    expect(await rig.engine.liftClass(KEY, 'webgpu/vendor g1')).toBe(false);
  });

  it('a report that was on its way is not taken, and its host is told why', async () => {
    const rig = await started();
    const { wrong, all } = await broken(rig);
    const slow = await onGpu(rig, 'slow', 'Vendor G1');
    await rig.post(LARGE);
    await work(rig, all, wrongOnes(wrong), 3);
    expect(rig.engine.classes.quarantinedCount).toBe(1);
    const { assignment } = slow.link.assigned[0]!;
    rig.report(slow, 0, 1);
    await rig.quiet();
    expect(await rig.stateOf(assignment.id)).toBe('revoked');
    expect(slow.link.all('refused').at(-1)).toMatchObject({
      assignment: assignment.id,
      problem: { code: 'class-quarantined' },
    });
    expect(await recordOf(rig, 'slow')).toMatchObject({ disagreed: 0, microCredits: 0n });
  });
});

describe('who is only a liar', () => {
  it('is ejected alone, though it names a GPU of its own', async () => {
    const rig = await started();
    const liar = await onGpu(rig, 'liar', 'Invented 1');
    const right = [await onGpu(rig, 'a', 'Other H2'), await rig.worker('b'), await rig.worker('c')];
    await rig.post(LARGE);
    await work(rig, [liar, ...right], wrongOnes([liar]));
    expect(rig.engine.classes.quarantinedCount).toBe(0);
    const record = await recordOf(rig, 'liar');
    expect(streamOf(record.streams, STREAM).ejected).toBe(true);
    expect(record.disagreed).toBeGreaterThanOrEqual(2);
    expect(liar.link.all('waiting').at(-1)?.code).toBe('not-trusted');
  });
});
