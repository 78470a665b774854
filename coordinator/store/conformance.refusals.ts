/** What every store must do with refused work, and with the credits of one shard. Run by `conformance.ts`. */
import { describe, expect, it } from 'vitest';
import { MAX_KEPT_REFUSALS } from '../../shared/limits.ts';
import type { RefusalEntry } from '../core/refusals.ts';
import type { LiveStore } from './conformance.ts';
import { BadCursorError, type Page } from './store.ts';
import {
  assignmentId,
  contributorId,
  jobId,
  makeCredit,
  makeRefusal,
  makeShard,
} from './testing/records.ts';

export function refusalConformance(live: LiveStore): void {
  const id = contributorId(1);
  const of = (name: string | number, changes: Partial<RefusalEntry> = {}) =>
    makeRefusal(id, assignmentId(name), changes);
  async function all(limit: number): Promise<RefusalEntry[]> {
    const rows: RefusalEntry[] = [];
    for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
      const page: Page<RefusalEntry> = await live.store.refusals(id, cursor, limit);
      rows.push(...page.rows);
      cursor = page.next;
    }
    return rows;
  }

  describe('refusals', () => {
    it('page newest first, of one contributor, as they were, also after a restart', async () => {
      const rows = [of('a', { atMs: 1 }), of('c', { atMs: 2, stage: 3 }), of('b', { atMs: 2 })];
      await live.commit({ refusals: rows.slice(0, 2) });
      await live.commit({
        refusals: [rows[2]!, makeRefusal(contributorId(2), assignmentId('x'))],
      });
      await live.restart();
      for (const limit of [1, 2, 10]) expect(await all(limit)).toEqual([rows[1], rows[2], rows[0]]);
      expect((await live.store.refusals(contributorId(3), null, 5)).rows).toEqual([]);
      await expect(live.store.refusals(id, '1.5~a', 5)).rejects.toThrow(BadCursorError);
    });

    it('are unique for an assignment: the first one stands', async () => {
      const first = of('a', { code: 'lease-expired' });
      await live.commit({ refusals: [first, of('a', { code: 'disagree' })] });
      await live.commit({ refusals: [of('a', { code: 'report-shape', atMs: 5 })] });
      expect(await all(10)).toEqual([first]);
    });

    it('of a flood only the newest are kept, and nobody else loses one', async () => {
      const other = makeRefusal(contributorId(2), assignmentId('other'), { atMs: 0 });
      await live.commit({ refusals: [other] });
      const flood = (from: number, count: number) =>
        Array.from({ length: count }, (_, i) => of(`f${from + i}`, { atMs: from + i }));
      await live.commit({ refusals: flood(0, MAX_KEPT_REFUSALS + 5) });
      await live.commit({ refusals: flood(MAX_KEPT_REFUSALS + 5, 1) });
      await live.commit({ refusals: [other] });
      const kept = await all(500);
      expect(kept).toHaveLength(MAX_KEPT_REFUSALS + 1);
      expect(kept[0]!.atMs).toBe(MAX_KEPT_REFUSALS + 5);
      expect(kept.at(-1)!.atMs).toBe(5);
      expect((await live.store.refusals(contributorId(2), null, 5)).rows).toEqual([other]);
    });
  });

  it('credits of a shard are those of all who computed it', async () => {
    const [shard, next] = [makeShard(jobId(1), 0), makeShard(jobId(1), 1)];
    const credits = [2, 1].map((name) =>
      makeCredit(contributorId(name), shard.id, { logIndex: 7 }),
    );
    await live.commit({ credits: [...credits, makeCredit(id, next.id)] });
    expect(await live.store.creditsOfShard(shard.id)).toEqual(credits.reverse());
    expect(await live.store.creditsOfShard(makeShard(jobId(2), 0).id)).toEqual([]);
  });
}
