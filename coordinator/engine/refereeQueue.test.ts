/** The referee's queue inside the engine. When the referee is asked at all is in `policies.test.ts`. */
import { expect, it } from 'vitest';
import type { JobId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';
import type { RefereeCompute } from './refereeQueue.ts';
import { EngineRig, outputsOf } from './testing/engineRig.ts';

it('shards of a cancelled job do not keep the referee from those of another', async () => {
  const answers: (() => void)[] = [];
  const asked: string[] = [];
  const compute: RefereeCompute = async ({ id }, items) => {
    asked.push(id);
    await new Promise<void>((resolve) => answers.push(resolve));
    return ok(outputsOf(items));
  };
  const rig = await EngineRig.started({ compute });
  const cancelled = await rig.post();
  const next = await rig.post({ items: 10, shards: 1, id: 'job_2' as JobId });
  const [a, liar] = [await rig.worker('a', 3), await rig.worker('liar', 3)];
  for (const i of [0, 1, 2]) {
    rig.report(a, i);
    rig.report(liar, i, 1);
  }
  await rig.quiet();
  await rig.engine.jobs.cancel(cancelled.id);
  answers[0]!();
  await rig.quiet();
  expect(asked).toEqual([cancelled.id, next.id]);
  answers[1]!();
  await rig.quiet();
  expect((await rig.job(next.id)).state.kind).toBe('done');
  await rig.engine.stop();
});
