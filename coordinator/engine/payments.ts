/**
 * What people do with credit: post jobs, grant, transfer. Each once for its key, however often it is asked for, and only
 * where whoever pays can: the balance is looked at and changed in one tick.
 */
import type { BlobDigest, JobId } from '../../shared/ids.ts';
import { authorAccount, escrowAccount, ISSUANCE, type Account } from '../../shared/ledger.ts';
import { MAX_HELD_JOBS_PER_KEY } from '../../shared/limits.ts';
import { isHeld } from '../core/job.ts';
import { movementId, type Movement } from '../core/ledger.ts';
import type { Job, Shard } from '../core/state.ts';
import type { Store } from '../store/store.ts';
import type { Books } from './books.ts';
import { OneByOne } from './oneByOne.ts';
import type { OpenWork } from './openWork.ts';
import type { Tick } from './tick.ts';
import type { Ticker } from './ticker.ts';

export interface Posting {
  readonly job: Job;
  readonly shards: readonly Shard[];
  readonly idempotencyKey: string | null;
  /** Digest of the specification as posted. */
  readonly specDigest: BlobDigest;
  /** Whether the author has a balance to keep to; what others lack for a job the network grants. */
  readonly isPrepaid: boolean;
}

/** The payer has less than what is asked for; nothing changed. */
export interface Short {
  readonly kind: 'short';
  readonly balance: bigint;
}

export type PostOutcome =
  | { readonly kind: 'added' }
  | { readonly kind: 'existing'; readonly job: JobId; readonly sameSpec: boolean }
  /** It is to be held open, and its author holds `MAX_HELD_JOBS_PER_KEY` of them open already. */
  | { readonly kind: 'too-many-held' }
  | Short;

/** `repeated`: the key was known, and this is what was done then. */
export type MoveOutcome =
  | { readonly kind: 'moved'; readonly movement: Movement; readonly repeated: boolean }
  /** Whoever was to get it is gone since it was looked for. */
  | { readonly kind: 'gone' }
  | Short;

export type Order = Extract<Movement, { type: 'grant' | 'transfer' }>;

export interface PaymentsOptions {
  readonly store: Pick<Store, 'posting' | 'ledger'>;
  readonly books: Books;
  readonly ticker: Pick<Ticker, 'ask'>;
  /** Nobody could ever get at what the account is given. */
  readonly isGone: (account: Account) => boolean;
  readonly work: Pick<OpenWork, 'heldBy'>;
  /** Puts the job to work, in the tick that adds it. */
  readonly takeUp: (tick: Tick, job: Job, shards: readonly Shard[]) => void;
}

export class Payments {
  readonly #options: PaymentsOptions;
  readonly #posting = new OneByOne();
  readonly #moving = new OneByOne();

  constructor(options: PaymentsOptions) {
    this.#options = options;
  }

  /** What was earned before there was a ledger is its first entries. */
  async openUnlogged(atMs: number): Promise<void> {
    const { store, books, ticker } = this.#options;
    const earned = await store.ledger.unlogged();
    await books.using([ISSUANCE, ...earned.map(({ account }) => account)], () =>
      ticker.ask((tick) => {
        for (const { account: to, microCredits } of earned)
          books.move(tick, { type: 'opening', to, microCredits, atMs });
      }),
    );
  }

  post(posting: Posting): Promise<PostOutcome> {
    const { idempotencyKey, job } = posting;
    if (idempotencyKey === null) return this.#add(posting);
    return this.#posting.run(`${job.author} ${idempotencyKey}`, async () => {
      const known = await this.#options.store.posting(job.author, idempotencyKey);
      if (known === null) return this.#add(posting);
      const sameSpec = known.specDigest === posting.specDigest;
      return { kind: 'existing', job: known.job, sameSpec };
    });
  }

  #add({ job, shards, idempotencyKey, specDigest, isPrepaid }: Posting): Promise<PostOutcome> {
    const { books, ticker, takeUp, work } = this.#options;
    const author = authorAccount(job.author);
    return books.using([ISSUANCE, author, escrowAccount(job.id)], () => {
      return ticker.ask((tick): PostOutcome => {
        if (isHeld(job) && work.heldBy(job.author) >= MAX_HELD_JOBS_PER_KEY)
          return { kind: 'too-many-held' };
        const balance = books.balanceOf(author);
        const lacking = job.priceMicroCredits - balance;
        if (lacking > 0n) {
          if (isPrepaid) return { kind: 'short', balance };
          const { id, createdAtMs: atMs } = job;
          books.move(tick, { type: 'grant', id, to: author, microCredits: lacking, atMs });
        }
        books.putAside(tick, job);
        if (idempotencyKey !== null)
          tick.addPosting({ author: job.author, idempotencyKey, job: job.id, specDigest });
        tick.putJob(job);
        for (const shard of shards) tick.putShard(shard);
        takeUp(tick, job, shards);
        return { kind: 'added' };
      });
    });
  }

  /** Once for the order's id; the caller has seen to it that the accounts belong to somebody. */
  move(order: Order): Promise<MoveOutcome> {
    const { store, books, ticker } = this.#options;
    const from = payerOf(order);
    const id = movementId(order);
    // The account that the id belongs to: nothing is listed for issuance.
    const owner = from === ISSUANCE ? order.to : from;
    return this.#moving.run(`${owner} ${id}`, async () => {
      const known = await store.ledger.movement(owner, id);
      if (known !== null) return { kind: 'moved', movement: known.movement, repeated: true };
      return books.using([from, order.to], () =>
        ticker.ask((tick): MoveOutcome => {
          const balance = books.balanceOf(from);
          if (from !== ISSUANCE && balance < order.microCredits) return { kind: 'short', balance };
          if (this.#options.isGone(order.to)) return { kind: 'gone' };
          books.move(tick, order);
          return { kind: 'moved', movement: order, repeated: false };
        }),
      );
    });
  }
}

const payerOf = (order: Order): Account => (order.type === 'grant' ? ISSUANCE : order.from);
