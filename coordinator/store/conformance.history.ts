/** What every store must add up of work, by hour and by day. Run by `conformance.ts`. */
import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../shared/history.ts';
import type { ContributorId } from '../../shared/ids.ts';
import type { CreditEntry } from '../core/state.ts';
import type { LiveStore } from './conformance.ts';
import type { BucketRange, Work } from './historyReads.ts';
import {
  assignmentId,
  contributorId,
  jobId,
  makeContributor,
  makeCredit,
  makeRefusal,
  makeShard,
} from './testing/records.ts';

const [ada, bob, laptop] = ['ada', 'bob', 'laptop'].map(contributorId) as [
  ContributorId,
  ContributorId,
  ContributorId,
];
/** A day begins then. */
const START = 20_000 * DAY_MS;
const HOURS: BucketRange = { by: 'hour', fromMs: START, toMs: START + 2 * DAY_MS };
const DAYS: BucketRange = { ...HOURS, by: 'day' };

const work = (shards: number, items: number, microCredits: bigint, refused = 0): Work => ({
  shards,
  items,
  microCredits,
  refused,
});

export function historyConformance(live: LiveStore): void {
  let shards = 0;
  const credit = (who: ContributorId, atMs: number, changes: Partial<CreditEntry> = {}) =>
    makeCredit(who, makeShard(jobId(1), shards++).id, {
      atMs: START + atMs,
      items: 3,
      microCredits: 5n,
      ...changes,
    });
  const refusal = (who: ContributorId, atMs: number, changes = {}) =>
    makeRefusal(who, assignmentId(shards++), { atMs: START + atMs, ...changes });
  const buckets = (who: ContributorId, range = HOURS, device: ContributorId | null = null) =>
    live.store.history.buckets(who, device, range);
  const devices = (who: ContributorId) => live.store.history.devices(who, DAYS, 10);

  describe('work', () => {
    it('is added up by hour and by day of UTC, also of one commit, and after a restart', async () => {
      const large = 2n ** 70n;
      await live.commit({
        credits: [
          credit(ada, 0),
          credit(ada, HOUR_MS - 1, { microCredits: large }),
          credit(bob, 0),
        ],
        refusals: [refusal(ada, 1), refusal(ada, 3 * HOUR_MS)],
      });
      await live.commit({ credits: [credit(ada, HOUR_MS), credit(ada, DAY_MS)] });
      await live.restart();
      expect(await buckets(ada)).toEqual([
        { atMs: START, ...work(2, 6, large + 5n, 1) },
        { atMs: START + HOUR_MS, ...work(1, 3, 5n) },
        { atMs: START + 3 * HOUR_MS, ...work(0, 0, 0n, 1) },
        { atMs: START + DAY_MS, ...work(1, 3, 5n) },
      ]);
      const days = [
        { atMs: START, ...work(3, 9, large + 10n, 2) },
        { atMs: START + DAY_MS, ...work(1, 3, 5n) },
      ];
      expect(await buckets(ada, DAYS)).toEqual(days);
      expect(await buckets(ada, { ...DAYS, fromMs: START + DAY_MS })).toEqual(days.slice(1));
      expect(await buckets(ada, { ...DAYS, toMs: START + DAY_MS })).toEqual(days.slice(0, 1));
      expect(await buckets(contributorId('nobody'))).toEqual([]);
    });

    it('counts once, however often the same comes', async () => {
      const changes = { credits: [credit(ada, 0)], refusals: [refusal(ada, 0)] };
      await live.commit({ credits: [...changes.credits, ...changes.credits] });
      await live.commit(changes);
      await live.commit(changes);
      expect(await buckets(ada)).toEqual([{ atMs: START, ...work(1, 3, 5n, 1) }]);
    });

    it('is told of each device', async () => {
      await live.commit({
        credits: [credit(ada, 0), credit(ada, 0, { device: laptop }), credit(bob, 0)],
        refusals: [refusal(ada, 0, { device: laptop })],
      });
      await live.commit({ credits: [credit(ada, DAY_MS, { device: laptop })] });
      expect(await buckets(ada, DAYS, laptop)).toEqual([
        { atMs: START, ...work(1, 3, 5n, 1) },
        { atMs: START + DAY_MS, ...work(1, 3, 5n) },
      ]);
      expect(await devices(ada)).toEqual([
        { device: laptop, ...work(2, 6, 10n, 1) },
        { device: ada, ...work(1, 3, 5n) },
      ]);
      expect(await live.store.history.devices(ada, DAYS, 1)).toHaveLength(1);
    });

    it('goes with its device to another account, also what the same commit enters and what comes later', async () => {
      await live.commit({ credits: [credit(laptop, 0), credit(ada, 0)] });
      await live.commit({
        credits: [credit(laptop, 0)],
        refusals: [refusal(laptop, 0)],
        heirs: [{ from: laptop, to: ada }],
      });
      await live.commit({
        credits: [credit(laptop, 0, { account: ada }), credit(ada, 0, { device: laptop })],
      });
      await live.restart();
      expect(await buckets(laptop)).toEqual([]);
      expect(await buckets(ada)).toEqual([{ atMs: START, ...work(5, 15, 25n, 1) }]);
      expect(await devices(ada)).toEqual([
        { device: laptop, ...work(4, 12, 20n, 1) },
        { device: ada, ...work(1, 3, 5n) },
      ]);
      // And on, with all that the account has.
      const on = { heirs: [{ from: ada, to: bob }] };
      await live.commit(on);
      await live.commit(on);
      expect([await devices(ada), (await devices(bob)).length]).toEqual([[], 2]);
    });

    it('of hours is forgotten, of days never', async () => {
      await live.commit({ credits: [credit(ada, 0), credit(ada, HOUR_MS)] });
      await live.store.forgetHours(START + HOUR_MS);
      await live.restart();
      expect(await buckets(ada)).toEqual([{ atMs: START + HOUR_MS, ...work(1, 3, 5n) }]);
      expect(await buckets(ada, DAYS)).toEqual([{ atMs: START, ...work(2, 6, 10n) }]);
    });

    it('of more entries than one statement takes is added up too', async () => {
      const credits = Array.from({ length: 5_001 }, () => credit(ada, 0));
      await live.commit({ credits, refusals: [refusal(ada, 0)] });
      expect(await buckets(ada)).toEqual([{ atMs: START, ...work(5_001, 15_003, 25_005n, 1) }]);
    });
  });

  describe('leaders and totals', () => {
    const ids = async (fromMs: number | null, limit = 10) =>
      (await live.store.history.leaders(fromMs, limit)).map(({ id }) => id);
    const person = (id: ContributorId, microCredits: bigint, changes = {}) => ({
      ...makeContributor(id, { microCredits, firstSeenMs: 7, ...changes }),
      id,
    });

    it('are those with most credit of a time, and ever, without who does not want to be', async () => {
      const eve = contributorId('eve');
      await live.commit({
        contributors: [
          person(ada, 30n),
          person(bob, 15n),
          person(eve, 99n, { unlisted: true }),
          person(laptop, 0n),
        ],
        credits: [
          credit(ada, 0, { microCredits: 30n }),
          credit(bob, DAY_MS, { microCredits: 15n, device: laptop }),
          credit(eve, DAY_MS),
        ],
        refusals: [refusal(ada, DAY_MS)],
      });
      expect(await live.store.history.leaders(null, 10)).toEqual([
        { id: ada, shards: 1, items: 5, microCredits: 30n, firstSeenMs: 7 },
        { id: bob, shards: 1, items: 5, microCredits: 15n, firstSeenMs: 7 },
      ]);
      expect(await live.store.history.leaders(START + DAY_MS, 10)).toEqual([
        { id: bob, shards: 1, items: 3, microCredits: 15n, firstSeenMs: 7 },
      ]);
      expect(await ids(START)).toEqual([ada, bob]);
      expect([await ids(START, 1), await ids(null, 1)]).toEqual([[ada], [ada]]);
      await live.commit({ contributors: [person(eve, 99n)] });
      expect(await ids(null)).toEqual([eve, ada, bob]);
    });

    it('of the network are told by day', async () => {
      await live.commit({
        credits: [credit(ada, 0), credit(ada, 1, { device: laptop }), credit(bob, DAY_MS)],
        refusals: [refusal(bob, 0)],
      });
      const days = [
        { atMs: START, ...work(2, 6, 10n, 1), contributors: 1, devices: 2 },
        { atMs: START + DAY_MS, ...work(1, 3, 5n), contributors: 1, devices: 1 },
      ];
      expect(await live.store.history.days(0)).toEqual(days);
      expect(await live.store.history.days(START + 1)).toEqual(days.slice(1));
    });
  });
}
