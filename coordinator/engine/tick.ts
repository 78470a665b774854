/**
 * What one tick of the engine changes and says, collected: one transaction, then the messages.
 */
import type { AssignmentId, BlobDigest, ContributorId, JobId, ShardId } from '../../shared/ids.ts';
import type { CoordinatorMessage, StageOfAssignment } from '../../shared/protocol/link.ts';
import { encodeFact } from '../../shared/protocol/publicLog.ts';
import type { Calibration } from '../core/calibration.ts';
import type { ClassRecord } from '../core/classes.ts';
import type { Assignment, Contributor, CreditEntry, Job, Shard } from '../core/state.ts';
import { calibrationId, classId, type Changes, type StoredOutput } from '../store/store.ts';
import { factOfCredit, type ShardFact } from './publicFacts.ts';

/** How the engine reaches a connected host; the transport implements it. */
export interface HostLink {
  send(message: CoordinatorMessage): void;
  /** Sends an assignment with its tensors once they have been read; the engine does not wait for it. */
  sendAssignment(
    assignment: Assignment,
    job: Job,
    items: readonly number[],
    stage?: StageOfAssignment,
  ): void;
  close(reason: string): void;
}

export class Tick {
  readonly #jobs = new Map<JobId, Job>();
  readonly #shards = new Map<ShardId, Shard>();
  readonly #assignments = new Map<AssignmentId, Assignment>();
  readonly #contributors = new Map<ContributorId, Contributor>();
  readonly #credits: CreditEntry[] = [];
  readonly #settled: ShardFact[] = [];
  readonly #outputs: StoredOutput[] = [];
  readonly #pruned = new Map<ShardId, BlobDigest | null>();
  readonly #calibrations = new Map<string, Calibration>();
  readonly #classes = new Map<string, ClassRecord>();
  readonly #droppedClasses = new Set<string>();
  readonly #afterCommit: (() => void)[] = [];

  putJob(job: Job): void {
    this.#jobs.set(job.id, job);
  }
  putShard(shard: Shard): void {
    this.#shards.set(shard.id, shard);
  }
  putAssignment(assignment: Assignment): void {
    this.#assignments.set(assignment.id, assignment);
  }
  putContributor(contributor: Contributor): void {
    this.#contributors.set(contributor.id, contributor);
  }
  /** What anybody may know of it: a shard that has settled, with its judged reports. */
  logShard(fact: ShardFact): void {
    this.#settled.push(fact);
  }
  addCredits(credits: readonly CreditEntry[]): void {
    this.#credits.push(...credits);
  }
  addOutput(output: StoredOutput): void {
    this.#outputs.push(output);
  }
  putCalibration(record: Calibration): void {
    this.#calibrations.set(calibrationId(record), record);
  }
  putClass(record: ClassRecord): void {
    this.#classes.set(classId(record), record);
    this.#droppedClasses.delete(classId(record));
  }
  dropClass(record: ClassRecord): void {
    this.#classes.delete(classId(record));
    this.#droppedClasses.add(classId(record));
  }
  /** The shard has ended: of its outputs only `keep` is needed. */
  pruneOutputs(shard: ShardId, keep: BlobDigest | null): void {
    this.#pruned.set(shard, keep);
  }
  /** Runs once the changes are durable: what leaves the coordinator must be true after a crash too. */
  afterCommit(action: () => void): void {
    this.#afterCommit.push(action);
  }

  get changedJobs(): Iterable<Job> {
    return this.#jobs.values();
  }

  get settledItems(): number {
    let items = 0;
    for (const shard of this.#shards.values()) {
      if (shard.state.kind === 'settled') items += shard.items;
    }
    return items;
  }

  get isEmpty(): boolean {
    return (
      this.#jobs.size === 0 &&
      this.#shards.size === 0 &&
      this.#assignments.size === 0 &&
      this.#contributors.size === 0 &&
      this.#calibrations.size === 0 &&
      this.#classes.size === 0 &&
      this.#droppedClasses.size === 0 &&
      this.#outputs.length === 0
    );
  }

  /** `logSize`: entries that the public log has before. */
  changes(logSize: number): Changes {
    // A shard before what is paid for it.
    const firstCredit = logSize + this.#settled.length;
    const credits = this.#credits.map((credit, i) => ({ ...credit, logIndex: firstCredit + i }));
    const entries = [...this.#settled, ...credits.map(factOfCredit)].map(encodeFact);
    const outputs = this.#outputs.filter(({ shard, digest }) => {
      const keep = this.#pruned.get(shard);
      return keep === undefined || keep === digest;
    });
    return {
      jobs: [...this.#jobs.values()],
      shards: [...this.#shards.values()],
      assignments: [...this.#assignments.values()],
      contributors: [...this.#contributors.values()],
      credits,
      outputs,
      calibrations: [...this.#calibrations.values()],
      engineClasses: [...this.#classes.values()],
      droppedClasses: [...this.#droppedClasses],
      prunedOutputs: [...this.#pruned].map(([shard, keep]) => ({ shard, keep })),
      logged: entries.length === 0 ? [] : [{ first: logSize, entries }],
    };
  }

  runAfterCommit(): void {
    for (const action of this.#afterCommit) action();
  }
}
