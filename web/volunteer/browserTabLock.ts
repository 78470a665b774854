/**
 * One computing tab per browser profile, by the Web Locks API.
 *
 * The lock also keeps the browser's energy saver from freezing the page (Chrome 133), so it is held only
 * while the visitor has computing switched on, and released on pause.
 */
export interface TabLock {
  release(): void;
}

const LOCK = 'idlewave-computing';

/** Null where another tab holds it. A browser without locks (no secure context) always gives one. */
export function holdTabLock(): Promise<TabLock | null> {
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined) return Promise.resolve({ release: () => undefined });
  return new Promise((resolve, reject) => {
    locks
      .request(LOCK, { ifAvailable: true }, (lock) => {
        if (lock === null) {
          resolve(null);
          return undefined;
        }
        return new Promise<void>((release) => {
          resolve({ release });
        });
      })
      .catch(reject);
  });
}
