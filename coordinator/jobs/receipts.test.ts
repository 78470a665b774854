/** Credited and refused work as one listing, and what anybody may see of a shard. */
import { describe, expect, it } from 'vitest';
import type { AssignmentId, ContributorId } from '../../shared/ids.ts';
import { receiptSchema, shardViewSchema, type Receipt } from '../../shared/protocol/receipts.ts';
import type { Assignment, ShardState } from '../core/state.ts';
import * as states from '../core/testing/work.ts';
import { assignmentOf, digest, jobOf, shardOf } from '../core/testing/work.ts';
import { openMemoryStore } from '../store/memoryStore.ts';
import type { Page } from '../store/store.ts';
import { NO_CHANGES, makeCredit, makeRefusal } from '../store/testing/records.ts';
import { receiptsOf, shardView } from './receipts.ts';

const ME = 'c_me' as ContributorId;
const asg = (name: string) => `asg_${name}` as AssignmentId;
const JOB = jobOf();

describe('the listing', () => {
  async function listed(limit: number, kind: 'credited' | 'refused' | null = null) {
    const store = await openMemoryStore();
    const times = [5, 3, 3, 8, 1];
    await store.commit({
      ...NO_CHANGES,
      credits: times.map((atMs, i) => makeCredit(ME, shardOf(JOB, i).id, { atMs, logIndex: i })),
      refusals: [3, 9, 4, 1].map((atMs, i) => makeRefusal(ME, asg(`r${i}`), { atMs })),
    });
    const rows: Receipt[] = [];
    let pages = 0;
    for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
      const page: Page<Receipt> = await receiptsOf(store, ME, kind, cursor, limit);
      expect(page.rows.length).toBeLessThanOrEqual(limit);
      rows.push(...page.rows);
      cursor = page.next;
      pages += 1;
    }
    return { rows, pages };
  }

  it.each([1, 2, 4, 9, 50])('merges both kinds newest first, %i at a time', async (limit) => {
    const { rows, pages } = await listed(limit);
    expect(rows.map(({ atMs }) => atMs)).toEqual([9, 8, 5, 4, 3, 3, 3, 1, 1]);
    expect(new Set(rows.map((row) => row.shard + row.assignment)).size).toBe(9);
    expect(pages).toBe(Math.ceil(9 / limit));
    for (const row of rows) expect(receiptSchema.parse(row)).toEqual(row);
    expect(JSON.stringify(rows)).not.toContain(ME);
  });

  it('gives one kind where one is asked for', async () => {
    expect((await listed(2, 'credited')).rows.map(({ atMs }) => atMs)).toEqual([8, 5, 3, 3, 1]);
    expect((await listed(2, 'refused')).rows.map(({ atMs }) => atMs)).toEqual([9, 4, 3, 1]);
  });

  it('says why, and not which item was looked at', async () => {
    const store = await openMemoryStore();
    const reason = 'the referee disagreed: output "y" of item 17: differs by 3';
    await store.commit({ ...NO_CHANGES, refusals: [makeRefusal(ME, asg('a'), { reason })] });
    expect((await receiptsOf(store, ME, null, null, 5)).rows[0]?.reason).toBe(
      'the referee disagreed: output "y" of an item: differs by 3',
    );
  });
});

describe('a shard as anybody may see it', () => {
  const LIAR = 'the referee found item 4 wrong: differs by 3';
  const liar = (shard: Assignment['shard']): Assignment => ({
    ...assignmentOf({ ...shardOf(JOB), id: shard }, 1, states.JUDGED),
    contributor: 'c_liar' as ContributorId,
    probes: [{ item: 41, shard: shardOf(JOB, 1).id, row: 5 }],
    state: {
      kind: 'judged',
      output: digest('x'),
      engine: 'cpu',
      engineClass: 'cpu',
      verdict: 'disagree',
      reason: LIAR,
      microCredits: 0n,
      atMs: 3,
    },
  });
  const SETTLED: ShardState = {
    kind: 'settled',
    sequence: 1,
    output: digest('o'),
    by: 'referee',
    atMs: 4,
    logIndex: 12,
  };
  const seen = (state: ShardState) => {
    const shard = shardOf(JOB, 0, { state });
    const right: Assignment = {
      ...liar(shard.id),
      id: asg('right'),
      contributor: ME,
      state: {
        ...liar(shard.id).state,
        verdict: 'agree',
        reason: 'agreed',
        microCredits: 20n,
      } as Assignment['state'],
    };
    const credit = makeCredit(ME, shard.id, { assignment: right.id, logIndex: 13 });
    return shardView(JOB, shard, [liar(shard.id), right], [credit]);
  };

  it('is told how it was decided, by whose reports, and where the log says so', () => {
    const view = seen(SETTLED);
    expect(shardViewSchema.parse(view)).toEqual(view);
    expect(view).toMatchObject({
      job: JOB.id,
      state: 'settled',
      by: 'referee',
      output: digest('o'),
      logIndex: 12,
    });
    expect(view.reports).toMatchObject([
      { contributor: 'c_liar', verdict: 'disagree', microCredits: '0' },
      { contributor: ME, verdict: 'agree', microCredits: '20', logIndex: 13 },
    ]);
    expect(view.reports[0]).not.toHaveProperty('logIndex');
    expect(view.checked.join(' ')).toContain('referee');
    const told = JSON.stringify(view);
    expect(told).toContain('the referee found an item wrong');
    for (const secret of ['item 4 ', '"probes"', '"item"', '"row"', '"host"', JOB.permutationKey]) {
      expect(told).not.toContain(secret);
    }
  });

  it.each<ShardState>([
    { kind: 'open' },
    { kind: 'refereeing', reason: 'tie' },
    {
      kind: 'provisional',
      assignment: asg('right'),
      output: digest('o'),
      checksThen: 3,
      sample: { probes: 2, blind: 1 },
      atMs: 2,
    },
  ])('tells nothing before it is final: %o', (state) => {
    expect(seen(state)).toEqual({
      id: shardOf(JOB).id,
      job: JOB.id,
      jobName: JOB.name,
      items: shardOf(JOB).items,
      state: 'open',
      checked: [],
      reports: [],
    });
  });

  it('says why it failed', () => {
    const failed: ShardState = { kind: 'failed', sequence: 1, reason: 'no memory', atMs: 4 };
    expect(seen(failed)).toMatchObject({ state: 'failed', reason: 'no memory' });
  });
});
