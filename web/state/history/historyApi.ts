/** Work over time and leaderboards, asked for by a page. An answer that cannot be read is a failure. */
import type { z } from 'zod';
import type { BucketKind } from '../../../shared/history.ts';
import {
  historyViewSchema,
  leaderboardSchema,
  STATS_PATH,
  type BoardName,
  type HistoryView,
  type LeaderboardView,
} from '../../../shared/protocol/history.ts';
import { fail, messageOf, ok, type Result } from '../../../shared/result.ts';

export interface HistoryQuery {
  readonly by: BucketKind;
  readonly fromMs: number;
  readonly toMs: number;
  /** Null for all of them. */
  readonly device: string | null;
}

export interface HistoryApi {
  /** The failure is for a person. */
  history(contributor: string, query: HistoryQuery): Promise<Result<HistoryView, string>>;
  board(name: BoardName): Promise<Result<LeaderboardView, string>>;
}

const DEADLINE_MS = 15_000;

export function historyApi(origin: string, http: typeof fetch): HistoryApi {
  const get = async <T>(
    path: string,
    schema: z.ZodType<T>,
    cache: RequestCache,
  ): Promise<Result<T, string>> => {
    try {
      const signal = AbortSignal.timeout(DEADLINE_MS);
      const response = await http(origin + path, { signal, cache });
      if (!response.ok) return fail(`the coordinator answers with ${response.status}`);
      const answer = schema.safeParse(await response.json());
      return answer.success ? ok(answer.data) : fail('the answer cannot be read');
    } catch (thrown) {
      return fail(messageOf(thrown, 200));
    }
  };
  return {
    history(contributor, { by, fromMs, toMs, device }) {
      const query = new URLSearchParams({ by, from: String(fromMs), to: String(toMs) });
      if (device !== null) query.set('device', device);
      const path = `/v1/contributors/${encodeURIComponent(contributor)}/history`;
      return get(`${path}?${query.toString()}`, historyViewSchema, 'no-store');
    },
    // The browser's own cache may have it: it asks whether it has changed.
    board: (name) => get(`${STATS_PATH}/leaderboard/${name}.json`, leaderboardSchema, 'no-cache'),
  };
}
