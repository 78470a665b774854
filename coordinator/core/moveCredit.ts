/**
 * What goes to an account when a device with credit of its own is linked to it. Pure.
 *
 * Invariant: the sums over both stay as they are. What checks have found of each (`streams`, `aborts`) stays where it
 * was found: an account is trusted for what was checked under its own name.
 */
import type { Contributor } from './state.ts';

const NOTHING = {
  microCredits: 0n,
  agreed: 0,
  disagreed: 0,
  errored: 0,
  expired: 0,
  verifiedItems: 0,
} as const;

export const hasAnything = (contributor: Contributor): boolean =>
  (Object.keys(NOTHING) as (keyof typeof NOTHING)[]).some(
    (name) => contributor[name] != NOTHING[name],
  );

export const moveCredit = (
  from: Contributor,
  to: Contributor,
): { readonly from: Contributor; readonly to: Contributor } => ({
  from: { ...from, ...NOTHING },
  to: {
    ...to,
    firstSeenMs: Math.min(from.firstSeenMs, to.firstSeenMs),
    microCredits: to.microCredits + from.microCredits,
    agreed: to.agreed + from.agreed,
    disagreed: to.disagreed + from.disagreed,
    errored: to.errored + from.errored,
    expired: to.expired + from.expired,
    verifiedItems: to.verifiedItems + from.verifiedItems,
  },
});
