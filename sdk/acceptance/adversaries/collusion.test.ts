/**
 * Adversaries that know each other, or know more than they should: pairs, accusers, caches, and guesses at which items
 * are probes.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aucs } from '../../../coordinator/engine/testing/secrecy.ts';
import type { Job } from '../../client.ts';
import { seeded } from '../../demo/random.ts';
import { Arena, until } from './testing/arena.ts';
import { AT_ONCE, expectCaught } from './testing/caught.ts';
import { SLOTS, eachValue, type Script } from './testing/engines.ts';
import { ballsWork } from './testing/works.ts';

const DEADLINE_MS = 120_000;
const ITEMS_PER_SHARD = 64;
let arena: Arena;
let job: Job;

beforeAll(async () => {
  arena = await Arena.open();
  job = await arena.open(
    ballsWork({ items: 300 * ITEMS_PER_SHARD, itemsPerShard: ITEMS_PER_SHARD, seed: 20 }),
  );
}, DEADLINE_MS);
afterAll(() => arena.close(), DEADLINE_MS);

/** The same wrong value for an item from everybody who knows it. */
const agreedLie: Script['outputs'] = (computed, { task }) =>
  eachValue(computed, task.items, (hits) => hits + 1);

const ejected = { by: 'sampling', response: 'ejected', withinReports: AT_ONCE } as const;

describe('beside three honest hosts', { timeout: DEADLINE_MS }, () => {
  it('#20 a colluding pair with the same wrong values', async () => {
    const pair = [
      await arena.enter(job, { outputs: agreedLie }),
      await arena.enter(job, { outputs: agreedLie }),
    ];
    for (const liar of pair) await expectCaught(arena, liar, ejected);
  });

  it('#24 a pair that claims a rare device, to be checked by its own kind', async () => {
    const adapter = 'vivante gc7000ul (rare)';
    const pair = [
      await arena.enter(job, { outputs: agreedLie, adapter }),
      await arena.enter(job, { outputs: agreedLie, adapter }),
    ];
    for (const liar of pair) await expectCaught(arena, liar, ejected);
  });

  it('#21 a checker that covers up: the cheat is found all the same, and nothing of it stands', async () => {
    const spoiled = new Set<number>();
    const cheat = await arena.enter(job, {
      outputs: (computed, { task }) => {
        const isSpoiled = task.items.map((item) => item % 4 === 1);
        task.items.forEach((item, row) => isSpoiled[row]! && spoiled.add(item));
        return eachValue(computed, task.items, (hits, _, row) => hits + (isSpoiled[row]! ? 1 : 0));
      },
    });
    const accomplice = await arena.enter(job, {
      reports: 12,
      outputs: (computed, { task }) =>
        eachValue(computed, task.items, (hits, _, row) =>
          spoiled.has(task.items[row]!) ? hits + 1 : hits,
        ),
    });
    // 4 checks find a quarter with 0.68; were half of them covered, fewer than two of 24 reports with 1e-6.
    await expectCaught(arena, cheat, { ...ejected, withinReports: 24 + SLOTS });
    accomplice.pause();
  });

  it('#22 a false accuser: others are right on what it says is wrong', async () => {
    const random = seeded(22);
    const accuser = await arena.enter(job, {
      outputs: (computed, { task }) =>
        eachValue(computed, task.items, (hits) => (random.next() < 0.5 ? hits - 1 : hits)),
    });
    // 4 probes miss a half with 1/16: fewer than two of 10 reports are found with 1e-10.
    await expectCaught(arena, accuser, { ...ejected, withinReports: 10 + SLOTS });
    await arena.expectNobodyHonestBlamed();
  });

  it('#30 a pair that shares what it has seen, and makes up what it sees for the first time', async () => {
    const seen = new Set<number>();
    /** What the other has had must be a probe; the rest is made up. */
    const outputs: Script['outputs'] = (computed, { task }) => {
      const known = task.items.map((item) => seen.has(item));
      task.items.forEach((item) => seen.add(item));
      return eachValue(computed, task.items, (hits, _, row) => (known[row]! ? hits : hits + 1));
    };
    const pair = [await arena.enter(job, { outputs }), await arena.enter(job, { outputs })];
    for (const liar of pair) await expectCaught(arena, liar, ejected);
  });

  it('the honest finish: everything is right, and everybody honest is paid', () => arena.finish());
});

describe('what a host sees', { timeout: DEADLINE_MS }, () => {
  it('#31 tells no probe from its own items: no score comes above an AUC of 0.55', async () => {
    const assigned: { host: number; items: readonly number[] }[] = [];
    for (let i = 0; i < 4; i++) {
      await arena.join({
        computeMs: 1,
        outputs: (computed, { task }) => {
          assigned.push({ host: i, items: task.items });
          return computed;
        },
      });
    }
    for (const host of arena.honest) host.pause();
    const watched = await arena.client.submit({
      ...ballsWork({ items: 32_768, itemsPerShard: 256, seed: 31 }).options,
    });
    await until('all is computed once', async () => {
      const { items } = await watched.refresh();
      return items.settled + items.provisional === items.total || undefined;
    });
    // Nobody was wrong: what somebody else has had before is a probe.
    const owner = new Map<number, number>();
    const shown = assigned.map(({ host, items }) => {
      const isProbe = items.map((item) => owner.has(item));
      for (const item of items) if (!owner.has(item)) owner.set(item, host);
      return { items, isProbe };
    });
    expect(shown.flatMap(({ isProbe }) => isProbe).filter(Boolean).length).toBeGreaterThan(500);
    for (const [name, auc] of aucs(shown)) expect(auc, name).toBeLessThan(0.55);
    await watched.cancel();
  });
});
