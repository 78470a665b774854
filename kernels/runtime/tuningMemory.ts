/**
 * The tuner's answers in IndexedDB, where the realm has it: kept from one visit to the next, on this device.
 *
 * Invariant: a store that fails, or is forbidden, is as good as one that knows nothing.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { TuningMemory } from './tuner.ts';

const DATABASE = 'idlewave-tuning';
const STORE = 'variants';
/** Beyond this everything is forgotten: parameters come from outside. */
const MAX_ANSWERS = 1024;

interface Schema extends DBSchema {
  [STORE]: { key: string; value: string };
}

export function tuningMemory(): TuningMemory {
  let opened: Promise<IDBPDatabase<Schema>> | undefined;
  const database = (): Promise<IDBPDatabase<Schema>> =>
    (opened ??= openDB<Schema>(DATABASE, 1, {
      upgrade: (db) => void db.createObjectStore(STORE),
    }));
  return {
    async get(key) {
      return (await database()).get(STORE, key);
    },
    async set(key, variantName) {
      const db = await database();
      if ((await db.count(STORE)) >= MAX_ANSWERS) await db.clear(STORE);
      await db.put(STORE, variantName, key);
    },
  };
}
