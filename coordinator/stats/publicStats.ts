/**
 * Leaderboards and exports, made anew by a timer and served from memory: what it costs does not depend on how many ask.
 *
 * Invariant: nothing here is read by a request but `file`, which asks nobody. Whoever does not want to be listed is in
 * no file from the next round on. Hours of work that are old enough are forgotten by the same timer.
 */
import { DAY_MS, dayText, bucketOf } from '../../shared/history.ts';
import type { ContributorId } from '../../shared/ids.ts';
import {
  HOURS_KEPT_MS,
  MAX_EXPORTED_CONTRIBUTORS,
  MAX_LEADERS,
  STATS_INTERVAL_MS,
} from '../../shared/limits.ts';
import {
  BOARDS,
  type BoardName,
  type ContributorStats,
  type DayStats,
  type LeaderboardView,
  type LeaderView,
  type StatsFileName,
} from '../../shared/protocol/history.ts';
import { messageOf } from '../../shared/result.ts';
import type { Leader, NetworkDay } from '../store/historyReads.ts';
import type { Store } from '../store/store.ts';
import { csvOf } from './csv.ts';
import { statsFile, type StatsFile } from './statsFile.ts';

export interface PublicStatsOptions {
  readonly store: Pick<Store, 'history' | 'accounts' | 'forgetHours'>;
  readonly now: () => number;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

export class PublicStats {
  readonly #options: PublicStatsOptions;
  readonly #files = new Map<StatsFileName, StatsFile>();
  /** By when they begin. What is older than yesterday does not change any more. */
  readonly #days = new Map<number, NetworkDay>();
  #forgottenBeforeMs = 0;
  #round: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: PublicStatsOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#tryRound();
    this.#timer = setInterval(() => void this.#tryRound(), STATS_INTERVAL_MS);
  }

  /** Null before the first round. */
  file(name: StatsFileName): StatsFile | null {
    return this.#files.get(name) ?? null;
  }

  /** One round: with who is asked for while it runs, it is the same one. Rejects where the store does not answer. */
  make(): Promise<void> {
    this.#round ??= this.#make().finally(() => (this.#round = null));
    return this.#round;
  }

  /** Resolves when the store is not asked any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#round?.catch(() => undefined);
  }

  /** A round that fails leaves the files of the one before. */
  async #tryRound(): Promise<void> {
    try {
      await this.make();
    } catch (thrown) {
      if (!this.#isClosed) this.#options.log('stats-failed', { error: messageOf(thrown) });
    }
  }

  async #make(): Promise<void> {
    const nowMs = this.#options.now();
    await this.#forgetHours(nowMs);
    for (const board of BOARDS) await this.#makeBoard(board, nowMs);
    await this.#makeContributors(nowMs);
    await this.#makeDays(nowMs);
  }

  async #makeBoard(board: BoardName, nowMs: number): Promise<void> {
    const sinceMs = sinceOf(board, nowMs);
    const leaders = await this.#options.store.history.leaders(sinceMs, MAX_LEADERS);
    const rows = await this.#named(leaders, leaderView);
    await this.#put(
      `leaderboard/${board}.json`,
      { board, sinceMs, rows } satisfies LeaderboardView,
      nowMs,
    );
  }

  async #makeContributors(nowMs: number): Promise<void> {
    const leaders = await this.#options.store.history.leaders(null, MAX_EXPORTED_CONTRIBUTORS);
    const rows = await this.#named(leaders, (leader, rank, name) => ({
      ...leaderView(leader, rank, name),
      firstSeenMs: leader.firstSeenMs,
    }));
    await this.#put('contributors.json', { rows } satisfies ContributorStats, nowMs);
    const cells = rows.map((row) => [
      row.rank,
      row.id,
      row.name ?? '',
      row.microCredits,
      row.items,
      row.shards,
      new Date(row.firstSeenMs).toISOString(),
    ]);
    const columns = ['rank', 'contributor', 'name', 'micro_credits', 'items', 'shards'];
    await this.#put('contributors.csv', csvOf([...columns, 'first_seen'], cells), nowMs);
  }

  async #makeDays(nowMs: number): Promise<void> {
    const fromMs = this.#days.size === 0 ? 0 : bucketOf('day', nowMs) - DAY_MS;
    for (const day of await this.#options.store.history.days(fromMs)) this.#days.set(day.atMs, day);
    const rows = [...this.#days.values()].map(({ atMs, microCredits, ...day }) => ({
      day: dayText(atMs),
      ...day,
      microCredits: microCredits.toString(),
    }));
    await this.#put('days.json', { rows } satisfies DayStats, nowMs);
    const columns = [
      'day',
      'contributors',
      'devices',
      'micro_credits',
      'items',
      'shards',
      'refused',
    ];
    const cells = rows.map((row) => [
      row.day,
      row.contributors,
      row.devices,
      row.microCredits,
      row.items,
      row.shards,
      row.refused,
    ]);
    await this.#put('days.csv', csvOf(columns, cells), nowMs);
  }

  async #named<T>(
    leaders: readonly Leader[],
    view: (leader: Leader, rank: number, name: string | undefined) => T,
  ): Promise<T[]> {
    const ids = leaders.map(({ id }) => id);
    const names: ReadonlyMap<ContributorId, string> = await this.#options.store.accounts.names(ids);
    return leaders.map((leader, i) => view(leader, i + 1, names.get(leader.id)));
  }

  /** Text as CSV, anything else as JSON. */
  async #put(name: StatsFileName, content: string | object, nowMs: number): Promise<void> {
    const before = this.#files.get(name);
    const file =
      typeof content === 'string'
        ? await statsFile('text/csv; charset=utf-8', content, nowMs, before)
        : await statsFile('application/json', JSON.stringify(content), nowMs, before);
    this.#files.set(name, file);
  }

  /** Once an hour. */
  async #forgetHours(nowMs: number): Promise<void> {
    const beforeMs = bucketOf('hour', nowMs - HOURS_KEPT_MS);
    if (beforeMs <= this.#forgottenBeforeMs) return;
    await this.#options.store.forgetHours(beforeMs);
    this.#forgottenBeforeMs = beforeMs;
  }
}

/** Where a board begins: today, six days before, or ever. */
function sinceOf(board: BoardName, nowMs: number): number | null {
  const today = bucketOf('day', nowMs);
  switch (board) {
    case 'day':
      return today;
    case 'week':
      return today - 6 * DAY_MS;
    case 'all':
      return null;
    default:
      return board satisfies never;
  }
}

const leaderView = (
  { id, shards, items, microCredits }: Leader,
  rank: number,
  name: string | undefined,
): LeaderView => ({
  rank,
  id,
  ...(name === undefined ? {} : { name }),
  shards,
  items,
  microCredits: microCredits.toString(),
});
