/**
 * The records that the core decides about. State is a union: a field exists only where it is valid.
 *
 * These are immutable values: `step*` functions return new ones, the engine commits them. No clock, no
 * randomness, no I/O anywhere in `core`.
 */
import type { Acceptance } from '../../shared/acceptance.ts';
import type {
  AssignmentId,
  BlobDigest,
  ContributorId,
  HostId,
  JobId,
  KeyId,
  ShardId,
} from '../../shared/ids.ts';
import type { Asked, Verification } from '../../shared/protocol/verification.ts';
import type { Verdict } from '../../shared/protocol/link.ts';
import type { BatchFacts } from '../../shared/protocol/job.ts';
import type { Engine, JobProgram } from '../../shared/protocol/program.ts';
import type { RewardFactors, Share } from '../../shared/reward.ts';
import type { TensorSpec } from '../../shared/tensor.ts';
import type { Aborts } from './aborts.ts';
import type { Streams } from './stream.ts';
import type { Sharing, Terms } from './terms.ts';

/** What a host must know about the program, and what the coordinator learned by running one item. */
export interface ProgramFacts {
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /** Names of the inputs that all items share; absent where none is. */
  readonly constants?: readonly string[];
  /** Shape of one item of each output. */
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  /** Per stacked input, the dims of one run (`shared/program.ts`); empty for kernels. */
  readonly feeds: Readonly<Record<string, readonly number[]>>;
  readonly flopsPerItem: number;
  readonly flopsFrom: 'manifest' | 'graph' | 'estimate' | 'run';
  readonly refereeMsPerItem: number;
  /** Model and constant inputs: what a host must hold besides its items. */
  readonly programBytes: number;
  /** How many items a run takes, where that was measured. */
  readonly batch?: BatchFacts;
  /** Of a staged program, one after the other: `core/stages.ts`. */
  readonly stages?: readonly ProgramFacts[];
}

export interface Job {
  readonly id: JobId;
  readonly author: KeyId;
  readonly name: string;
  readonly program: JobProgram;
  /** Of the first lot. */
  readonly stacked: BlobDigest | null;
  readonly constants: BlobDigest | null;
  /** Of all lots. */
  readonly items: number;
  /** Of the first lot; no other has more. */
  readonly itemsPerShard: number;
  /** Of all lots. */
  readonly shards: number;
  /** Lots behind the first, in their order; absent where there are none. */
  readonly added?: readonly AddedLot[];
  /** Secret key (hex) of the item permutation and of the assignments' item orders. */
  readonly permutationKey: string;
  readonly verification: Verification;
  /** What the author wanted, and how that led to `verification`, in words. */
  readonly asked: Asked;
  readonly why: string;
  readonly acceptance: Acceptance;
  readonly facts: ProgramFacts;
  readonly priceMicroCredits: bigint;
  /** What its author offers, in percent of the list price; that price where absent. */
  readonly ratePercent?: number;
  readonly createdAtMs: number;
  /** When it ends with what it has; never where absent. */
  readonly expiresAtMs?: number;
  readonly state: JobState;
  readonly counts: JobCounts;
}

/** Items of a job that were posted together: `core/lots.ts`. */
export interface Lot {
  readonly firstItem: number;
  readonly items: number;
  /** Of its own items. */
  readonly stacked: BlobDigest | null;
  readonly firstShard: number;
  readonly shards: number;
  readonly itemsPerShard: number;
}

export interface AddedLot extends Lot {
  /** Digest of the word by which its author asks for it once only; null where none was given. */
  readonly key: string | null;
  /** Digest of what was asked for; absent where that was not kept yet. */
  readonly asked?: string;
  readonly atMs: number;
}

export type JobState =
  | {
      readonly kind: 'running';
      /** Since when its author lets it rest, where it does: nothing of it is begun, what is under way ends. */
      readonly pausedAtMs?: number;
      /** Until when its author holds it open, where it does: items may be added, and it does not end with those it has. */
      readonly heldUntilMs?: number;
    }
  | ({ readonly kind: 'done' } & Ended)
  | ({ readonly kind: 'failed'; readonly reason: string } & Ended)
  | ({ readonly kind: 'cancelled' } & Ended);

interface Ended {
  readonly endedAtMs: number;
  /** They are there, and nobody said until when, where absent. */
  readonly results?: ResultsState;
}

/** What became of the results of a job that has ended. The rest of its record stays for good. */
export type ResultsState =
  /** Until then at least, unless their author deletes them. */
  | { readonly kind: 'kept'; readonly untilMs: number }
  | {
      readonly kind: 'deleted';
      readonly atMs: number;
      readonly why: ResultsEnd;
      /** Nothing is left of them in the store; before, the sweep goes on with it. */
      readonly isPruned: boolean;
    };

/** Who ended them: their author, or the time for which this coordinator keeps results. */
export type ResultsEnd = 'author' | 'time';

export interface JobCounts {
  readonly settledShards: number;
  readonly settledItems: number;
  /** Accepted, and not final yet. */
  readonly provisionalItems: number;
  readonly failedShards: number;
  readonly failedItems: number;
  /** Item executions reported by hosts, and done by the referee; of a stage, its share of an item. */
  readonly hostExecutions: number;
  readonly refereeExecutions: number;
  /** Of those of the referee, items that were sampled and not disputed: what its budget is about. */
  readonly refereeSamples: number;
  /** Reports whose verdict was `disagree`. */
  readonly disagreedReports: number;
  readonly grantedMicroCredits: bigint;
}

export const NO_COUNTS: JobCounts = {
  settledShards: 0,
  settledItems: 0,
  provisionalItems: 0,
  failedShards: 0,
  failedItems: 0,
  hostExecutions: 0,
  refereeExecutions: 0,
  refereeSamples: 0,
  disagreedReports: 0,
  grantedMicroCredits: 0n,
};

export interface Shard {
  readonly id: ShardId;
  readonly job: JobId;
  readonly index: number;
  /** Number of items; which ones, the job's permutation says. */
  readonly items: number;
  readonly state: ShardState;
}

export type RefereeReason =
  'tie' | 'second-opinion' | 'compute-errors' | 'faulty-reports' | 'check-failed';

/** What was checked of a sampled report when it came, all of it found right. */
export interface Sample {
  /** Items whose other opinion was an unrelated contributor's. */
  readonly probes: number;
  /** Items that the referee computed too. */
  readonly blind: number;
}

/** And what was known of it and of its contributor when it became final. */
export interface FinalSample extends Sample {
  /** Of the shard's own items, those on which another opinion agreed: at least so many. */
  readonly checkedItems: number;
  /** Clean checks in a row of the contributor's stream. */
  readonly cleanChecks: number;
}

/** What decided a shard. */
export type SettledBy = 'quorum' | 'referee' | 'check';

export type ShardState =
  /** Collecting reports. */
  | { readonly kind: 'open' }
  /** The referee recomputes it; reports already there wait for its opinion. */
  | { readonly kind: 'refereeing'; readonly reason: RefereeReason }
  /**
   * One report is accepted, and will be final when its contributor has been checked enough; until then a
   * wrong item of its stream takes it back.
   */
  | {
      readonly kind: 'provisional';
      readonly assignment: AssignmentId;
      readonly output: BlobDigest;
      /** Checks of the contributor's stream when it was accepted (`core/stream.ts`). */
      readonly checksThen: number;
      readonly sample: Sample;
      /** Of a staged program: the same of the contributor of each stage. */
      readonly stageChecksThen?: readonly number[];
      readonly atMs: number;
    }
  /** Has its canonical output, immutable. `sequence` counts ended shards of the job from 1: results are read by it. */
  | {
      readonly kind: 'settled';
      readonly sequence: number;
      readonly output: BlobDigest;
      readonly by: SettledBy;
      /** Only where sampling accepted a report. */
      readonly sample?: FinalSample;
      readonly atMs: number;
      /** Its number in the public log; absent where it settled before that was kept. */
      readonly logIndex?: number;
    }
  | {
      readonly kind: 'failed';
      readonly sequence: number;
      readonly reason: string;
      readonly atMs: number;
    };

/** An item of an assignment that is there to be compared: row `row` of `shard` is another opinion on it. */
export interface Probe {
  readonly item: number;
  readonly shard: ShardId;
  readonly row: number;
}

/** One shard, or one stage of it, handed to one host under a lease. */
export interface Assignment {
  readonly id: AssignmentId;
  readonly shard: ShardId;
  readonly job: JobId;
  readonly host: HostId;
  readonly contributor: ContributorId;
  /** By which of its contributor's keys the host is here; absent where it is the contributor's first. */
  readonly device?: ContributorId;
  /** Never two assignments of a shard in one cohort. */
  readonly cohort: string;
  /** Computed besides the shard's own items; the host cannot tell which they are. */
  readonly probes: readonly Probe[];
  /** Of a staged program: which stage of the shard's items it is. */
  readonly stage?: number;
  /** What it is paid by, beside its work; absent where that was not kept yet. */
  readonly terms?: Terms;
  /** The slower one beside which it computes at the end of the job: who commits first keeps the shard. */
  readonly copyOf?: AssignmentId;
  readonly grantedAtMs: number;
  readonly state: AssignmentState;
}

/** What a host has fixed before it was told what to open. */
export interface Commitment {
  readonly root: string;
  readonly stage?: StageCommitment;
}

/** Of a stage: the roots of what it received and sent on, and the rows of which it has to show both. */
export interface StageCommitment {
  readonly inputs: string;
  readonly outputs: string;
  readonly rows: readonly number[];
}

export type AssignmentState =
  | {
      readonly kind: 'leased';
      readonly deadlineMs: number;
      readonly itemsDone: number;
      /** What the host has committed to (shared/commitment.ts); it is told what to open once this is durable. */
      readonly committed: Commitment | null;
    }
  | ReportedState
  | {
      readonly kind: 'judged';
      readonly output: BlobDigest;
      readonly engine: Engine;
      readonly engineClass: string;
      readonly verdict: Verdict;
      readonly reason: string;
      readonly microCredits: bigint;
      readonly atMs: number;
    }
  | { readonly kind: 'expired'; readonly atMs: number }
  | { readonly kind: 'returned'; readonly atMs: number; readonly reason: string }
  | {
      readonly kind: 'errored';
      readonly atMs: number;
      readonly code: string;
      readonly message: string;
    }
  /** The coordinator could not send it: an attempt at the shard that failed, and not the host's fault. */
  | { readonly kind: 'undelivered'; readonly atMs: number; readonly reason: string }
  /** No longer wanted: the shard settled without it, the job ended, or its contributor was found to cheat. */
  | { readonly kind: 'revoked'; readonly atMs: number };

export interface ReportedState {
  readonly kind: 'reported';
  /**
   * Digest of the outputs as a safetensors file, in the shard's own item order; of a stage that is not the last the
   * root of what it sent on, which is nowhere stored.
   */
  readonly output: BlobDigest;
  /** Of the probes, in their order; null where the assignment has none. */
  readonly probeOutput: BlobDigest | null;
  /** What the host committed to before it was told what to open. */
  readonly root: string;
  readonly stage?: StageCommitment;
  readonly engine: Engine;
  /** Of `engineClassOf`: what it is compared as. */
  readonly engineClass: string;
  readonly computeMs: number;
  readonly atMs: number;
}

/** Counters of one contributor; trust and public history are folds of them. */
export interface Contributor {
  readonly id: ContributorId;
  /** Ed25519, hex; empty once its person has deleted the account. */
  readonly publicKey: string;
  /** Its device was linked to this account: what it has, and what is still found to be its, goes there. */
  readonly movedTo?: ContributorId;
  readonly firstSeenMs: number;
  readonly microCredits: bigint;
  readonly agreed: number;
  readonly disagreed: number;
  readonly errored: number;
  readonly expired: number;
  readonly verifiedItems: number;
  /** What sampling has found of it, program by program. */
  readonly streams: Streams;
  /** Opened assignments that it did not report. */
  readonly aborts: Aborts;
  /** Its person does not want to be in leaderboards and exports. */
  readonly unlisted?: true;
  /** What it gives of its earnings; nothing where absent. */
  readonly sharing?: Sharing;
}

/** A key beyond a contributor's first, or a first one that has others beside it. */
export interface Device {
  /** The contributor that the key is by itself (`contributorIdOf`): the key need not be kept. */
  readonly id: ContributorId;
  readonly state: DeviceState;
}

export type DeviceState =
  /** The key works for the account. */
  | {
      readonly kind: 'device';
      readonly account: ContributorId;
      readonly name: string;
      readonly linkedAtMs: number;
    }
  /** The key follows from a phrase: it links other keys to the account, and does nothing else. */
  | { readonly kind: 'recovery'; readonly account: ContributorId; readonly linkedAtMs: number }
  /** Removed from the account, or that was deleted: the key leads nowhere, for good. */
  | { readonly kind: 'retired'; readonly account: ContributorId };

/** In whose history finished work counts; who did it is its `contributor` where these are absent. */
export interface WorkedBy {
  /** The key by which it was done. */
  readonly device?: ContributorId;
  /** To whom the contributor's credit moves (`Contributor.movedTo`), where that was known before. */
  readonly account?: ContributorId;
}

/** One append-only line: credit for one verified report of one shard, or of one stage of it. */
export interface CreditEntry extends WorkedBy {
  readonly contributor: ContributorId;
  readonly shard: ShardId;
  readonly stage?: number;
  readonly job: JobId;
  readonly assignment: AssignmentId;
  readonly items: number;
  /** Items besides, computed to check others; absent where there are none. */
  readonly probes?: number;
  readonly microCredits: bigint;
  /** What of it the network pays: for the probes, and what the job's escrow had not. */
  readonly issued?: bigint;
  /** What of it goes to others. */
  readonly shares?: readonly Share[];
  /** Whose product the amount is; absent where it was given before they were kept. */
  readonly factors?: RewardFactors;
  readonly reason: string;
  readonly atMs: number;
  /** Its number in the public log; absent where it was given before there was one. */
  readonly logIndex?: number;
}
