/**
 * An author adds items to a job that it holds open: a lot behind those there are, with shards of its own. What it costs is put
 * aside in the tick that adds it, so that a job can always pay for what it holds.
 *
 * Asked for again under the same key it adds nothing: the lot remembers the key, as long as there is the job.
 */
import type { JobId } from '../../shared/ids.ts';
import { authorAccount } from '../../shared/ledger.ts';
import {
  MAX_ADDED_LOTS,
  MAX_HELD_MS,
  MAX_ITEMS_PER_JOB,
  MAX_SHARDS_PER_JOB,
} from '../../shared/limits.ts';
import { assert } from '../../shared/result.ts';
import { jobPrice, shardsOf } from '../core/plan.ts';
import { opinionsOf } from '../core/replicate.ts';
import type { AddedLot, Job, Lot, Shard } from '../core/state.ts';
import type { Books } from './books.ts';
import type { OpenWork } from './openWork.ts';
import type { Short } from './payments.ts';
import type { Tick } from './tick.ts';

/** Checked against the job's program, and cut: not into larger shards than the job. */
export interface Addition extends Pick<Lot, 'items' | 'stacked' | 'itemsPerShard' | 'shards'> {
  /** `AddedLot.key` */
  readonly key: string | null;
  /** `AddedLot.asked` */
  readonly asked: string;
  /** The most that the whole job may cost then; no bound where null. */
  readonly budget: bigint | null;
  /** Whoever asks has a balance to keep to; what others lack the network grants. */
  readonly isPrepaid: boolean;
}

/** What there is too much of, in a word for whoever asks. */
export interface Full {
  readonly what: 'items' | 'shards' | 'lots';
  readonly most: number;
  readonly came: number;
}

export type AddOutcome =
  | {
      readonly kind: 'added';
      readonly job: Job;
      readonly lot: AddedLot;
      readonly repeated: boolean;
    }
  /** The key was used for something else: other items, or the same on other terms. */
  | { readonly kind: 'conflict' }
  /** The job does not run. */
  | { readonly kind: 'ended' }
  /** It runs, and nothing can be added. */
  | { readonly kind: 'closed' }
  | ({ readonly kind: 'full' } & Full)
  | { readonly kind: 'over-budget'; readonly price: bigint }
  | (Short & { readonly more: bigint });

export interface AddParts {
  readonly work: Pick<OpenWork, 'jobs'>;
  readonly books: Pick<Books, 'balanceOf' | 'move'>;
  readonly putJob: (tick: Tick, job: Job) => void;
  /** Puts a shard to work. */
  readonly takeUp: (tick: Tick, job: Job, shard: Shard) => void;
  readonly now: () => number;
}

/** What was added under the key before; null where nothing was. Also of a job that has ended. */
export function addedBefore(job: Job, repeat: Repeat): AddOutcome | null {
  const { key } = repeat;
  const lot = key === null ? undefined : job.added?.find((it) => it.key === key);
  if (lot === undefined) return null;
  return isSame(lot, repeat) ? { kind: 'added', job, lot, repeated: true } : { kind: 'conflict' };
}

type Repeat = Pick<Addition, 'key' | 'asked' | 'stacked'> & { readonly items?: number | undefined };

/** Of a lot that does not say what was asked for, its rows are compared. */
const isSame = (lot: AddedLot, { asked, items, stacked }: Repeat): boolean =>
  lot.asked === undefined
    ? lot.items === (items ?? lot.items) && lot.stacked === stacked
    : lot.asked === asked;

export function addItems(tick: Tick, id: JobId, addition: Addition, parts: AddParts): AddOutcome {
  const { work, books, putJob, takeUp, now } = parts;
  const job = work.jobs.get(id)?.job;
  if (job === undefined) return { kind: 'ended' };
  const before = addedBefore(job, addition);
  if (before !== null) return before;
  const { state, added = [] } = job;
  if (state.kind !== 'running' || state.heldUntilMs === undefined) return { kind: 'closed' };
  const { items, stacked, itemsPerShard, shards, key, asked, budget, isPrepaid } = addition;
  assert(itemsPerShard <= job.itemsPerShard, 'addItems: shards are larger than those of the job');
  const full = fullOf(job, addition);
  if (full !== null) return { kind: 'full', ...full };
  const { facts, verification, ratePercent } = job;
  const more = jobPrice(addition, facts.flopsPerItem, opinionsOf(verification), ratePercent);
  const price = job.priceMicroCredits + more;
  if (budget !== null && budget < price) return { kind: 'over-budget', price };
  const author = authorAccount(job.author);
  const balance = books.balanceOf(author);
  const atMs = now();
  const number = added.length + 1;
  if (balance < more) {
    if (isPrepaid) return { kind: 'short', balance, more };
    const granted = { to: author, microCredits: more - balance, atMs };
    books.move(tick, { type: 'grant', id: `${id}_lot_${number}`, ...granted });
  }
  if (more > 0n)
    books.move(tick, {
      type: 'escrow',
      job: id,
      author: job.author,
      lot: number,
      microCredits: more,
      atMs,
    });
  const place = { firstItem: job.items, firstShard: job.shards };
  const lot: AddedLot = { ...place, items, stacked, itemsPerShard, shards, key, asked, atMs };
  const grown: Job = {
    ...job,
    items: job.items + items,
    shards: job.shards + shards,
    added: [...added, lot],
    priceMicroCredits: price,
    state: { ...state, heldUntilMs: atMs + MAX_HELD_MS },
  };
  putJob(tick, grown);
  for (const shard of shardsOf(grown, lot)) {
    tick.putShard(shard);
    takeUp(tick, grown, shard);
  }
  return { kind: 'added', job: grown, lot, repeated: false };
}

/** What there would be too much of with the addition; null where nothing. Of an older record it holds, too: jobs only grow. */
export function fullOf(
  job: Job,
  { items, shards }: Pick<Addition, 'items' | 'shards'>,
): Full | null {
  const lots = (job.added?.length ?? 0) + 1;
  const all: readonly Full[] = [
    { what: 'items', most: MAX_ITEMS_PER_JOB, came: job.items + items },
    { what: 'shards', most: MAX_SHARDS_PER_JOB, came: job.shards + shards },
    { what: 'lots', most: MAX_ADDED_LOTS, came: lots },
  ];
  return all.find(({ most, came }) => came > most) ?? null;
}
