/**
 * One computing tab per browser profile, by the Web Locks API; another that wants to takes over when it goes.
 *
 * The lock also keeps the browser's energy saver from freezing the page (Chrome 133), so it is held only
 * while the visitor has computing switched on: released on pause, while the page is put away, and while it rests because
 * it is hidden. Invariant: this tab never has more than one request under way, so it is never refused because of itself.
 */
export interface TabLock {
  /** False where another tab holds it. True where this one does already, or where there are no locks. */
  take(): Promise<boolean>;
  /**
   * Waits until the tab that holds it goes. `switched-off`: a person switched computing off there, so nothing is to begin
   * here by itself. `given-up`: another request or a release came first.
   */
  takeNext(): Promise<'taken' | 'switched-off' | 'given-up'>;
  /** `byPerson`: computing was switched off, so no tab that waits is to go on with it. */
  release(byPerson: boolean): void;
}

const LOCK = 'idlewave-computing';
/** Held by a tab where a person has just switched computing off: whoever gets `LOCK` next sees it. */
const OFF_LOCK = 'idlewave-switched-off';
/** Whoever waited has `LOCK`, and has looked, well within this time. */
const OFF_MS = 5_000;

type Release = () => void;

export function browserTabLock(): TabLock {
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined) return NO_LOCKS;
  let asked: Promise<Release | null> | null = null;
  let waiting: AbortController | null = null;
  /** Just granted to a wait, and not yet known to be free to use: a click in between makes it so. */
  let inDoubt: Promise<Release | null> | null = null;
  let releasing: Promise<unknown> = Promise.resolve();

  const release = (byPerson: boolean): void => {
    waiting?.abort();
    waiting = null;
    const mine = asked;
    asked = null;
    if (mine === null) return;
    releasing = mine
      .then(async (letGo) => {
        if (letGo === null) return;
        // Before the lock itself: the browser serves requests in order.
        if (byPerson) await holdOff(locks);
        letGo();
      })
      .catch(() => undefined);
  };

  return {
    async take() {
      waiting?.abort();
      waiting = null;
      inDoubt = null;
      const mine = (asked ??= releasing.then(() => request(locks, { ifAvailable: true })));
      let granted: Release | null = null;
      try {
        granted = await mine;
      } finally {
        if (asked === mine && granted === null) asked = null;
      }
      // Released while it was awaited: who released it has the last word.
      return asked === mine;
    },
    async takeNext() {
      if (asked !== null) return 'given-up';
      waiting?.abort();
      const mine = (waiting = new AbortController());
      const granted = await request(locks, { signal: mine.signal }).catch(() => null);
      if (granted === null) return 'given-up';
      if (mine.signal.aborted) {
        granted();
        return 'given-up';
      }
      waiting = null;
      const held = (asked = inDoubt = Promise.resolve(granted));
      const off = await isOff(locks);
      if (inDoubt !== held || asked !== held) return 'given-up';
      inDoubt = null;
      if (!off) return 'taken';
      release(false);
      return 'switched-off';
    },
    release,
  };
}

/** A browser without locks (no secure context) always gives one. */
const NO_LOCKS: TabLock = {
  take: () => Promise.resolve(true),
  takeNext: () => Promise.resolve('given-up'),
  release: () => undefined,
};

/** Null where another tab holds it; rejects where the wait for it was given up. */
function request(locks: LockManager, options: LockOptions): Promise<Release | null> {
  return new Promise((resolve, reject) => {
    locks
      .request(LOCK, options, (lock) => {
        if (lock === null) {
          resolve(null);
          return undefined;
        }
        return new Promise<void>((letGo) => {
          resolve(letGo);
        });
      })
      .catch((thrown: unknown) => {
        // Storage is switched off here, and locks with it: as in a browser without them.
        if (thrown instanceof DOMException && thrown.name === 'SecurityError')
          resolve(() => undefined);
        else reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
      });
  });
}

/** Resolves once it is held. */
function holdOff(locks: LockManager): Promise<void> {
  return new Promise((resolve, reject) => {
    locks
      .request(OFF_LOCK, { mode: 'shared' }, () => {
        resolve();
        return new Promise<void>((letGo) => setTimeout(letGo, OFF_MS));
      })
      .catch(reject);
  });
}

async function isOff(locks: LockManager): Promise<boolean> {
  const { held } = await locks.query();
  return held?.some(({ name }) => name === OFF_LOCK) === true;
}
