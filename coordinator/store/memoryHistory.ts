/** Work by hour and by day of the store in memory. */
import { bucketOf, type BucketKind } from '../../shared/history.ts';
import type { ContributorId } from '../../shared/ids.ts';
import type { RefusalEntry } from '../core/refusals.ts';
import type { CreditEntry } from '../core/state.ts';
import {
  workerOfEntry,
  type Heir,
  type HistoryReads,
  type Leader,
  type NetworkDay,
  type BucketRange,
  type Work,
} from './historyReads.ts';
import type { MemoryData } from './memoryStore.ts';

interface WorkRow extends Work {
  readonly device: ContributorId;
  readonly account: ContributorId;
  readonly atMs: number;
}

const NO_WORK: Work = { shards: 0, items: 0, microCredits: 0n, refused: 0 };

export class MemoryWork {
  /** By device and time. */
  readonly #rows = { hour: new Map<string, WorkRow>(), day: new Map<string, WorkRow>() };

  credited(credit: CreditEntry): void {
    const { items, microCredits } = credit;
    this.#add(credit, { shards: 1, items, microCredits, refused: 0 });
  }

  refused(refusal: RefusalEntry): void {
    this.#add(refusal, { ...NO_WORK, refused: 1 });
  }

  move({ from, to }: Heir): void {
    for (const rows of Object.values(this.#rows))
      for (const [key, row] of rows)
        if (row.account === from) rows.set(key, { ...row, account: to });
  }

  forgetHours(beforeMs: number): void {
    for (const [key, { atMs }] of this.#rows.hour) if (atMs < beforeMs) this.#rows.hour.delete(key);
  }

  rows(by: BucketKind): WorkRow[] {
    return [...this.#rows[by].values()];
  }

  #add(entry: CreditEntry | RefusalEntry, work: Work): void {
    const worker = workerOfEntry(entry);
    for (const by of ['hour', 'day'] as const) {
      const atMs = bucketOf(by, entry.atMs);
      const key = `${worker.device} ${atMs}`;
      const before = this.#rows[by].get(key) ?? { ...worker, atMs, ...NO_WORK };
      this.#rows[by].set(key, { ...before, ...sum(before, work) });
    }
  }
}

const sum = (a: Work, b: Work): Work => ({
  shards: a.shards + b.shards,
  items: a.items + b.items,
  microCredits: a.microCredits + b.microCredits,
  refused: a.refused + b.refused,
});

export function memoryHistory(data: () => MemoryData): HistoryReads {
  const within = (contributor: ContributorId, { by, fromMs, toMs }: BucketRange): WorkRow[] =>
    data()
      .work.rows(by)
      .filter(({ account, atMs }) => account === contributor && atMs >= fromMs && atMs < toMs);
  return {
    async buckets(contributor, device, range) {
      const rows = within(contributor, range).filter((it) => (device ?? it.device) === it.device);
      return [...summedBy(rows, ({ atMs }) => atMs)]
        .map(([atMs, work]) => ({ atMs, ...work }))
        .sort((a, b) => a.atMs - b.atMs);
    },
    async devices(contributor, range, limit) {
      return [...summedBy(within(contributor, range), ({ device }) => device)]
        .map(([device, work]) => ({ device, ...work }))
        .sort((a, b) => mostFirst(a, b) || inOrder(a.device, b.device))
        .slice(0, limit);
    },
    async leaders(fromMs, limit) {
      const found =
        fromMs === null
          ? [...data().contributors.values()].map((it): Omit<Leader, 'firstSeenMs'> => ({
              id: it.id,
              shards: it.agreed,
              items: it.verifiedItems,
              microCredits: it.microCredits,
            }))
          : [
              ...summedBy(
                data()
                  .work.rows('day')
                  .filter(({ atMs }) => atMs >= fromMs),
                ({ account }) => account,
              ),
            ].map(([id, { shards, items, microCredits }]) => ({ id, shards, items, microCredits }));
      return found
        .flatMap((leader) => {
          const record = data().contributors.get(leader.id);
          const isListed = record !== undefined && record.unlisted === undefined;
          return isListed && leader.microCredits > 0n
            ? [{ ...leader, firstSeenMs: record.firstSeenMs }]
            : [];
        })
        .sort((a, b) => mostFirst(a, b) || inOrder(a.id, b.id))
        .slice(0, limit);
    },
    async days(fromMs) {
      const rows = data()
        .work.rows('day')
        .filter(({ atMs }) => atMs >= fromMs);
      return [...summedBy(rows, ({ atMs }) => atMs)]
        .map(([atMs, work]): NetworkDay => {
          const credited = rows.filter((it) => it.atMs === atMs && it.shards > 0);
          const contributors = new Set(credited.map(({ account }) => account)).size;
          return { atMs, ...work, contributors, devices: credited.length };
        })
        .sort((a, b) => a.atMs - b.atMs);
    },
  };
}

function summedBy<K>(rows: readonly WorkRow[], keyOf: (row: WorkRow) => K): Map<K, Work> {
  const sums = new Map<K, Work>();
  for (const row of rows) sums.set(keyOf(row), sum(sums.get(keyOf(row)) ?? NO_WORK, row));
  return sums;
}

const mostFirst = (a: Work | Leader, b: Work | Leader): number =>
  Number(b.microCredits > a.microCredits) - Number(b.microCredits < a.microCredits);
const inOrder = (a: string, b: string): number => Number(a > b) - Number(a < b);
