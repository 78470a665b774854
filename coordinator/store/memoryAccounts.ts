/** Accounts of the store in memory. */
import type { AccountReads } from './accountReads.ts';
import type { MemoryData } from './memoryStore.ts';

export const memoryAccounts = (data: () => MemoryData): AccountReads => ({
  device: async (id) => data().devices.get(id) ?? null,
  devicesOf: async (account) =>
    [...data().devices.values()]
      .filter(({ state }) => state.account === account)
      .sort((a, b) => Number(a.id > b.id) - Number(a.id < b.id)),
  names: async (contributors) =>
    new Map(
      contributors.flatMap((id) => {
        const name = data().names.get(id);
        return name === undefined ? [] : [[id, name] as const];
      }),
    ),
});
