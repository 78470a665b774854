/** A site: whoever sends visitors here, and what those who agree share with it, day by day. */
import type { KeyId, SiteId } from '../../shared/ids.ts';

export interface Site {
  readonly id: SiteId;
  readonly name: string;
  /** Where it may show the network's pages. */
  readonly origins: readonly string[];
  /** What it asks of its visitors' earnings. */
  readonly proposedPercent: number;
  readonly owner: KeyId;
  readonly createdAtMs: number;
}

/** Shares of one day, all together. */
export interface SiteDay {
  readonly site: SiteId;
  /** `2026-11-22`, of UTC. */
  readonly day: string;
  readonly microCredits: bigint;
  readonly credits: number;
}

export const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
