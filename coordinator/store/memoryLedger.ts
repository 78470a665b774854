/** Accounts and movements of the store in memory. */
import type { Account } from '../../shared/ledger.ts';
import { listed } from './cursor.ts';
import type { MemoryData } from './memoryStore.ts';
import {
  placeOfMovement,
  type Balance,
  type LedgerReads,
  type LoggedMovement,
  type Page,
} from './store.ts';

export class MemoryLedger implements LedgerReads {
  readonly #data: Pick<MemoryData, 'balances' | 'movements' | 'log'>;

  constructor(data: Pick<MemoryData, 'balances' | 'movements' | 'log'>) {
    this.#data = data;
  }

  async balance(account: Account): Promise<bigint> {
    return this.#data.balances.get(account) ?? 0n;
  }

  async balances(after: string | null, limit: number): ReturnType<LedgerReads['balances']> {
    const rows = [...this.#data.balances]
      .filter(([account]) => after === null || account > after)
      .sort(([a], [b]) => Number(a > b) - Number(a < b))
      .slice(0, limit)
      .map(([account, microCredits]) => ({ account, microCredits }));
    return { logSize: this.#data.log.length, rows };
  }

  async movements(
    account: Account,
    cursor: string | null,
    limit: number,
  ): Promise<Page<LoggedMovement>> {
    const movements = [...(this.#data.movements.get(account)?.values() ?? [])];
    return listed(movements, cursor, limit, placeOfMovement);
  }

  async movement(account: Account, id: string): Promise<LoggedMovement | null> {
    return this.#data.movements.get(account)?.get(id) ?? null;
  }

  /** Memory was never written by an older coordinator. */
  async unlogged(): Promise<readonly Balance[]> {
    return [];
  }
}
