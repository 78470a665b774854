/**
 * What a page remembers of the public log, in IndexedDB: it outlives the page. Where the browser gives no storage it lasts
 * as long as the page, which says so (`lasts`).
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { markAlarm } from './alarmMark.ts';
import type { LogMemory, RememberedLog } from './logAlarm.ts';

interface LogDb extends DBSchema {
  log: { key: 'seen'; value: RememberedLog };
}

type Db = IDBPDatabase<LogDb>;

const DATABASE = 'idlewave-log';

export interface BrowserLogMemory extends LogMemory {
  /** False where nothing outlives the page. */
  readonly lasts: () => boolean;
}

export function browserLogMemory(): BrowserLogMemory {
  let onPage: RememberedLog | null = null;
  let lasts = true;
  const inStore = async <T>(work: (db: Db) => Promise<T>) => {
    const db = await open();
    try {
      return await work(db);
    } finally {
      db.close();
    }
  };
  return {
    lasts: () => lasts,
    async read() {
      if (!lasts) return onPage;
      try {
        return (await inStore((db) => db.get('log', 'seen'))) ?? null;
      } catch {
        lasts = false;
        return onPage;
      }
    },
    async write(remembered) {
      onPage = keeping(onPage, remembered);
      try {
        if (lasts) onPage = await inStore((db) => replace(db, remembered));
      } catch {
        lasts = false;
      }
      markAlarm(onPage?.alarm != null);
    },
  };
}

/** In one transaction: another tab may have raised an alarm since this one looked. */
async function replace(db: Db, next: RememberedLog | null): Promise<RememberedLog | null> {
  const { store, done } = db.transaction('log', 'readwrite');
  const kept = keeping((await store.get('seen')) ?? null, next);
  await (kept === null ? store.delete('seen') : store.put(kept, 'seen'));
  await done;
  return kept;
}

const keeping = (before: RememberedLog | null, next: RememberedLog | null): RememberedLog | null =>
  next === null || before?.alarm == null ? next : before;

const open = () =>
  openDB<LogDb>(DATABASE, 1, {
    upgrade(database) {
      database.createObjectStore('log');
    },
  });
