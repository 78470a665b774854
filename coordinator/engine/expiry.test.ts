/** A job whose time is over ends with what is final, and its author gets back the rest. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { authorAccount, escrowAccount } from '../../shared/ledger.ts';
import type { JobId, KeyId } from '../../shared/ids.ts';
import { quorumOf } from '../core/testing/work.ts';
import { EngineRig } from './testing/engineRig.ts';

const ONCE = {
  items: 40,
  itemsPerShard: 10,
  shards: 4,
  verification: quorumOf(1),
  priceMicroCredits: 80n,
};

let rig: EngineRig;
beforeEach(async () => {
  rig = await EngineRig.started();
});
afterEach(() => rig.engine.stop());

const post = (ms: number) =>
  rig.post({ ...ONCE, createdAtMs: rig.nowMs, expiresAtMs: rig.nowMs + ms });

it('ends it in the first sweep after it, and takes back what is out', async () => {
  const { id } = await post(60_000);
  const host = await rig.worker('a');
  rig.report(host);
  await rig.sweep(59_999);
  expect((await rig.job(id)).state.kind).toBe('running');
  await rig.sweep(1);
  expect((await rig.job(id)).state).toEqual({
    kind: 'failed',
    endedAtMs: rig.nowMs,
    reason: 'expired: 10 of 40 items were final after 60 s',
  });
  expect(host.link.all('revoke').at(-1)).toMatchObject({ reason: 'job-ended' });
  expect(await rig.creditOf('a')).toBe(20n);
  const balance = (account: ReturnType<typeof escrowAccount>) => rig.store.ledger.balance(account);
  expect(await balance(escrowAccount(id))).toBe(0n);
  expect(await balance(authorAccount('key_1' as KeyId))).toBe(60n);
  const [settled, ...others] = await rig.store.endedShards(id, 0, 10);
  expect(others).toEqual([]);
  const { shard } = settled!;
  const output = shard.state.kind === 'settled' ? shard.state.output : null;
  expect(await rig.store.output(shard.id, output!)).not.toBeNull();
  expect(rig.engine.work.jobs.size).toBe(0);
});

it('ends one that is paused, one that expired while no coordinator ran, and no other', async () => {
  const { id } = await post(60_000);
  await rig.engine.jobs.pause(id);
  const other = await rig.post({ ...ONCE, id: 'job_2' as JobId });
  await rig.engine.idle();
  rig.nowMs += 600_000;
  await rig.restart();
  await rig.sweep();
  expect((await rig.job(id)).state).toMatchObject({ kind: 'failed' });
  expect((await rig.job(other.id)).state.kind).toBe('running');
});

it('leaves a job alone that is done in time', async () => {
  const { id } = await post(60_000);
  const host = await rig.worker('a');
  for (let i = 0; i < 4; i++) {
    rig.report(host, i);
    await rig.quiet();
  }
  await rig.sweep(60_000);
  expect((await rig.job(id)).state.kind).toBe('done');
});
