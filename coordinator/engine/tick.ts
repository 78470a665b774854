/**
 * What one tick of the engine changes and says, collected: one transaction, then the messages.
 */
import type {
  AssignmentId,
  BlobDigest,
  ContributorId,
  JobId,
  ShardId,
  SiteId,
  TeamId,
} from '../../shared/ids.ts';
import type { CoordinatorMessage, StageOfAssignment } from '../../shared/protocol/link.ts';
import type { Account } from '../../shared/ledger.ts';
import { encodeFact } from '../../shared/protocol/publicLog.ts';
import type { Calibration } from '../core/calibration.ts';
import type { ClassRecord } from '../core/classes.ts';
import { factOfCredit, type Movement } from '../core/ledger.ts';
import type { RefusalEntry } from '../core/refusals.ts';
import type { Site, SiteDay } from '../core/site.ts';
import type { Assignment, Contributor, CreditEntry, Device, Job, Shard } from '../core/state.ts';
import type { Team } from '../core/team.ts';
import type { AuthorRecord } from '../store/authorRecords.ts';
import {
  calibrationId,
  classId,
  type Changes,
  type PostingKey,
  type StoredOutput,
} from '../store/store.ts';
import type { Heir } from '../store/historyReads.ts';
import type { ShardFact } from './publicFacts.ts';

/** What moves credit, in the order in which it does. */
type LedgerEntry =
  | { readonly kind: 'credit'; readonly credit: CreditEntry }
  | { readonly kind: 'movement'; readonly movement: Movement };

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
  readonly #entries: LedgerEntry[] = [];
  readonly #balances = new Map<Account, bigint>();
  readonly #postings: PostingKey[] = [];
  readonly #refusals: RefusalEntry[] = [];
  readonly #events: AuthorRecord<'openEvent'>[] = [];
  readonly #settled: ShardFact[] = [];
  readonly #outputs: StoredOutput[] = [];
  readonly #devices = new Map<ContributorId, Device>();
  readonly #names = new Map<ContributorId, string | null>();
  readonly #heirs: Heir[] = [];
  /** Null where it is forgotten. */
  readonly #teams = new Map<TeamId, Team | null>();
  readonly #sites = new Map<SiteId, Site | null>();
  /** By site and day. */
  readonly #siteDays = new Map<string, SiteDay>();
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
  /** The balances that change with it are put too. */
  addCredit(credit: CreditEntry): void {
    this.#entries.push({ kind: 'credit', credit });
  }
  addMovement(movement: Movement): void {
    this.#entries.push({ kind: 'movement', movement });
  }
  putBalance(account: Account, microCredits: bigint): void {
    this.#balances.set(account, microCredits);
  }
  /** A job was posted under this key. */
  addPosting(posting: PostingKey): void {
    this.#postings.push(posting);
  }
  addRefusal(refusal: RefusalEntry): void {
    this.#refusals.push(refusal);
  }
  /** What this tick ends is to be told of; with a job or more of this tick. */
  addEvent(event: AuthorRecord<'openEvent'>): void {
    this.#events.push(event);
  }
  addOutput(output: StoredOutput): void {
    this.#outputs.push(output);
  }
  putDevice(device: Device): void {
    this.#devices.set(device.id, device);
  }
  /** Null takes the name away. */
  putName(contributor: ContributorId, name: string | null): void {
    this.#names.set(contributor, name);
  }
  /** What `from` has worked until now counts in the history of `to`. */
  moveHistory(from: ContributorId, to: ContributorId): void {
    this.#heirs.push({ from, to });
  }
  /** Null: it is forgotten. */
  putTeam(id: TeamId, team: Team | null): void {
    this.#teams.set(id, team);
  }
  putSite(id: SiteId, site: Site | null): void {
    this.#sites.set(id, site);
  }
  /** As it is after this tick. */
  putSiteDay(day: SiteDay): void {
    this.#siteDays.set(`${day.site} ${day.day}`, day);
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
      this.#entries.length === 0 &&
      this.#devices.size === 0 &&
      this.#names.size === 0 &&
      this.#teams.size === 0 &&
      this.#sites.size === 0 &&
      this.#outputs.length === 0
    );
  }

  /** `logSize`: entries that the public log has before. */
  changes(logSize: number): Changes {
    // A shard before what is paid for it.
    const firstEntry = logSize + this.#settled.length;
    const numbered = this.#entries.map((entry, i) => ({ ...entry, logIndex: firstEntry + i }));
    const moved = this.#entries.map((entry) =>
      entry.kind === 'credit' ? factOfCredit(entry.credit) : entry.movement,
    );
    const entries = [...this.#settled, ...moved].map(encodeFact);
    const logIndexOf = new Map(this.#settled.map(({ shard }, i) => [shard, logSize + i]));
    const outputs = this.#outputs.filter(({ shard, digest }) => {
      const keep = this.#pruned.get(shard);
      return keep === undefined || keep === digest;
    });
    return {
      jobs: [...this.#jobs.values()],
      shards: [...this.#shards.values()].map((shard) => inLog(shard, logIndexOf.get(shard.id))),
      assignments: [...this.#assignments.values()],
      contributors: [...this.#contributors.values()],
      credits: numbered.flatMap((it) =>
        it.kind === 'credit' ? [{ ...it.credit, logIndex: it.logIndex }] : [],
      ),
      movements: numbered.flatMap((it) =>
        it.kind === 'movement' ? [{ movement: it.movement, logIndex: it.logIndex }] : [],
      ),
      balances: [...this.#balances].map(([account, microCredits]) => ({ account, microCredits })),
      postings: this.#postings,
      refusals: this.#refusals,
      events: this.#events,
      outputs,
      devices: [...this.#devices.values()],
      names: [...this.#names].map(([contributor, name]) => ({ contributor, name })),
      teams: present(this.#teams),
      droppedTeams: absent(this.#teams),
      sites: present(this.#sites),
      droppedSites: absent(this.#sites),
      siteDays: [...this.#siteDays.values()],
      calibrations: [...this.#calibrations.values()],
      engineClasses: [...this.#classes.values()],
      droppedClasses: [...this.#droppedClasses],
      heirs: this.#heirs,
      prunedOutputs: [...this.#pruned].map(([shard, keep]) => ({ shard, keep })),
      logged: entries.length === 0 ? [] : [{ first: logSize, entries }],
    };
  }

  runAfterCommit(): void {
    for (const action of this.#afterCommit) action();
  }
}

const present = <K, T>(records: ReadonlyMap<K, T | null>): T[] =>
  [...records.values()].filter((record) => record !== null);
const absent = <K>(records: ReadonlyMap<K, unknown>): K[] =>
  [...records].flatMap(([id, record]) => (record === null ? [id] : []));

/** A shard that settles in this tick, with the number of its entry in the public log. */
const inLog = (shard: Shard, logIndex: number | undefined): Shard =>
  logIndex === undefined || shard.state.kind !== 'settled'
    ? shard
    : { ...shard, state: { ...shard.state, logIndex } };
