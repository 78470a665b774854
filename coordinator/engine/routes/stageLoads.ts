/** What the stages of a job ask of hosts, and whether a host can exchange activations at all. Pure. */
import { memoryOf } from '../../core/assign.ts';
import type { StageLoad } from '../../core/placement.ts';
import { jobOfStage, stageCount } from '../../core/stages.ts';
import type { Job } from '../../core/state.ts';
import type { ConnectedHost } from '../hosts.ts';

/** A host that exchanges nothing with others runs a model alone, or no stage of it. */
export const hasPeers = ({ capabilities }: ConnectedHost): boolean =>
  (capabilities.peers ?? []).length > 0;

export const loadsOf = (job: Job): StageLoad[] =>
  Array.from({ length: stageCount(job) }, (_, stage) => {
    const work = jobOfStage(job, stage);
    return { flops: Math.max(1, work.facts.flopsPerItem), memoryBytes: memoryOf(work) };
  });

/** Stages in a row, as one. */
export const merged = (row: readonly StageLoad[]): StageLoad => ({
  flops: row.reduce((sum, { flops }) => sum + flops, 0),
  memoryBytes: row.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
});
