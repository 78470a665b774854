/**
 * What is remembered of a contributor, as counters: folds of verdicts, nothing else.
 *
 * One mismatch never bans. What slows a host down is only its own recent failures to deliver.
 */
import type { Contributor } from './state.ts';

export type TrustEvent =
  | { readonly kind: 'agreed'; readonly items: number; readonly microCredits: bigint }
  | { readonly kind: 'disagreed' }
  | { readonly kind: 'errored' }
  | { readonly kind: 'expired' };

export function stepContributor(contributor: Contributor, event: TrustEvent): Contributor {
  switch (event.kind) {
    case 'agreed':
      return {
        ...contributor,
        agreed: contributor.agreed + 1,
        verifiedItems: contributor.verifiedItems + event.items,
        microCredits: contributor.microCredits + event.microCredits,
      };
    case 'disagreed':
      return { ...contributor, disagreed: contributor.disagreed + 1 };
    case 'errored':
      return { ...contributor, errored: contributor.errored + 1 };
    case 'expired':
      return { ...contributor, expired: contributor.expired + 1 };
    default:
      return event satisfies never;
  }
}

/** Two failures in a row may be chance (a tab went to sleep); from the third on a host waits. */
const FREE_FAILURES = 2;
const FIRST_COOL_DOWN_MS = 2_000;
export const LONGEST_COOL_DOWN_MS = 300_000;

/** How long a host that failed so often in a row (errors, expired leases) is given nothing. */
export function coolDownMs(failuresInARow: number): number {
  if (failuresInARow <= FREE_FAILURES) return 0;
  return Math.min(
    FIRST_COOL_DOWN_MS * 2 ** (failuresInARow - FREE_FAILURES - 1),
    LONGEST_COOL_DOWN_MS,
  );
}
