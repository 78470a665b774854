/** What the page is told of an assignment when it begins to compute, and when it has. Pure. */
import type { AssignMessage } from '../../shared/protocol/link.ts';
import { roundedUp } from '../../shared/reward.ts';
import { priceMicroCredits } from '../../shared/units.ts';
import type { Computed } from '../compute/api.ts';
import type { HostEvent } from './events.ts';
import { describeProgram } from './programLoader.ts';

export const computingOf = (assign: AssignMessage): HostEvent => ({
  type: 'computing',
  assignment: assign.assignment,
  job: assign.job,
  jobName: assign.jobName,
  author: assign.author,
  ratePercent: assign.ratePercent,
  program: describeProgram(assign.program),
  items: assign.items.length,
});

export const computedOf = (
  { assignment, job, jobName, author, ratePercent, flopsPerItem, items }: AssignMessage,
  { engine, reason, computeMs }: Computed,
): HostEvent => ({
  type: 'computed',
  assignment,
  job,
  jobName,
  author,
  worthMicroCredits: roundedUp(priceMicroCredits(flopsPerItem, items.length), ratePercent),
  items: items.length,
  engine,
  reason,
  computeMs,
});
