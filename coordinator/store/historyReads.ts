/**
 * What a store is asked about work over time: by hour and by day of UTC, of each device of a contributor. The port.
 *
 * It is added up by the commit that enters a credit or a refusal, from what was really entered: a commit that is sent
 * twice counts once. Hours go after a while (`forgetHours`); days hold everything from the beginning.
 */
import type { BucketKind } from '../../shared/history.ts';
import type { ContributorId } from '../../shared/ids.ts';
import type { CreditEntry, WorkedBy } from '../core/state.ts';

/** Work of one stretch of time. */
export interface Work {
  /** Credits: shards, or stages of shards. */
  readonly shards: number;
  readonly items: number;
  readonly microCredits: bigint;
  /** Assignments that ended without earning anything, through their own host. */
  readonly refused: number;
}

export interface WorkOfBucket extends Work {
  /** When the hour or day begins. */
  readonly atMs: number;
}

export interface WorkOfDevice extends Work {
  /** The contributor that its key is by itself. */
  readonly device: ContributorId;
}

/** What one contributor did; `items` and `shards` that were credited. */
export interface Leader {
  readonly id: ContributorId;
  readonly shards: number;
  readonly items: number;
  readonly microCredits: bigint;
  readonly firstSeenMs: number;
}

export interface NetworkDay extends WorkOfBucket {
  /** That were credited for something on that day. */
  readonly contributors: number;
  readonly devices: number;
}

/** Buckets that begin at `fromMs` or later, and before `toMs`. */
export interface BucketRange {
  readonly by: BucketKind;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The history of `from` is that of `to` from now on. */
export interface Heir {
  readonly from: ContributorId;
  readonly to: ContributorId;
}

export interface HistoryReads {
  /** Of all devices together, or of one; in order, without buckets in which there was nothing. */
  buckets(
    contributor: ContributorId,
    device: ContributorId | null,
    range: BucketRange,
  ): Promise<readonly WorkOfBucket[]>;
  /** What each device did in that time; most credit first. */
  devices(
    contributor: ContributorId,
    range: BucketRange,
    limit: number,
  ): Promise<readonly WorkOfDevice[]>;
  /**
   * Who was credited most in days that begin at `fromMs` or later, or ever where null: without those that do not want
   * to be listed. Most credit first, then by id.
   */
  leaders(fromMs: number | null, limit: number): Promise<readonly Leader[]>;
  /** Of the whole network, days that begin at `fromMs` or later, in order. */
  days(fromMs: number): Promise<readonly NetworkDay[]>;
}

/** In whose history an entry counts, and as whose work. */
export const workerOfEntry = ({
  contributor,
  device = contributor,
  account = contributor,
}: WorkedBy & Pick<CreditEntry, 'contributor'>): {
  readonly device: ContributorId;
  readonly account: ContributorId;
} => ({ device, account });
