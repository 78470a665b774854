/** The last shards of a job are given to a second host where the first is slow. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineRig, contributorOf, type RigHost } from './testing/engineRig.ts';
import { jobOf, quorumOf } from '../core/testing/work.ts';
import type { Job } from '../core/state.ts';

/** Ten items, for which the referee takes 400 ms. */
const FAST_MS = 600;
const JOB: Partial<Job> = {
  items: 40,
  itemsPerShard: 10,
  shards: 4,
  verification: quorumOf(1),
};

let rig: EngineRig;
beforeEach(async () => {
  rig = await EngineRig.started();
  rig.computeMs = FAST_MS;
});
afterEach(() => rig.engine.stop());

const copiesOf = ({ link }: RigHost) =>
  link.assigned.filter(({ assignment }) => assignment.copyOf !== undefined);

/** One holds a shard and does not move; the other has done the rest, and has shown how fast it is. */
async function atTheEnd(
  changes: Partial<Job> = {},
): Promise<{ job: Job; slow: RigHost; fast: RigHost }> {
  const slow = await rig.worker('slow');
  const job = await rig.post({ ...JOB, ...changes });
  await rig.sweep();
  const fast = await rig.worker('fast');
  for (let i = 0; i < 3; i++) {
    rig.report(fast, i);
    await rig.quiet();
  }
  expect([slow.link.assigned.length, fast.link.assigned.length]).toEqual([1, 3]);
  return { job, slow, fast };
}

describe('a fast host that has nothing else to do', () => {
  it('computes beside a slow one, and is paid alone where it commits first', async () => {
    const { job, slow, fast } = await atTheEnd();
    await rig.sweep(1_000);
    expect(copiesOf(fast)).toEqual([]);
    await rig.sweep(1_000);
    const [copy] = copiesOf(fast);
    const original = slow.link.assigned[0]!.assignment;
    expect(copy!.assignment).toMatchObject({ copyOf: original.id, shard: original.shard });
    expect([...copy!.items].sort()).toEqual([...slow.link.assigned[0]!.items].sort());

    rig.report(fast, 3);
    await rig.quiet();
    expect(slow.link.all('revoke')).toEqual([
      { type: 'revoke', assignments: [original.id], reason: 'overtaken' },
    ]);
    expect((await rig.job(job.id)).state.kind).toBe('done');
    let refused = false;
    rig.report(slow, 0, 0, () => (refused = true));
    await rig.quiet();
    expect(refused).toBe(true);
    expect(await rig.creditOf('slow')).toBe(0n);
  });

  it('loses the copy to the slow one where that commits first', async () => {
    const { job, slow, fast } = await atTheEnd();
    await rig.sweep(2_000);
    const [copy] = copiesOf(fast);
    rig.report(slow);
    await rig.quiet();
    expect(fast.link.all('revoke')).toMatchObject([{ assignments: [copy!.assignment.id] }]);
    expect(fast.host.leases.size).toBe(0);
    expect((await rig.job(job.id)).state.kind).toBe('done');
    expect(await rig.creditOf('slow')).toBeGreaterThan(0n);
  });

  it('computes the copy alone where the slow one gives up', async () => {
    const { job, slow, fast } = await atTheEnd();
    await rig.sweep(2_000);
    expect(copiesOf(fast)).toHaveLength(1);
    rig.engine.leave(slow.host, 'closing');
    await rig.quiet();
    rig.report(fast, 3);
    await rig.quiet();
    expect((await rig.job(job.id)).state.kind).toBe('done');
  });

  it('takes the copy up again after a restart', async () => {
    const { job, fast } = await atTheEnd();
    await rig.sweep(2_000);
    const [copy] = copiesOf(fast);
    await rig.restart();
    const again = await rig.worker('fast', 0);
    again.host.leases.add(copy!.assignment.id);
    again.link.assigned.push(copy!);
    rig.report(again, 0);
    await rig.quiet();
    expect((await rig.job(job.id)).state.kind).toBe('done');
  });
});

describe('nothing is copied', () => {
  it('for a host whose speed is not known', async () => {
    const { fast } = await atTheEnd();
    const stranger = await rig.worker('stranger');
    rig.engine.leave(fast.host, 'closing');
    await rig.sweep(5_000);
    expect(stranger.link.assigned).toEqual([]);
  });

  it.each([
    [9, 0],
    [10, 1],
  ])(
    'for a host of whose items too few were found right, however fast it says it is: %i, %i copies',
    async (verifiedItems, copies) => {
      const { slow, fast } = await atTheEnd();
      rig.engine.leave(fast.host, 'closing');
      const stranger = { ...contributorOf('stranger'), verifiedItems };
      rig.data.contributors.set(stranger.id, stranger);
      const hasty = await rig.worker('stranger');
      // It reports what nobody has confirmed yet.
      rig.computeMs = 1_000;
      await rig.post({ ...JOB, id: 'job_2' as Job['id'], verification: quorumOf(2) });
      for (let i = 0; i < 4; i++) {
        rig.report(hasty, i);
        await rig.quiet();
      }
      expect(slow.link.assigned).toHaveLength(1);
      await rig.sweep(5_000);
      expect(copiesOf(hasty)).toHaveLength(copies);
    },
  );

  it('for a host that is no faster', async () => {
    rig.computeMs = 10 * FAST_MS;
    const { fast } = await atTheEnd();
    await rig.sweep(5_000);
    expect(copiesOf(fast)).toEqual([]);
  });

  it('of a host that may still be loading the program', async () => {
    // Two seconds of a slow line.
    const facts = { ...jobOf().facts, programBytes: 500_000 };
    const { fast } = await atTheEnd({ facts });
    await rig.sweep(3_000);
    expect(copiesOf(fast)).toEqual([]);
    await rig.sweep(1_000);
    expect(copiesOf(fast)).toHaveLength(1);
  });

  it('where the slow one will soon be done, by its progress', async () => {
    const { slow, fast } = await atTheEnd();
    rig.engine.progress(slow.host, slow.link.assigned[0]!.assignment.id, 9);
    await rig.sweep(8_000);
    expect(copiesOf(fast)).toEqual([]);
  });

  it('that was committed to: what was opened must come', async () => {
    const { slow, fast } = await atTheEnd();
    const { id } = slow.link.assigned[0]!.assignment;
    const ignored = () => undefined;
    rig.engine.commit(slow.host, id, { root: '00' }, ignored, ignored);
    await rig.sweep(5_000);
    expect(copiesOf(fast)).toEqual([]);
  });

  it('twice, or by another host of its contributor', async () => {
    const { slow, fast } = await atTheEnd();
    const same = { contributor: slow.host.contributor, cohort: slow.host.cohort };
    const own = await rig.worker('other', 1, same);
    await rig.sweep(2_000);
    expect(copiesOf(fast)).toHaveLength(1);
    await rig.sweep(5_000);
    expect([copiesOf(fast).length, own.link.assigned.length]).toEqual([1, 0]);
  });
});
