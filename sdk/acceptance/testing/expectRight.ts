/** What every job of digits in stages must come to. */
import { expect } from 'vitest';
import { compareOutputs } from '../../../shared/acceptance.ts';
import { collectResults, type Job } from '../../client.ts';
import { runDirectly } from '../../demo/digits.ts';
import { itemsNotOnce } from './ledger.ts';
import type { StagedDigits } from './stagedDigits.ts';

/** Two orders of summation of the same small model. */
const CLOSE = {
  kind: 'relative-l2',
  maxRelativeL2: 1e-6,
  maxElementError: 1e-5,
  nonFinite: 'refuse',
} as const;

/** The job is done, has every item once, and each is what the whole model gives. */
export async function expectRight(job: Job, { images, model }: StagedDigits): Promise<void> {
  const view = await job.done();
  const total = images.dims[0]!;
  expect(view).toMatchObject({ state: 'done', items: { total, settled: total, failed: 0 } });
  expect(await itemsNotOnce(job)).toEqual([]);
  const { outputs } = await collectResults(job);
  const truth = await runDirectly(model, images);
  expect(compareOutputs(outputs, truth, total, CLOSE)).toMatchObject({ kind: 'agree' });
}
