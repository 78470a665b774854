/**
 * What found-right work earns, as a product of factors that anybody can see: the work itself, what its author offers,
 * its quality, and for checking others how reliably its contributor delivers. Never the device, or how long it took.
 *
 * Invariant: the factors of a credit give its amount, so that an audit computes it again.
 */
import type { Account } from './ledger.ts';

const WHOLE = 100n;

export interface RewardFactors {
  /** Own items at the list price, in micro-credits: their FLOPs. */
  readonly work: bigint;
  /** What the author offers, in percent of the list price. */
  readonly rate: number;
  /** In percent. What was found right is whole, and nothing else is credited. */
  readonly quality: number;
  /** Items computed to check others, at the list price; absent where there are none. */
  readonly checks?: bigint;
  /** In percent, of checks: how much of its work the contributor delivered when it was given this. */
  readonly uptime?: number;
}

export interface Reward {
  /** For the author's items. */
  readonly own: bigint;
  /** For checking, which the network pays. */
  readonly checks: bigint;
}

export const rewardOf = ({ work, rate, quality, checks, uptime }: RewardFactors): Reward => ({
  own: roundedUp(roundedUp(work, rate), quality),
  checks: checks === undefined ? 0n : (checks * BigInt(uptime ?? 100)) / WHOLE,
});

/** At a rate, in percent: rounded up, so that verified work is never worth nothing. */
export const roundedUp = (microCredits: bigint, percent: number): bigint =>
  (microCredits * BigInt(percent) + WHOLE - 1n) / WHOLE;

/** Of what its contributor earns, whole percents for another account. */
export interface ChosenShare {
  readonly to: Account;
  readonly percent: number;
}

export interface Share {
  readonly to: Account;
  readonly microCredits: bigint;
}

/** Each share rounded down: what is left over stays with the contributor. Shares of nothing are left out. */
export const splitOf = (microCredits: bigint, chosen: readonly ChosenShare[]): Share[] =>
  chosen
    .map(({ to, percent }) => ({ to, microCredits: (microCredits * BigInt(percent)) / WHOLE }))
    .filter((share) => share.microCredits > 0n);
