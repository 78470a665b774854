/**
 * Double entry: whose account every fact of the public log changes, and by how much.
 *
 * Nothing else changes a balance, so a balance is the fold of its postings. Invariant: the postings of one fact sum to
 * zero, and only `ISSUANCE`, which credit comes from, may be below zero.
 */
import type { Brand, ContributorId, JobId, KeyId, SiteId, TeamId } from './ids.ts';
import type { LogFact } from './protocol/publicLog.ts';

/** `issuance`, `author:key_…`, `escrow:job_…`, `contributor:c_…`, `site:…`, `team:…`. */
export type Account = Brand<string, 'Account'>;

/** The network itself: what it ever issued, negated. */
export const ISSUANCE = 'issuance' as Account;
export const authorAccount = (key: KeyId): Account => `author:${key}` as Account;
export const escrowAccount = (job: JobId): Account => `escrow:${job}` as Account;
export const contributorAccount = (id: ContributorId): Account => `contributor:${id}` as Account;
export const teamAccount = (id: TeamId): Account => `team:${id}` as Account;
export const siteAccount = (id: SiteId): Account => `site:${id}` as Account;

/** What may be transferred to and from; the others have rules of their own. */
export const ACCOUNT_PATTERN = /^(author|contributor|site|team):[A-Za-z0-9_.-]{1,100}$/;

/** `author` and the key's id of `author:…`; the kind alone of an account that is the only one. */
export function partsOf(account: Account): { readonly kind: string; readonly id: string } {
  const [kind, ...id] = account.split(':');
  return { kind: kind!, id: id.join(':') };
}

/** Positive where the account has more after it. */
export interface Posting {
  readonly account: Account;
  readonly microCredits: bigint;
}

/** Facts that move credit. */
export type LedgerFact = Exclude<LogFact, { type: 'shard' }>;

export function postingsOf(fact: LedgerFact): Posting[] {
  switch (fact.type) {
    case 'credit':
      return creditPostings(fact);
    case 'grant':
      return moved(ISSUANCE, fact.to, fact.microCredits);
    case 'opening':
      return moved(ISSUANCE, fact.to, fact.microCredits);
    case 'escrow':
      return moved(authorOf(fact), escrowAccount(fact.job as JobId), fact.microCredits);
    case 'refund':
      return moved(escrowAccount(fact.job as JobId), authorOf(fact), fact.microCredits);
    case 'transfer':
      return moved(fact.from, fact.to, fact.microCredits);
    default:
      return fact satisfies never;
  }
}

/** The job pays what it has put aside, the network the rest; of what is earned the shares go to others. */
function creditPostings(fact: Extract<LedgerFact, { type: 'credit' }>): Posting[] {
  const { contributor, job, microCredits, issued = 0n, shares = [] } = fact;
  const shared = shares.reduce((sum, share) => sum + share.microCredits, 0n);
  return [
    { account: escrowAccount(job as JobId), microCredits: issued - microCredits },
    { account: ISSUANCE, microCredits: -issued },
    {
      account: contributorAccount(contributor as ContributorId),
      microCredits: microCredits - shared,
    },
    ...shares.map(({ to, microCredits: amount }) => ({ account: to, microCredits: amount })),
  ].filter((posting) => posting.microCredits !== 0n);
}

const authorOf = ({ author }: { readonly author: string }): Account =>
  authorAccount(author as KeyId);

const moved = (from: Account, to: Account, microCredits: bigint): Posting[] => [
  { account: from, microCredits: -microCredits },
  { account: to, microCredits },
];
