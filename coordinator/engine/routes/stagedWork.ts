/**
 * Staged jobs as the rest of the engine sees them: shards that want stages go in, assignments of stages come out, and
 * their reports are looked at.
 */
import { makeAssignmentId, type JobId } from '../../../shared/ids.ts';
import type { HostMessage, StageOfAssignment } from '../../../shared/protocol/link.ts';
import type { ShownRows } from '../../../shared/stage.ts';
import { jobOfStage, stageCount } from '../../core/stages.ts';
import type { Assignment, Job, Shard } from '../../core/state.ts';
import type { ShardNeed } from '../../core/replicate.ts';
import type { ShardWork } from '../../core/step.ts';
import type { Terms } from '../../core/terms.ts';
import { workerOf, type ConnectedHost } from '../hosts.ts';
import type { Tick } from '../tick.ts';
import { Routes, type RoutesOptions } from './routes.ts';
import { refereeMsOf } from './stageLoads.ts';
import { StageChecks, type StageChecksOptions } from './stageChecks.ts';

/** What staged jobs need of the coordinator beside what all jobs do. */
export type StagePorts = Pick<RoutesOptions, 'directory'> &
  Pick<StageChecksOptions, 'computeStage' | 'inputRows'>;

export interface StagedWorkOptions
  extends Omit<RoutesOptions, 'grant'>, Omit<StageChecksOptions, 'disputed'> {
  /** When a lease that is granted now ends. */
  readonly deadlineMs: (job: Job, shard: Shard) => number;
  /** Of an assignment that the host is given now. */
  readonly termsOf: (host: ConnectedHost) => { readonly terms?: Terms };
}

export class StagedWork {
  readonly routes: Routes;
  readonly checks: StageChecks;
  readonly #options: StagedWorkOptions;

  constructor(options: StagedWorkOptions) {
    this.#options = options;
    const grant: RoutesOptions['grant'] = (...args) => this.#grant(...args);
    this.routes = new Routes({ ...options, grant });
    const disputed: StageChecksOptions['disputed'] = (tick, job, pair) => {
      const hosts = pair.map(({ contributor, host }) => options.hosts.find(contributor, host));
      this.routes.disputed(tick, job, hosts);
    };
    this.checks = new StageChecks({ ...options, disputed });
  }

  /** A shard of a staged job went from one state to another, or its stages did. */
  follow(before: Shard['state'], work: ShardWork, need: ShardNeed): void {
    this.checks.follow(before, work);
    if (need.kind === 'stages') this.routes.want(work);
    // What is being computed or looked at keeps its place on the route until it is accepted.
    else if (work.shard.state.kind !== 'open') this.routes.unwant(work);
  }

  /** A shard of the store, at start: what was under way on a route of before is begun anew. */
  takeUp(tick: Tick, work: ShardWork, need: ShardNeed): void {
    const { shard, assignments } = work;
    const isUnderWay = assignments.some(
      ({ state }) => state.kind === 'leased' || state.kind === 'reported',
    );
    if (shard.state.kind !== 'open' || !isUnderWay) {
      return this.follow({ kind: 'open' }, work, need);
    }
    const reason = 'the coordinator was restarted';
    const nothing = { wrong: new Map(), sound: new Set<Assignment['id']>() };
    this.#options.apply(tick, work, { kind: 'stages-rejected', ...nothing, reason });
  }

  /** The job has ended. */
  forget(tick: Tick, job: JobId): void {
    this.routes.forget(tick, job);
    this.checks.forget(job);
  }

  hear(tick: Tick, host: ConnectedHost, said: Extract<HostMessage, { type: 'route-state' }>): void {
    this.routes.hear(tick, host, said);
  }

  /** A stage has reported, and shown what it was asked for. */
  reported(
    host: ConnectedHost,
    job: Job,
    { shard, assignments }: ShardWork,
    id: Assignment['id'],
    computeMs: number,
    shown: ShownRows,
  ): void {
    this.checks.keep(id, shown);
    const { stage } = assignments.find((it) => it.id === id)!;
    const refereeMs = refereeMsOf(jobOfStage(job, stage!).facts) * shard.items;
    this.routes.worked(host, refereeMs, computeMs);
  }

  #grant(
    ...[tick, host, work, { stage, route, sequence }]: Parameters<RoutesOptions['grant']>
  ): Assignment['id'] {
    const { shard } = work;
    const { work: open, random, now, deadlineMs, apply, termsOf } = this.#options;
    const job = open.jobOf(shard);
    const assignment: Assignment = {
      id: makeAssignmentId(random),
      shard: shard.id,
      job: job.id,
      host: host.host,
      ...workerOf(host),
      cohort: host.cohort,
      probes: [],
      stage,
      ...termsOf(host),
      grantedAtMs: now(),
      state: { kind: 'leased', deadlineMs: deadlineMs(job, shard), itemsDone: 0, committed: null },
    };
    host.leases.add(assignment.id);
    // In the shard's own order, the same for every stage: there are no probes to hide.
    const items = open.itemsOf(shard);
    const place: StageOfAssignment = {
      route,
      index: stage,
      of: stageCount(job),
      sequence,
      inputs: jobOfStage(job, stage).facts.inputs as StageOfAssignment['inputs'],
    };
    tick.afterCommit(() => host.link.sendAssignment(assignment, job, items, place));
    apply(tick, work, { kind: 'granted', assignment });
    return assignment.id;
  }
}
