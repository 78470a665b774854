/** Whose balance must be in memory, because a tick may change it at any time. */
import type { ContributorId, JobId } from '../../shared/ids.ts';
import { partsOf, type Account } from '../../shared/ledger.ts';
import type { Contributors } from './contributors.ts';
import type { OpenWork } from './openWork.ts';

/** Of whoever is connected or has work, and of running jobs and their authors. */
export function isBalanceNeeded(
  account: Account,
  contributors: Pick<Contributors, 'find'>,
  { jobs }: Pick<OpenWork, 'jobs'>,
): boolean {
  const { kind, id } = partsOf(account);
  switch (kind) {
    case 'issuance':
      return true;
    case 'contributor':
      return contributors.find(id as ContributorId) !== undefined;
    case 'escrow':
      return jobs.has(id as JobId);
    case 'author':
      return [...jobs.values()].some(({ job }) => job.author === id);
    default:
      return false;
  }
}
