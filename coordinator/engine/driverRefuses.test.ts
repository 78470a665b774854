/** A program that a device's graphics driver does not take: it is the program's fault, and the device goes on with others. */
import { afterEach, expect, it } from 'vitest';
import type { Job } from '../core/state.ts';
import { quorumOf } from '../core/testing/work.ts';
import { EngineRig } from './testing/engineRig.ts';

let rig: EngineRig;
afterEach(() => rig.engine.stop());

it('is not given to it again, the job says so, and other work comes at once', async () => {
  rig = await EngineRig.started();
  const bad = await rig.post({ verification: quorumOf(1) });
  const { host, link } = await rig.worker('a');
  const words = 'line 11:5: barriers must be in uniform control flow';
  rig.engine.computeError(host, link.assigned[0]!.assignment.id, 'program-refused', words);
  await rig.quiet();
  expect(link.assigned).toHaveLength(1);
  expect(host.coolsUntilMs).toBe(0);
  const [waits] = rig.engine.waitingOf(bad);
  expect(waits!.text).toContain('the graphics driver refuses the program');

  const other = { kind: 'kernel', kernel: 'nbody@1', params: {} } as const satisfies Job['program'];
  await rig.post({ id: 'job_2' as Job['id'], program: other, verification: quorumOf(1) });
  await rig.sweep();
  expect(link.assigned.at(-1)!.assignment.job).toBe('job_2');
});
