/** Items that are added to a job which is held open: what they cost, once for their key, until it is closed. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobId, KeyId } from '../../shared/ids.ts';
import { authorAccount, escrowAccount } from '../../shared/ledger.ts';
import {
  MAX_ADDED_LOTS,
  MAX_HELD_JOBS_PER_KEY,
  MAX_HELD_MS,
  MAX_ITEMS_PER_JOB,
  MAX_SHARDS_PER_JOB,
} from '../../shared/limits.ts';
import { BugError } from '../../shared/result.ts';
import { lotNumberOf } from '../core/lots.ts';
import { shardsOf } from '../core/plan.ts';
import type { AddedLot, Job, JobState } from '../core/state.ts';
import { digest, jobOf, quorumOf } from '../core/testing/work.ts';
import type { Addition, AddOutcome } from './additions.ts';
import { EngineRig } from './testing/engineRig.ts';
import { FACTS, SAMPLED, work } from './testing/sampledJob.ts';

const AUTHOR = authorAccount('key_1' as KeyId);
/** Two shards of ten items, at 20 micro-credits each. */
const ONCE = { verification: quorumOf(1), priceMicroCredits: 40n };

let rig: EngineRig;
beforeEach(async () => {
  rig = await EngineRig.started();
});
afterEach(() => rig.engine.stop());

const held = (heldUntilMs = rig.nowMs + MAX_HELD_MS): JobState => ({
  kind: 'running',
  heldUntilMs,
});
const additionOf = (changes: Partial<Addition> = {}): Addition => ({
  items: 15,
  itemsPerShard: 10,
  shards: 2,
  stacked: null,
  key: null,
  asked: digest('asked'),
  budget: null,
  isPrepaid: false,
  ...changes,
});
const add = (id: JobId, changes: Partial<Addition> = {}) =>
  rig.engine.jobs.add(id, additionOf(changes));
const lotOf = (outcome: AddOutcome): AddedLot => {
  if (outcome.kind !== 'added') throw new Error(outcome.kind);
  return outcome.lot;
};
const balance = (account: typeof AUTHOR) => rig.store.ledger.balance(account);
/** Whoever is here computes all there is. */
async function allDone(...who: string[]): Promise<void> {
  const hosts = [];
  for (const one of who) hosts.push(await rig.worker(one, 2));
  await work(rig, hosts);
  await rig.sweep(1_000);
}

describe('items that are added', () => {
  it('are computed like the others; the job ends when it is closed and they are done', async () => {
    const { id } = await rig.post({ ...ONCE, state: held() });
    const host = await rig.worker('a', 2);
    await work(rig, [host]);
    expect(await rig.job(id)).toMatchObject({
      state: { kind: 'running' },
      counts: { settledItems: 20 },
    });
    expect(lotOf(await add(id))).toMatchObject({
      firstItem: 20,
      items: 15,
      firstShard: 2,
      shards: 2,
    });
    await rig.quiet();
    expect(await rig.engine.jobs.close(id)).toMatchObject({
      items: 35,
      shards: 4,
      state: { kind: 'running' },
    });
    await work(rig, [host]);
    expect(await rig.job(id)).toMatchObject({
      state: { kind: 'done' },
      counts: { settledItems: 35 },
    });
    const computed = host.link.assigned.flatMap(({ items }) => items);
    expect([...computed].sort((a, b) => a - b)).toEqual(Array.from({ length: 35 }, (_, i) => i));
    expect(await rig.engine.jobs.close(id)).toBeNull();
  });

  it('of a job whose items have ended: closing it ends it at once, also a paused one', async () => {
    const { id } = await rig.post({ ...ONCE, state: held() });
    await allDone('a');
    await rig.engine.jobs.pause(id);
    const closed = await rig.engine.jobs.close(id);
    expect(closed?.state).toMatchObject({ kind: 'done', endedAtMs: rig.nowMs });
    expect(await balance(escrowAccount(id))).toBe(0n);
  });

  it('survive a restart, and a job goes on being held open, paused or not', async () => {
    const { id } = await rig.post({ ...ONCE, state: held() });
    await add(id, { key: digest('k') });
    await rig.engine.jobs.pause(id);
    await rig.restart();
    expect(lotOf(await add(id))).toMatchObject({ firstItem: 35, firstShard: 4 });
    await rig.engine.jobs.resume(id);
    expect((await rig.job(id)).state).toEqual(held());
    await rig.engine.jobs.close(id);
    await allDone('a');
    expect(await rig.job(id)).toMatchObject({
      state: { kind: 'done' },
      counts: { settledItems: 50 },
    });
  });

  it('are paid for at what the job offers by then, from what its author has; a cancel gives it back', async () => {
    const { id } = await rig.post({ ...ONCE, state: held() });
    await rig.engine.jobs.raise(id, { ratePercent: 200, budget: null, isPrepaid: false });
    // A whole shard of 40, and half a one.
    const added = await add(id);
    expect(added).toMatchObject({ job: { priceMicroCredits: 140n } });
    expect(await balance(escrowAccount(id))).toBe(140n);
    await rig.engine.jobs.raise(id, { ratePercent: 300, budget: null, isPrepaid: false });
    expect(await balance(escrowAccount(id))).toBe(210n);
    await rig.engine.jobs.cancel(id);
    expect([await balance(escrowAccount(id)), await balance(AUTHOR)]).toEqual([0n, 210n]);
  });

  it('under one key once, whoever asks again, at once or after the end; other items are a conflict', async () => {
    const { id } = await rig.post({ ...ONCE, state: held() });
    const key = digest('key');
    const [first, again] = await Promise.all([add(id, { key }), add(id, { key })]);
    expect(first).toMatchObject({ kind: 'added', repeated: false });
    expect(again).toMatchObject({ kind: 'added', repeated: true, lot: lotOf(first) });
    expect((await rig.job(id)).added).toHaveLength(1);
    expect(await add(id, { key, asked: digest('other') })).toEqual({ kind: 'conflict' });
    await rig.restart();
    await rig.engine.jobs.close(id);
    expect(await add(id, { key })).toMatchObject({ repeated: true });
    expect(await add(id)).toEqual({ kind: 'closed' });
    await rig.engine.jobs.cancel(id);
    expect(await add(id, { key })).toEqual({ kind: 'ended' });
  });

  it('are held against the rows of a lot from when what was asked for was not kept', async () => {
    const { id } = await rig.post({ ...ONCE, state: held() });
    const key = digest('key');
    const { asked: _, ...lot } = lotOf(await add(id, { key }));
    const open = rig.engine.work.jobs.get(id)!;
    open.job = { ...open.job, added: [lot] };
    expect(await add(id, { key, asked: digest('unknown') })).toMatchObject({ repeated: true, lot });
    expect(await add(id, { key, items: 16 })).toEqual({ kind: 'conflict' });
    expect(await add(id, { key, stacked: digest('rows') })).toEqual({ kind: 'conflict' });
  });

  it('are refused, and nothing moves, where they are not paid for', async () => {
    await rig.engine.payments.move({
      type: 'grant',
      id: 'g',
      to: AUTHOR,
      microCredits: 60n,
      atMs: 1,
    });
    const job = await rig.post({ ...ONCE, state: held() });
    const { id } = job;
    const poor = await add(id, { isPrepaid: true });
    expect(poor).toEqual({ kind: 'short', balance: 20n, more: 30n });
    expect(await add(id, { budget: 69n })).toEqual({ kind: 'over-budget', price: 70n });
    expect(await rig.job(id)).toEqual(job);
    expect(await balance(AUTHOR)).toBe(20n);
    expect(await add(id, { budget: 70n })).toMatchObject({ kind: 'added' });
  });

  it('are never cut into larger shards than the job, which hosts were chosen for: that is a bug', async () => {
    const { id } = await rig.post({ ...ONCE, state: held() });
    void add(id, { items: 11, itemsPerShard: 11, shards: 1 }).catch(() => undefined);
    await rig.quiet();
    expect(rig.fatal).toEqual([expect.any(BugError)]);
  });

  it('have their maxima: items, shards, times', async () => {
    const most = await rig.post({ ...ONCE, state: held() });
    const full = async (changes: Partial<Addition>) => add(most.id, changes);
    expect(await full({ items: MAX_ITEMS_PER_JOB - 19 })).toEqual({
      kind: 'full',
      what: 'items',
      most: MAX_ITEMS_PER_JOB,
      came: MAX_ITEMS_PER_JOB + 1,
    });
    expect(await full({ shards: MAX_SHARDS_PER_JOB })).toMatchObject({
      kind: 'full',
      what: 'shards',
    });
    for (let i = 0; i < MAX_ADDED_LOTS; i++) await full({ items: 1, shards: 1 });
    expect(await full({ items: 1, shards: 1 })).toMatchObject({ what: 'lots', came: 257 });
  });
});

describe('a job that is held open', () => {
  it('closes by itself, so long after items were last added', async () => {
    const { id } = await rig.post({ ...ONCE, state: held() });
    await allDone('a');
    await rig.sweep(MAX_HELD_MS - 2_000);
    await add(id);
    await rig.sweep(3_000);
    expect(await rig.job(id)).toMatchObject({
      state: { kind: 'running' },
      counts: { settledItems: 20 },
    });
    await rig.sweep(MAX_HELD_MS);
    const state = (await rig.job(id)).state;
    expect(state).toEqual({ kind: 'running' });
    // Whoever had them is gone.
    await rig.restart();
    await rig.sweep(3_600_000);
    await allDone('b');
    expect((await rig.job(id)).state.kind).toBe('done');
  });

  it('ends when its time is over, whether it is held or not', async () => {
    const { id } = await rig.post({ ...ONCE, state: held(), expiresAtMs: rig.nowMs + 5_000 });
    await rig.sweep(5_000);
    expect((await rig.job(id)).state).toMatchObject({ kind: 'failed' });
  });

  it('that has a time is closed by then: what is done is not called failed', async () => {
    const { id } = await rig.post({ ...ONCE, state: held(), expiresAtMs: rig.nowMs + 60_000 });
    await allDone('a');
    await rig.sweep(60_000);
    expect((await rig.job(id)).state).toEqual({ kind: 'done', endedAtMs: rig.nowMs });
  });

  it('says what it waits for, and whether it is paused', async () => {
    const expiresAtMs = rig.nowMs + 3_600_000;
    const { id } = await rig.post({ ...ONCE, state: held(), expiresAtMs });
    expect(rig.engine.waitingOf(await rig.job(id))[0]?.code).toBe('no-hosts');
    await allDone('a');
    const [waiting] = rig.engine.waitingOf(await rig.job(id));
    expect(waiting).toMatchObject({ code: 'held-open', shards: 0 });
    expect(waiting?.text).toContain(`idlewave jobs close ${id}`);
    expect(waiting?.text).toContain(
      `ends by itself at ${new Date(expiresAtMs).toISOString().slice(0, 16)}Z`,
    );
    await rig.engine.jobs.pause(id);
    const paused = rig.engine.waitingOf(await rig.job(id));
    expect(paused.map(({ code }) => code)).toEqual(['paused', 'held-open']);
  });

  it('is one of a few of its author; another author has its own', async () => {
    const post = async (name: number, changes: Partial<Job> = {}) => {
      const job = jobOf({
        ...ONCE,
        id: `job_${name}` as JobId,
        items: 20,
        shards: 2,
        state: held(),
        ...changes,
      });
      const posting = { job, shards: shardsOf(job), idempotencyKey: null, specDigest: digest('s') };
      return rig.engine.payments.post({ ...posting, isPrepaid: false });
    };
    for (let i = 0; i < MAX_HELD_JOBS_PER_KEY; i++)
      expect(await post(i)).toEqual({ kind: 'added' });
    expect(await post(100)).toEqual({ kind: 'too-many-held' });
    expect(await post(101, { state: { kind: 'running' } })).toEqual({ kind: 'added' });
    expect(await post(102, { author: 'key_2' as KeyId })).toEqual({ kind: 'added' });
    await rig.engine.jobs.close('job_0' as JobId);
    expect(await post(103)).toEqual({ kind: 'added' });
  });
});

describe('the probes of a lot', () => {
  it('are items of that lot: another’s would be known by their numbers', async () => {
    const cut = { items: 5_120, itemsPerShard: 512, shards: 10 };
    const facts = { ...FACTS, refereeMsPerItem: 1 };
    const { id } = await rig.post({ ...cut, facts, verification: SAMPLED, state: held() });
    const hosts = [await rig.worker('a'), await rig.worker('b'), await rig.worker('c')];
    await work(rig, hosts, undefined, 8);
    for (let i = 0; i < 2; i++) {
      await add(id, cut);
      await rig.quiet();
      await work(rig, hosts, undefined, i === 0 ? 8 : Infinity);
    }
    const job = await rig.job(id);
    const probed = new Set<number>();
    for (const { assignment, items } of hosts.flatMap(({ link }) => link.assigned)) {
      const shard = (await rig.store.shard(assignment.shard))!;
      const lot = lotNumberOf(job, shard.index);
      expect(new Set(items.map((item) => Math.floor(item / 5_120)))).toEqual(new Set([lot]));
      if (assignment.probes.length > 0) probed.add(lot);
    }
    expect(probed).toEqual(new Set([0, 1, 2]));
    await rig.engine.jobs.close(id);
    for (let i = 0; i < 200 && (await rig.job(id)).state.kind === 'running'; i++) {
      await rig.sweep(1_000);
      await work(rig, hosts);
    }
    expect(await rig.job(id)).toMatchObject({
      state: { kind: 'done' },
      counts: { settledItems: 15_360, disagreedReports: 0 },
    });
  });

  it('are waited for where a lot has one contributor and the job has others, who may come to it', async () => {
    const cut = { items: 4_096, itemsPerShard: 512, shards: 8 };
    const facts = { ...FACTS, refereeMsPerItem: 1 };
    const { id } = await rig.post({ ...cut, facts, verification: SAMPLED, state: held() });
    const [a, b] = [await rig.worker('a'), await rig.worker('b')];
    await work(rig, [a, b], undefined, 2);
    rig.engine.disconnect(b.host);
    await add(id, cut);
    await rig.quiet();
    // All that is left of the first lot but what the other one holds, and some of the second one.
    await work(rig, [a], undefined, 7);
    const lots = new Set<number>();
    for (const { shard } of rig.engine.work.shards.values())
      if (shard.state.kind === 'provisional') lots.add(lotNumberOf(await rig.job(id), shard.index));
    expect(lots).toEqual(new Set([0, 1]));
    const sampled = (await rig.job(id)).counts.refereeSamples;
    for (let i = 0; i < 5; i++) await rig.sweep(1_000);
    expect((await rig.job(id)).counts.refereeSamples).toBe(sampled);
  });

  it('are not waited for where the lot is done, and others are not: the referee finishes it', async () => {
    const cut = { items: 1_024, itemsPerShard: 512, shards: 2 };
    const facts = { ...FACTS, refereeMsPerItem: 1 };
    const { id } = await rig.post({ ...cut, facts, verification: SAMPLED, state: held() });
    const hosts = [await rig.worker('a'), await rig.worker('b')];
    await work(rig, hosts);
    expect((await rig.job(id)).counts).toMatchObject({ settledItems: 0, provisionalItems: 1_024 });
    await rig.engine.jobs.pause(id);
    await add(id, cut);
    for (let i = 0; i < 50; i++) await rig.sweep(1_000);
    expect((await rig.job(id)).counts).toMatchObject({ settledItems: 1_024, provisionalItems: 0 });
  });
});
