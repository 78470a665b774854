/**
 * Adversaries that are wrong only now and then, and honest hardware that is: in shards of 256 items, as the catalogue
 * has them, on integers.
 *
 * What a report of 256 items is checked by: 16 probes while its contributor is new (its first 5,120 items, counted anew
 * from each wrong one), 4 and a blind sample afterwards. Two reports found wrong within some 2,300 checks eject.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Job } from '../../client.ts';
import { seeded, type Random } from '../../demo/random.ts';
import type { TestHost } from '../testing/testHost.ts';
import { Arena, checkedReports, quiet, reportsByContributor, until } from './testing/arena.ts';
import {
  AT_ONCE,
  expectCaught,
  expectNoCredit,
  isEjected,
  waitForEjection,
} from './testing/caught.ts';
import { SLOTS, eachValue, type Script } from './testing/engines.ts';
import { ballsWork, productsWork } from './testing/works.ts';

const DEADLINE_MS = 120_000;
const ITEMS_PER_SHARD = 256;
let arena: Arena;
let job: Job;
let flaky: TestHost;

beforeAll(async () => {
  arena = await Arena.open();
  job = await arena.open(
    ballsWork({ items: 300 * ITEMS_PER_SHARD, itemsPerShard: ITEMS_PER_SHARD, seed: 2 }),
  );
}, DEADLINE_MS);
afterAll(() => arena.close(), DEADLINE_MS);

/** Wrong in the rows that `isWrong` says, of the reports that `isBad` says. */
const wrongIn =
  (
    isWrong: (row: number, rows: number) => boolean,
    isBad: (number: number) => boolean = () => true,
  ): Script['outputs'] =>
  (computed, { task, number }) =>
    isBad(number)
      ? eachValue(computed, task.items, (hits, _, row) =>
          isWrong(row, task.items.length) ? hits + 1 : hits,
        )
      : computed;

/** Wrong in one item of each report; stops after so many, or where it is ejected. */
async function sabotage(target: Job, random: Random, reports: number): Promise<TestHost> {
  let made = 0;
  const host = await arena.join({
    reports,
    outputs: (computed, turn) => {
      made += 1;
      const at = random.below(turn.task.items.length);
      return wrongIn((row) => row === at)!(computed, turn);
    },
  });
  await until('it has reported', () => made >= reports || isEjected(host) || undefined);
  host.pause();
  await quiet(target);
  return host;
}

it(
  '#3 lazy 10 %: computes 230 of 256 items, and makes the rest up',
  async () => {
    const random = seeded(3);
    const liar = await arena.enter(job, { outputs: wrongIn(() => random.next() < 0.1) });
    // 16 probes miss a tenth with 0.185: fewer than two of eight reports are found with 5e-5.
    await expectCaught(arena, liar, {
      by: 'sampling',
      response: 'ejected',
      withinReports: 8 + SLOTS,
    });
  },
  DEADLINE_MS,
);

it(
  '#25 builds trust over 30 reports, then betrays',
  async () => {
    const honestReports = 30;
    const traitor = await arena.enter(job, {
      outputs: wrongIn(
        () => true,
        (number) => number >= honestReports,
      ),
    });
    // The first false report is found (no rate is ever 0); what was provisional goes with the second.
    await expectCaught(arena, traitor, {
      by: 'sampling',
      response: 'ejected',
      withinReports: honestReports + 2 + SLOTS,
    });
  },
  DEADLINE_MS,
);

it(
  '#4 low rate: makes up one report in twenty',
  async () => {
    const random = seeded(4);
    const bad = Array.from({ length: 200 }, (_, i) => i).filter(() => random.next() < 0.05);
    const liar = await arena.enter(job, {
      outputs: wrongIn(
        () => true,
        (number) => bad.includes(number),
      ),
    });
    await expectCaught(arena, liar, {
      by: 'sampling',
      response: 'ejected',
      withinReports: bad[1]! + 1 + SLOTS,
    });
  },
  DEADLINE_MS,
);

it(
  '#43 drifts: hardware that fails ever more often',
  async () => {
    const faults = [10, 16, 19, 20];
    const hot = await arena.enter(job, {
      outputs: wrongIn(
        () => true,
        (number) => faults.includes(number),
      ),
    });
    await expectCaught(arena, hot, {
      by: 'sampling',
      response: 'ejected',
      withinReports: faults[1]! + 1 + SLOTS,
    });
  },
  DEADLINE_MS,
);

it(
  '#41 honest hardware that fails once: the report is done again, its contributor goes on',
  async () => {
    const fault = 24;
    const reports = 34;
    const items: number[] = [];
    flaky = await arena.enter(job, {
      outputs: (computed, turn) => {
        items.push(turn.task.items.length);
        return wrongIn(
          () => true,
          (number) => number === fault,
        )!(computed, turn);
      },
    });
    await until('it has reported', () => items.length > reports || undefined);
    flaky.pause();
    await quiet(job);
    const judged = flaky.eventsOf('settled').filter(({ verdict }) => verdict === 'disagree');
    expect(judged.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^the referee found/),
    ]);
    expect(isEjected(flaky)).toBe(false);
    // Checked by 4 before, by 16 after the fault: what was under way then had been handed out before.
    const probes = items.map((count) => count - ITEMS_PER_SHARD);
    expect(Math.max(...probes.slice(22, fault))).toBeLessThan(8);
    expect(Math.min(...probes.slice(fault + 1 + SLOTS))).toBeGreaterThanOrEqual(8);
    const standing = (await reportsByContributor(job)).get(flaky.contributor) ?? [];
    expect(standing.filter(({ state }) => state === 'provisional')).toHaveLength(
      flaky.eventsOf('computed').length - 1,
    );
  },
  DEADLINE_MS,
);

it(
  '#26 honest where everything is checked, false where samples are: its trust is not transferred',
  async () => {
    const products = await arena.post(productsWork({ items: 8, itemsPerShard: 1, seed: 26 }));
    const falseReports: number[] = [];
    const selective: TestHost = await arena.join({
      outputs: (computed, { task }) => {
        if (computed['hits'] === undefined) return computed;
        falseReports.push(task.items.length);
        return eachValue(computed, task.items, (hits) => hits + 1);
      },
      before: async ({ task }) => {
        if (!task.programKey.includes('montecarlo')) return;
        await checkedReports(job, selective, falseReports.length);
      },
    });
    expect(await products.done()).toMatchObject({ state: 'done', items: { settled: 8 } });
    await waitForEjection(selective);
    expect(falseReports.length).toBeLessThanOrEqual(AT_ONCE);
    const more = await arena.post(productsWork({ items: 8, itemsPerShard: 1, seed: 27 }));
    expect(await more.done()).toMatchObject({ state: 'done', items: { settled: 8 } });
    const { rows } = await arena.client.credits(selective.contributor);
    expect(rows).toHaveLength(16);
    expect(new Set(rows.map((row) => row.job))).toEqual(new Set([products.id, more.id]));
    await arena.dismiss(selective);
  },
  DEADLINE_MS,
);

it(
  '#5 saboteur: one wrong item of 256 in every report',
  async () => {
    const saboteurs = 12;
    const reportsEach = 20;
    const target = await arena.open(
      ballsWork({ items: 300 * ITEMS_PER_SHARD, itemsPerShard: ITEMS_PER_SHARD, seed: 5 }),
      { aside: true },
    );
    const all = await Promise.all(
      Array.from({ length: saboteurs }, (_, i) => sabotage(target, seeded(500 + i), reportsEach)),
    );
    await quiet(target);
    const reports = await reportsByContributor(target);
    let refused = 0;
    for (const { contributor } of all) {
      const found = (reports.get(contributor) ?? []).filter(({ verdict }) => verdict !== undefined);
      refused += found.length;
      expect(new Set(found.map(({ verdict }) => verdict))).toEqual(
        new Set(found.length > 0 ? ['disagree'] : []),
      );
      // 20 reports bring 320 checks: nothing of them is final before 1,024.
      await expectNoCredit(arena.client, contributor);
    }
    // Each is found with 16 / 272: of 240 about 15, fewer than 3 with 3e-5.
    expect(refused).toBeGreaterThanOrEqual(3);
    for (const saboteur of all) await arena.dismiss(saboteur);
    await target.cancel();
  },
  DEADLINE_MS,
);

it(
  'the honest finish: everything is right, everybody honest is paid, and so is #41 for all but one',
  async () => {
    await arena.finish();
    const { agreed, disagreed } = await arena.client.contributor(flaky.contributor);
    const reported = flaky.eventsOf('computed').length;
    expect({ agreed, disagreed }).toEqual({ agreed: reported - 1, disagreed: 1 });
  },
  DEADLINE_MS,
);
