/**
 * Items of a staged job that the referee computes whole, beside what a route gave: all stages checked at once, though
 * not told apart.
 */
import { compareOutputs } from '../../../shared/acceptance.ts';
import { assert } from '../../../shared/result.ts';
import { rowsOf } from '../../../shared/stage.ts';
import type { NamedTensors } from '../../../shared/tensor.ts';
import type { Job } from '../../core/state.ts';
import type { RefereeCompute } from '../refereeQueue.ts';

/** Rows that are wrong, with the reason. Rejects where the referee could not compute, or the outputs are gone. */
export async function compareWhole(
  job: Job,
  items: readonly number[],
  rows: readonly number[],
  outputs: () => Promise<NamedTensors>,
  compute: RefereeCompute,
): Promise<Map<number, string>> {
  const truth = await compute(
    job,
    rows.map((row) => items[row]!),
  );
  assert(truth.ok, 'compareWhole: the referee could not compute');
  const reported = await outputs();
  const wrong = new Map<number, string>();
  for (const [i, row] of rows.entries()) {
    const ours = rowsOf(reported, [row]);
    const compared = compareOutputs(ours, rowsOf(truth.value, [i]), 1, job.acceptance);
    if (compared.kind !== 'disagree') continue;
    wrong.set(row, `the referee found item ${items[row]} wrong: ${compared.reason}`);
  }
  return wrong;
}
