/** What every test of routes does: starts an engine with a staged job, looks at its results, and stops it cleanly. */
import { afterEach, expect } from 'vitest';
import { StagedRig } from './stagedRig.ts';

const running: StagedRig[] = [];

/** Call once in a test file, at its top level. */
export function stopStagedRigs(): void {
  afterEach(async () => {
    for (const { rig } of running.splice(0)) {
      expect(rig.fatal).toEqual([]);
      await rig.engine.stop();
    }
  });
}

export async function startStaged(
  ...args: Parameters<typeof StagedRig.started>
): Promise<StagedRig> {
  const staged = await StagedRig.started(...args);
  running.push(staged);
  return staged;
}

/** Every item has a result, and it is the truth. */
export async function expectRight(staged: StagedRig): Promise<void> {
  const results = await staged.results();
  expect(results.size).toBe(staged.job.items);
  for (const [item, value] of results) expect(value, `item ${item}`).toBe(staged.truth(item));
}
