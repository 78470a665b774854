/** A flood of new names from one network: how much they get, and that nobody else waits for it. */
import { afterEach, expect, it } from 'vitest';
import type { Job } from '../core/state.ts';
import { EngineRig, contributorOf, type RigHost } from './testing/engineRig.ts';

let rig: EngineRig;
afterEach(() => rig.engine.stop());

const JOB: Partial<Job> = { items: 2_000, itemsPerShard: 10, shards: 200 };
const heldBy = (hosts: readonly RigHost[]) => hosts.reduce((n, it) => n + it.host.leases.size, 0);

async function flood(cohort: string, size: number): Promise<RigHost[]> {
  const hosts: RigHost[] = [];
  for (let i = 0; i < size; i++) hosts.push(await rig.worker(`${cohort}${i}`, 1, { cohort }));
  return hosts;
}

it('newcomers of one network hold a few at a time, and hear why the others wait', async () => {
  rig = await EngineRig.started();
  const others = await Promise.all(['a', 'b', 'c', 'd'].map((who) => rig.worker(who, 2)));
  const hosts = await flood('net4:203.0.113', 50);
  await rig.post(JOB);
  await rig.sweep();
  expect(heldBy(others)).toBe(8);
  expect(heldBy(hosts)).toBe(8);
  const waiting = hosts.filter(({ host }) => host.leases.size === 0);
  for (const { link } of waiting) {
    expect(link.all('waiting').at(-1)).toMatchObject({ code: 'newcomers-wait' });
  }
  // What one has done, the next one gets: all have their turn.
  const reported = new Map<RigHost, number>();
  for (let round = 0; round < 60; round++) {
    const busy = hosts.find(({ host }) => host.leases.size > 0)!;
    const index = reported.get(busy) ?? 0;
    reported.set(busy, index + 1);
    rig.report(busy, index);
    await rig.quiet();
    expect(heldBy(hosts)).toBe(8);
  }
  expect(hosts.filter(({ link }) => link.assigned.length === 0)).toEqual([]);
});

it('contributors whose results were verified are not counted, nor is who shares no network', async () => {
  rig = await EngineRig.started();
  const school = 'net4:198.51.100';
  for (let i = 0; i < 20; i++) {
    const known = { ...contributorOf(`s${i}`), verifiedItems: 5_120 };
    rig.data.contributors.set(known.id, known);
  }
  const pupils: RigHost[] = [];
  for (let i = 0; i < 20; i++) {
    pupils.push(await rig.worker(`s${i}`, 1, { cohort: school }));
  }
  const alone: RigHost[] = [];
  for (let i = 0; i < 20; i++) alone.push(await rig.worker(`x${i}`));
  await rig.post(JOB);
  await rig.sweep();
  expect(heldBy(pupils)).toBe(20);
  expect(heldBy(alone)).toBe(20);
});
