/**
 * The tuner's answers in IndexedDB, where the realm has it: kept from one visit to the next, on this device, until the browser
 * is another version, whose compiler may be another too.
 *
 * Invariant: a store that fails, is forbidden or does not answer is as good as one that knows nothing.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { TuningMemory } from './tuner.ts';

const DATABASE = 'idlewave-tuning';
const STORE = 'variants';
/** Beyond this everything is forgotten: parameters come from outside. */
const MAX_ANSWERS = 1024;
/** What a tuning costs: beyond that it is not worth waiting for. */
const PATIENCE_MS = 1000;

interface Schema extends DBSchema {
  [STORE]: { key: string; value: string };
}

export function tuningMemory(): TuningMemory {
  let opened: Promise<IDBPDatabase<Schema>> | undefined;
  const forget = (): void => void (opened = undefined);
  const database = (): Promise<IDBPDatabase<Schema>> =>
    (opened ??= openDB<Schema>(DATABASE, 1, {
      upgrade: (db) => void db.createObjectStore(STORE),
      // Another tab deletes it, or has a later version of it: neither waits for this one.
      blocking: (_current, _blocked, event) => {
        (event.target as IDBDatabase).close();
        forget();
      },
      terminated: forget,
    }));
  const here = (key: string): string => `${navigator.userAgent} ${key}`;
  return {
    get: (key) => inTime(async () => (await database()).get(STORE, here(key))),
    set: (key, variantName) =>
      inTime(async () => {
        const db = await database();
        if ((await db.count(STORE)) >= MAX_ANSWERS) await db.clear(STORE);
        await db.put(STORE, variantName, here(key));
      }),
  };
}

function inTime<T>(work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('IndexedDB does not answer')), PATIENCE_MS);
    work()
      .then(resolve, reject)
      .finally(() => clearTimeout(late));
  });
}
