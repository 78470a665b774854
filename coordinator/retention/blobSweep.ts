/**
 * Blobs that nothing names any more go, a day after they were last used: models and inputs of jobs without results, files
 * that were deleted, what was uploaded and never posted.
 *
 * A blob that is named at the same moment is never lost. The rule has two sides:
 * - Whoever writes a record that names a blob which is here already says first that it needs it (`BlobStore.need`), which
 *   also says whether it is here, and has written the record within the grace time. `JobDesk.plan` does for jobs and models,
 *   `Batches.create` for files; what puts a blob needs it by that.
 * - The sweep fixes the time since which a blob must be unused **before** it asks the store for names, and the blob store
 *   deletes only what was not used since that time.
 * So a record that the store has not named was written after the question; the blob was needed less than the grace time
 * before, hence behind the fixed time. Either the sweep came first, and whoever needed the blob was told that it is not here
 * and uploads it again, or it came second, and leaves it. This holds however long either of them is held up, and for a
 * coordinator that sweeps and does not know yet that another one leads: one leads at a time, but what it began may end late.
 */
import type { BlobDigest } from '../../shared/ids.ts';
import { BLOB_GRACE_MS } from '../../shared/retention.ts';
import type { BlobStore } from '../store/blobs.ts';
import type { Store } from '../store/store.ts';

/** Looked at in one step, and deleted: a step is short, whatever there is. */
const LOOKED_AT_A_STEP = 256;
const DELETED_A_STEP = 16;
/** Between two passes over all blobs. What nobody names can wait; a pass reads every folder. */
const PASS_INTERVAL_MS = 3_600_000;

export interface BlobSweepDeps {
  readonly store: Pick<Store, 'retention'>;
  readonly blobs: Pick<BlobStore, 'list' | 'deleteUnused'>;
  readonly now: () => number;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

export class BlobSweep {
  readonly #deps: BlobSweepDeps;
  /** Up to and with this one blobs have been looked at in this pass. */
  #behind: BlobDigest | null = null;
  #restsUntilMs = 0;

  constructor(deps: BlobSweepDeps) {
    this.#deps = deps;
  }

  /** One step of a pass; false where there was nothing to do. Not to be called again before it resolves. */
  async step(): Promise<boolean> {
    const { store, blobs, now, log } = this.#deps;
    const nowMs = now();
    if (nowMs < this.#restsUntilMs) return false;
    const sinceMs = nowMs - BLOB_GRACE_MS;
    const rows = await blobs.list(this.#behind, LOOKED_AT_A_STEP);
    const unused = rows.filter(({ usedAtMs }) => usedAtMs < sinceMs).map(({ digest }) => digest);
    const named = await store.retention.namedOf(unused);
    const unnamed = unused.filter((digest) => !named.has(digest));
    for (const digest of unnamed.slice(0, DELETED_A_STEP))
      if (await blobs.deleteUnused(digest, sinceMs)) log('blob-swept', { blob: digest });
    if (unnamed.length > DELETED_A_STEP) this.#behind = unnamed[DELETED_A_STEP - 1]!;
    else if (rows.length === LOOKED_AT_A_STEP) this.#behind = rows.at(-1)!.digest;
    else {
      this.#behind = null;
      this.#restsUntilMs = nowMs + PASS_INTERVAL_MS;
    }
    return true;
  }
}
