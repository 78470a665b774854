/**
 * The frame that brings a host one assignment: what to compute, and the inputs of its items. Of a stage beyond the
 * first the inputs come from the stage before.
 */
import { encodeFrame } from '../../../shared/frame.ts';
import type { AssignMessage, StageOfAssignment } from '../../../shared/protocol/link.ts';
import { assert } from '../../../shared/result.ts';
import { LIST_PRICE } from '../../../shared/units.ts';
import { leaseLengthMs } from '../../core/lease.ts';
import { workOf } from '../../core/stages.ts';
import type { Assignment, Job } from '../../core/state.ts';
import type { JobInputs } from '../../jobs/jobInputs.ts';

export async function assignFrame(
  inputs: Pick<JobInputs, 'stacked'>,
  assignment: Assignment,
  job: Job,
  items: readonly number[],
  stage?: StageOfAssignment,
): Promise<Uint8Array> {
  const { program, facts, acceptance } = workOf(job, assignment);
  assert(program.kind !== 'staged', 'assignFrame: a host is given one stage of a staged program');
  const message: AssignMessage = {
    type: 'assign',
    assignment: assignment.id,
    job: job.id,
    jobName: job.name,
    author: job.author,
    ratePercent: job.ratePercent ?? LIST_PRICE,
    program,
    items: [...items],
    constants: job.constants,
    feeds: facts.feeds as AssignMessage['feeds'],
    outputs: facts.outputs as AssignMessage['outputs'],
    nonFinite: acceptance.nonFinite,
    flopsPerItem: facts.flopsPerItem,
    // Of the whole job: a stage waits for those before it.
    leaseMs: leaseLengthMs(items.length, job.facts.refereeMsPerItem),
    ...(stage === undefined ? {} : { stage }),
  };
  const isFirst = (assignment.stage ?? 0) === 0;
  const stacked = isFirst ? await inputs.stacked(job, items) : {};
  return encodeFrame(message, stacked);
}
