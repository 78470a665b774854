/**
 * An author offers more for a job that runs. What that adds to the price of the shards that have not ended is put aside in
 * the tick that raises the rate, so that a job can always pay what it offers.
 *
 * A rate never falls: what is handed out was promised at it. What is not judged yet is paid by the higher one, also
 * where it was handed out before.
 */
import type { JobId } from '../../shared/ids.ts';
import { authorAccount } from '../../shared/ledger.ts';
import { LIST_PRICE } from '../../shared/units.ts';
import { shardPrice } from '../core/plan.ts';
import { opinionsOf } from '../core/replicate.ts';
import type { Job } from '../core/state.ts';
import type { Books } from './books.ts';
import type { OpenWork } from './openWork.ts';
import type { Short } from './payments.ts';
import type { Tick } from './tick.ts';

/** What its author offers from now on. */
export interface Raise {
  readonly ratePercent: number;
  /** The most that the whole job may cost then; no bound where null. */
  readonly budget: bigint | null;
  /** Whoever asks has a balance to keep to; what others lack the network grants. */
  readonly isPrepaid: boolean;
}

export type RaiseOutcome =
  | { readonly kind: 'raised'; readonly job: Job }
  /** The job does not run. */
  | { readonly kind: 'ended' }
  /** More is offered already. */
  | { readonly kind: 'lower'; readonly ratePercent: number }
  | { readonly kind: 'over-budget'; readonly price: bigint }
  | (Short & { readonly more: bigint });

export interface RaiseParts {
  readonly work: Pick<OpenWork, 'jobs' | 'shards'>;
  readonly books: Pick<Books, 'balanceOf' | 'move'>;
  readonly putJob: (tick: Tick, job: Job) => void;
  readonly now: () => number;
}

export function raiseRate(
  tick: Tick,
  id: JobId,
  { ratePercent, budget, isPrepaid }: Raise,
  { work, books, putJob, now }: RaiseParts,
): RaiseOutcome {
  const job = work.jobs.get(id)?.job;
  if (job === undefined) return { kind: 'ended' };
  const { ratePercent: before = LIST_PRICE } = job;
  if (ratePercent < before) return { kind: 'lower', ratePercent: before };
  // Asked again: nothing is counted for it.
  if (ratePercent === before && (budget === null || budget >= job.priceMicroCredits))
    return { kind: 'raised', job };
  const more = priceLeft(job, work, ratePercent) - priceLeft(job, work, before);
  const price = job.priceMicroCredits + more;
  if (budget !== null && budget < price) return { kind: 'over-budget', price };
  if (ratePercent === before) return { kind: 'raised', job };
  const author = authorAccount(job.author);
  const balance = books.balanceOf(author);
  const atMs = now();
  if (balance < more) {
    if (isPrepaid) return { kind: 'short', balance, more };
    const granted = { to: author, microCredits: more - balance, atMs };
    books.move(tick, { type: 'grant', id: `${id}_${ratePercent}`, ...granted });
  }
  const { author: key } = job;
  if (more > 0n)
    books.move(tick, {
      type: 'escrow',
      job: id,
      author: key,
      ratePercent,
      microCredits: more,
      atMs,
    });
  const raised: Job = { ...job, ratePercent, priceMicroCredits: price };
  putJob(tick, raised);
  return { kind: 'raised', job: raised };
}

/** Of the shards that have not ended, all their opinions. */
function priceLeft(
  { id, facts, verification }: Job,
  { shards }: Pick<OpenWork, 'shards'>,
  ratePercent: number,
): bigint {
  let price = 0n;
  for (const { shard } of shards.values()) {
    if (shard.job !== id) continue;
    price += shardPrice(facts.flopsPerItem, shard.items, opinionsOf(verification), ratePercent);
  }
  return price;
}
