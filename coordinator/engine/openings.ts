/**
 * Commitments and what becomes of them: a host commits, is told what to open, and reports, or does not.
 *
 * Invariant: `open` is sent only when the commitment is durable, so that no restart lets a host commit anew
 * after it has seen a challenge.
 */
import type { AssignmentId, ContributorId } from '../../shared/ids.ts';
import { byteLengthOf } from '../../shared/tensor.ts';
import { afterOpening, inProbation, outcomeOf, type OpeningOutcome } from '../core/aborts.ts';
import { challengeOf } from '../core/challenge.ts';
import { openingLengthMs } from '../core/lease.ts';
import type { Assignment, AssignmentState, Contributor, Job } from '../core/state.ts';
import type { ShardInput } from '../core/shardInput.ts';
import { workOf } from '../core/stages.ts';
import { find, type ShardWork } from '../core/step.ts';
import { hmacSha256 } from '../digest.ts';
import type { ConnectedHost, Hosts } from './hosts.ts';
import type { OpenWork } from './openWork.ts';
import type { Tick } from './tick.ts';

/** What a stage commits to besides its root: shared/stage.ts. */
export interface StageBoundary {
  readonly inputs: string;
  readonly outputs: string;
}

export interface OpeningsOptions {
  readonly hosts: Hosts;
  readonly work: OpenWork;
  readonly now: () => number;
  readonly leaseMs: (job: Job, work: ShardWork) => number;
  /** Of a stage: the rows whose inputs and outputs it has to show. */
  readonly rowsToShow: (
    job: Job,
    work: ShardWork,
    assignment: Assignment,
    root: string,
  ) => number[];
  readonly contributor: (id: ContributorId) => Contributor;
  readonly putContributor: (tick: Tick, contributor: Contributor) => void;
  readonly apply: (tick: Tick, work: ShardWork, input: ShardInput) => void;
}

export class Openings {
  readonly #options: OpeningsOptions;
  /** Whose abort was counted in the tick that is being stepped. */
  #counted: { readonly tick: Tick; readonly contributors: Set<ContributorId> } | null = null;

  constructor(options: OpeningsOptions) {
    this.#options = options;
  }

  /** False where the assignment is committed to another root: then nothing is opened, and it counts. */
  commit(
    tick: Tick,
    host: ConnectedHost,
    work: ShardWork,
    id: AssignmentId,
    root: string,
    boundary?: StageBoundary,
  ): boolean {
    const assignment = find(work, id);
    const { state } = assignment;
    const committed = state.kind === 'leased' ? state.committed : null;
    const other = boundary?.inputs !== undefined && committed?.stage?.inputs !== boundary.inputs;
    if (committed !== null && (committed.root !== root || other)) {
      this.#count(tick, assignment, 'aborted');
      return false;
    }
    const job = this.#options.work.jobOf(work.shard);
    const stage =
      boundary === undefined
        ? undefined
        : (committed?.stage ?? {
            ...boundary,
            rows: this.#options.rowsToShow(job, work, assignment, root),
          });
    if (committed === null) {
      const rows = work.shard.items + assignment.probes.length;
      const leaseMs = this.#options.leaseMs(job, work);
      const bytes = rows * bytesPerRow(workOf(job, assignment));
      const deadlineMs = this.#options.now() + openingLengthMs(leaseMs, bytes);
      host.leases.commit(id);
      const fixed = stage === undefined ? { root } : { root, stage };
      this.#options.apply(tick, work, { kind: 'committed', assignment: id, ...fixed, deadlineMs });
    }
    const challenge = challengeOf(job, assignment, root, hmacSha256);
    const rows = stage === undefined ? {} : { rows: [...stage.rows] };
    tick.afterCommit(() => host.link.send({ type: 'open', assignment: id, challenge, ...rows }));
    return true;
  }

  /** An assignment went from one state to another. */
  follow(tick: Tick, before: AssignmentState, assignment: Assignment): void {
    const outcome = outcomeOf(before, assignment.state);
    if (outcome !== null) this.#count(tick, assignment, outcome);
  }

  #count(tick: Tick, { contributor: id }: Assignment, outcome: OpeningOutcome): void {
    if (outcome === 'aborted' && !this.#isFirstOf(tick, id)) return;
    const { hosts, contributor, putContributor, now } = this.#options;
    const before = contributor(id);
    const { aborts, response } = afterOpening(before.aborts, outcome, now());
    if (aborts === before.aborts) return;
    const streams = response === 'none' ? before.streams : inProbation(before.streams);
    putContributor(tick, { ...before, aborts, streams });
    if (response === 'quarantine') hosts.quarantine(id, aborts.quarantinedUntilMs);
  }

  /** Devices that are closed drop all they hold at once: what one tick ends of a contributor is one abort. */
  #isFirstOf(tick: Tick, contributor: ContributorId): boolean {
    if (this.#counted?.tick !== tick) this.#counted = { tick, contributors: new Set() };
    if (this.#counted.contributors.has(contributor)) return false;
    this.#counted.contributors.add(contributor);
    return true;
  }
}

const bytesPerRow = ({ facts }: Job): number =>
  Object.values(facts.outputs).reduce((sum, spec) => sum + byteLengthOf(spec), 0);
