/**
 * Decisions about credit: who pays for work that was found right, and what a movement needs to be allowed.
 */
import { escrowAccount, postingsOf, type Account, type LedgerFact } from '../../shared/ledger.ts';
import type { Share } from '../../shared/reward.ts';
import type { CreditEntry, Job } from './state.ts';

export type CreditFact = Extract<LedgerFact, { type: 'credit' }>;
/** Everything but credit for work. */
export type Movement = Exclude<LedgerFact, CreditFact>;

export type BalanceOf = (account: Account) => bigint;

/** What tells a movement from all others of the accounts it changes. */
export function movementId(movement: Movement): string {
  switch (movement.type) {
    case 'grant':
      return `grant/${movement.id}`;
    case 'transfer':
      // A payer's own word: another's may be the same, and reach the same account.
      return `transfer/${movement.from}/${movement.id}`;
    case 'escrow':
      if (movement.lot !== undefined) return `escrow/${movement.job}/lot/${movement.lot}`;
      // A rate only rises: what one adds is put aside once.
      return movement.ratePercent === undefined
        ? `escrow/${movement.job}`
        : `escrow/${movement.job}/${movement.ratePercent}`;
    case 'refund':
      return `refund/${movement.job}`;
    case 'opening':
      return movement.type;
    default:
      return movement satisfies never;
  }
}

/** Accounts whose owners find the movement in their listing. */
export const ownersOf = (movement: Movement): Account[] =>
  postingsOf(movement)
    .map(({ account }) => account)
    .filter((account) => !/^(issuance|escrow:)/.test(account));

/**
 * The credit with who pays it: what the job has put aside, as far as it goes. An author never pays more than the
 * price; what the network's own doubts cost beyond it (probes, a third opinion, a stage that is computed again) it
 * issues.
 */
export function paid(credit: CreditEntry, inEscrow: bigint): CreditEntry {
  const { microCredits, issued = 0n } = credit;
  const lacking = microCredits - issued - inEscrow;
  return lacking <= 0n ? credit : { ...credit, issued: issued + lacking };
}

/** With these shares and no others; none is said where there are none. */
export function withShares({ shares: _, ...credit }: CreditEntry, shares: readonly Share[]) {
  return (shares.length === 0 ? credit : { ...credit, shares }) satisfies CreditEntry;
}

export const factOfCredit = (credit: CreditEntry): CreditFact => {
  const { contributor, shard, job, assignment, stage, items, atMs } = credit;
  const { probes, microCredits, issued, shares, factors } = credit;
  return {
    type: 'credit',
    contributor,
    shard,
    job,
    assignment,
    ...(stage === undefined ? {} : { stage }),
    items,
    ...(probes === undefined ? {} : { probes }),
    microCredits,
    ...(issued === undefined ? {} : { issued }),
    ...(shares === undefined ? {} : { shares: [...shares] }),
    ...(factors === undefined ? {} : { factors }),
    atMs,
  };
};

/** What its author gets back of a job that has ended; null where nothing is left. */
export function refundOf({ id, author }: Job, balanceOf: BalanceOf, atMs: number): Movement | null {
  const microCredits = balanceOf(escrowAccount(id));
  return microCredits === 0n ? null : { type: 'refund', job: id, author, microCredits, atMs };
}
