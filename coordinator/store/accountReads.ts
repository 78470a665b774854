/**
 * What a store is asked about accounts: which keys lead where, and what people call themselves. The port; written
 * through `Changes` like everything that the engine decides.
 */
import type { ContributorId } from '../../shared/ids.ts';
import type { Device } from '../core/state.ts';

/** What a contributor is shown as; null where it is its id again. */
export interface DisplayName {
  readonly contributor: ContributorId;
  readonly name: string | null;
}

export interface AccountReads {
  /** Null for a key that is a contributor by itself. */
  device(id: ContributorId): Promise<Device | null>;
  /** Keys that lead to the account, and those that did, in the order of their ids. */
  devicesOf(account: ContributorId): Promise<readonly Device[]>;
  names(contributors: readonly ContributorId[]): Promise<ReadonlyMap<ContributorId, string>>;
}
