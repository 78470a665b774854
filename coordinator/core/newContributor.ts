/** A contributor that has just proven its first key. */
import type { ContributorId } from '../../shared/ids.ts';
import { NO_ABORTS } from './aborts.ts';
import type { Contributor } from './state.ts';

export const newContributor = (
  id: ContributorId,
  publicKey: string,
  firstSeenMs: number,
): Contributor => ({
  id,
  publicKey,
  firstSeenMs,
  microCredits: 0n,
  agreed: 0,
  disagreed: 0,
  errored: 0,
  expired: 0,
  verifiedItems: 0,
  streams: [],
  aborts: NO_ABORTS,
});
