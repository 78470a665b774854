/** What the stages of a job ask of hosts, and which hosts could have a place. Pure. */
import { memoryOf } from '../../core/assign.ts';
import type { Seat, StageLoad } from '../../core/placement.ts';
import { jobOfStage, stageCount } from '../../core/stages.ts';
import type { Job, ProgramFacts } from '../../core/state.ts';
import type { ConnectedHost } from '../hosts.ts';
import type { Speeds } from '../speeds.ts';

/** What is looked at of a job that may not be posted yet. */
export type StagedJob = Pick<Job, 'program' | 'facts' | 'acceptance' | 'itemsPerShard'>;

/** Of one item; what took no time that could be measured took some. */
export const refereeMsOf = ({ refereeMsPerItem }: Pick<ProgramFacts, 'refereeMsPerItem'>): number =>
  Math.max(refereeMsPerItem, 1e-3);

/** Stage by stage. */
export const loadsOf = (job: StagedJob): StageLoad[] =>
  Array.from({ length: stageCount(job) }, (_, stage) => {
    const work = jobOfStage(job, stage);
    return { refereeMs: refereeMsOf(work.facts), memoryBytes: memoryOf(work) };
  });

/** Several stages as one. */
export const merged = (row: readonly StageLoad[]): StageLoad => ({
  refereeMs: row.reduce((sum, { refereeMs }) => sum + refereeMs, 0),
  memoryBytes: row.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
});

export const seatOf = (host: ConnectedHost, speeds: Speeds): Seat<ConnectedHost> => ({
  host,
  memoryBytes: host.capabilities.memoryBytes,
  speed: speeds.of(host),
});

/** A host that exchanges nothing with others runs a model alone, or no stage of it. */
export const hasPeers = ({ capabilities }: ConnectedHost): boolean =>
  (capabilities.peers ?? []).length > 0;
