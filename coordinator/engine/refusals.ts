/** Files a record for every assignment of a step that ended without earning anything, in the step's own tick. */
import { refusedWork, type RefusalEntry } from '../core/refusals.ts';
import type { ShardWork } from '../core/step.ts';
import type { Tick } from './tick.ts';

/**
 * A step keeps the order of assignments and adds new ones at the end. `forHeir` says in whose history it counts
 * (`Contributors`).
 */
export function recordRefusals(
  tick: Tick,
  before: ShardWork,
  after: ShardWork,
  forHeir: (refusal: RefusalEntry) => RefusalEntry,
): void {
  for (const [i, assignment] of after.assignments.entries()) {
    const was = before.assignments[i];
    if (was === undefined || was === assignment) continue;
    const refusal = refusedWork(was.state, after.shard, assignment);
    if (refusal !== null) tick.addRefusal(forHeir(refusal));
  }
}
