/**
 * What every store must do. Run by the tests of memory, PGlite and PostgreSQL alike.
 *
 * Beside the property test (`conformance.property.ts`), which compares long random histories.
 */
import { afterEach, beforeEach, describe } from 'vitest';
import { ledgerConformance } from './conformance.ledger.ts';
import { authorRecordConformance } from './conformance.authorRecords.ts';
import { accountConformance } from './conformance.accounts.ts';
import { communityConformance } from './conformance.communities.ts';
import { historyConformance } from './conformance.history.ts';
import { readConformance } from './conformance.reads.ts';
import { retentionConformance } from './conformance.retention.ts';
import { writeConformance } from './conformance.writes.ts';
import type { Changes, Store } from './store.ts';
import { NO_CHANGES } from './testing/records.ts';

export interface StoreUnderTest {
  /** Empty, and held by nobody else. */
  readonly store: Store;
  /** Opens the same data once more, without closing what is open. */
  readonly reopen: () => Promise<Store>;
  /** Called once, with the one that is open: nobody else looks at its data any more. */
  readonly end: (store: Store) => Promise<void>;
}

/** The store of the test that runs. */
export interface LiveStore {
  readonly store: Store;
  commit(changes: Partial<Changes>): Promise<void>;
  restart(): Promise<void>;
  /** Opens the same data without closing what is open. */
  reopen(): Promise<Store>;
}

export function storeConformance(name: string, open: () => Promise<StoreUnderTest>): void {
  // A database is opened for every test; on a busy machine that takes seconds.
  describe(`${name} store`, () => {
    let store: Store;
    let under: StoreUnderTest;
    beforeEach(async () => {
      under = await open();
      store = under.store;
    });
    afterEach(() => under.end(store));
    const live: LiveStore = {
      get store() {
        return store;
      },
      commit: (changes) => store.commit({ ...NO_CHANGES, ...changes }),
      async restart() {
        await store.close();
        store = await under.reopen();
      },
      reopen: () => under.reopen(),
    };
    writeConformance(live);
    readConformance(live);
    ledgerConformance(live);
    accountConformance(live);
    historyConformance(live);
    communityConformance(live);
    authorRecordConformance(live);
    retentionConformance(live);
  });
}
