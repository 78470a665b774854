/**
 * One computing tab per browser profile, by the Web Locks API.
 *
 * The lock also keeps the browser's energy saver from freezing the page (Chrome 133), so it is held only
 * while the visitor has computing switched on: released on pause, and while the page is put away.
 * Invariant: this tab never has more than one request under way, so it is never refused because of itself.
 */
export interface TabLock {
  /** False where another tab holds it. True where this one does already, or where there are no locks. */
  take(): Promise<boolean>;
  release(): void;
}

const LOCK = 'idlewave-computing';

type Release = () => void;

export function browserTabLock(): TabLock {
  let asked: Promise<Release | null> | null = null;
  return {
    async take() {
      const mine = (asked ??= request());
      let release: Release | null = null;
      try {
        release = await mine;
      } finally {
        if (asked === mine && release === null) asked = null;
      }
      // Released while it was awaited: who released it has the last word.
      return asked === mine;
    },
    release() {
      asked?.then((release) => release?.()).catch(() => undefined);
      asked = null;
    },
  };
}

/** Null where another tab holds it. A browser without locks (no secure context) always gives one. */
function request(): Promise<Release | null> {
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined) return Promise.resolve(() => undefined);
  return new Promise((resolve, reject) => {
    locks
      .request(LOCK, { ifAvailable: true }, (lock) => {
        if (lock === null) {
          resolve(null);
          return undefined;
        }
        return new Promise<void>((release) => {
          resolve(release);
        });
      })
      .catch(reject);
  });
}
