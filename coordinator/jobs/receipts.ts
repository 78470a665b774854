/**
 * What anybody may see of finished work: credited and refused work as one listing, and the shard behind a line of it.
 *
 * Invariant: nothing of a shard is told before it is final, and never which items of it were checked.
 */
import type { ContributorId } from '../../shared/ids.ts';
import type { Receipt, ReceiptKind, ShardView } from '../../shared/protocol/receipts.ts';
import type { RefusalEntry } from '../core/refusals.ts';
import type { Assignment, CreditEntry, Job, Shard } from '../core/state.ts';
import { newestFirst, pageOf } from '../store/cursor.ts';
import { factorsRecord } from '../store/storedRecords.ts';
import { placeOfCredit, placeOfRefusal, type Page, type Store } from '../store/store.ts';
import { explanationOf } from './explanation.ts';

type Listings = Pick<Store, 'credits' | 'refusals'>;

/** One page of a contributor's listing, newest first; of one kind, or of both where null. */
export async function receiptsOf(
  store: Listings,
  contributor: ContributorId,
  kind: ReceiptKind | null,
  cursor: string | null,
  limit: number,
): Promise<Page<Receipt>> {
  // One more than a page: whether there is more is known of both listings together only.
  const none: { rows: readonly never[] } = { rows: [] };
  const [credits, refusals] = await Promise.all([
    kind === 'refused' ? none : store.credits(contributor, cursor, limit + 1),
    kind === 'credited' ? none : store.refusals(contributor, cursor, limit + 1),
  ]);
  const lines = [
    ...credits.rows.map((row) => ({ place: placeOfCredit(row), receipt: creditView(row) })),
    ...refusals.rows.map((row) => ({ place: placeOfRefusal(row), receipt: refusalView(row) })),
  ].sort((a, b) => newestFirst(a.place, b.place));
  const { rows, next } = pageOf(lines.slice(0, limit + 1), limit, ({ place }) => place);
  return { rows: rows.map(({ receipt }) => receipt), next };
}

function creditView(credit: CreditEntry): Receipt {
  const {
    contributor: _,
    device: __,
    account: ___,
    microCredits,
    issued,
    shares,
    factors,
    ...entry
  } = credit;
  return {
    kind: 'credited',
    ...entry,
    microCredits: microCredits.toString(),
    ...(issued === undefined ? {} : { issued: issued.toString() }),
    ...(shares === undefined
      ? {}
      : { shares: shares.map((it) => ({ ...it, microCredits: it.microCredits.toString() })) }),
    ...(factors === undefined ? {} : { factors: factorsRecord(factors) }),
    reason: withoutItems(credit.reason),
    atMs: Math.floor(credit.atMs),
  };
}

const refusalView = ({
  contributor: _,
  device: __,
  account: ___,
  ...refusal
}: RefusalEntry): Receipt => ({
  kind: 'refused',
  ...refusal,
  reason: withoutItems(refusal.reason),
  atMs: Math.floor(refusal.atMs),
});

/** Which item was looked at is its author's to know, and the host's that computed it. */
const withoutItems = (reason: string): string => reason.replace(/\bitem \d+\b/g, 'an item');

export function shardView(
  job: Job,
  shard: Shard,
  assignments: readonly Assignment[],
  credits: readonly CreditEntry[],
): ShardView {
  const { id, items, state } = shard;
  const known = { id, job: job.id, jobName: job.name, items };
  switch (state.kind) {
    case 'open':
    case 'refereeing':
    case 'provisional':
      return { ...known, state: 'open', checked: [], reports: [] };
    case 'settled':
    case 'failed': {
      const reports = reportsOf(assignments, credits);
      const { checked } = explanationOf(job, shard, assignments);
      const ended = { ...known, checked: checked.map(withoutItems), reports, atMs: state.atMs };
      if (state.kind === 'failed') return { ...ended, state: 'failed', reason: state.reason };
      const { by, output, logIndex } = state;
      const entry = logIndex === undefined ? {} : { logIndex };
      return { ...ended, state: 'settled', by, output, ...entry };
    }
    default:
      return state satisfies never;
  }
}

function reportsOf(
  assignments: readonly Assignment[],
  credits: readonly CreditEntry[],
): ShardView['reports'] {
  const entryOf = new Map(credits.map(({ assignment, logIndex }) => [assignment, logIndex]));
  return assignments.flatMap(({ id, contributor, stage, state }) => {
    if (state.kind !== 'judged') return [];
    const logIndex = entryOf.get(id);
    return [
      {
        contributor,
        assignment: id,
        ...(stage === undefined ? {} : { stage }),
        verdict: state.verdict,
        reason: withoutItems(state.reason),
        microCredits: state.microCredits.toString(),
        ...(logIndex === undefined ? {} : { logIndex }),
      },
    ];
  });
}
