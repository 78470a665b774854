/** An author offers more for a job that runs: the difference is put aside at once, and paid for what is judged from then on. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { authorAccount, escrowAccount } from '../../shared/ledger.ts';
import type { KeyId } from '../../shared/ids.ts';
import { quorumOf } from '../core/testing/work.ts';
import { EngineRig } from './testing/engineRig.ts';

/** Four shards of 20 micro-credits. */
const JOB = {
  items: 40,
  itemsPerShard: 10,
  shards: 4,
  verification: quorumOf(1),
  priceMicroCredits: 80n,
};
const AUTHOR = authorAccount('key_1' as KeyId);
const FREE = { budget: null, isPrepaid: false };
const PREPAID = { budget: null, isPrepaid: true };

let rig: EngineRig;
beforeEach(async () => {
  rig = await EngineRig.started();
});
afterEach(() => rig.engine.stop());

const balance = (account: typeof AUTHOR) => rig.store.ledger.balance(account);
const give = (microCredits: bigint) =>
  rig.engine.payments.move({ type: 'grant', id: 'g', to: AUTHOR, microCredits, atMs: 1 });

it('pays more for what is judged from then on, and gives back what nobody earned', async () => {
  const { id } = await rig.post(JOB);
  const host = await rig.worker('a');
  rig.report(host);
  await rig.quiet();
  expect(await rig.creditOf('a')).toBe(20n);
  const raised = await rig.engine.jobs.raise(id, { ratePercent: 150, ...FREE });
  // Three shards are left, one of them handed out already.
  expect(raised).toMatchObject({
    kind: 'raised',
    job: { ratePercent: 150, priceMicroCredits: 110n },
  });
  expect(await balance(escrowAccount(id))).toBe(90n);
  rig.report(host, 1);
  await rig.quiet();
  expect(await rig.creditOf('a')).toBe(50n);
  await rig.restart();
  expect((await rig.job(id)).ratePercent).toBe(150);
  await rig.engine.jobs.cancel(id);
  expect([await balance(escrowAccount(id)), await balance(AUTHOR)]).toEqual([0n, 60n]);
  const { rows } = await rig.store.ledger.movements(AUTHOR, null, 10);
  expect(rows.map(({ movement }) => movement.type)).toEqual([
    'refund',
    'escrow',
    'grant',
    'escrow',
    'grant',
  ]);
});

it('asked for again it adds nothing; less than before is refused', async () => {
  const { id } = await rig.post(JOB);
  const { jobs } = rig.engine;
  const first = await jobs.raise(id, { ratePercent: 200, ...FREE });
  expect(await jobs.raise(id, { ratePercent: 200, ...FREE })).toEqual(first);
  expect(await balance(escrowAccount(id))).toBe(160n);
  expect(await jobs.raise(id, { ratePercent: 199, ...FREE })).toEqual({
    kind: 'lower',
    ratePercent: 200,
  });
  await jobs.cancel(id);
  expect(await jobs.raise(id, { ratePercent: 300, ...FREE })).toEqual({ kind: 'ended' });
});

it('takes no more than the budget, nor than a prepaid key has', async () => {
  const { id } = await rig.post(JOB);
  const { jobs } = rig.engine;
  expect(await jobs.raise(id, { ratePercent: 150, budget: 119n, isPrepaid: false })).toEqual({
    kind: 'over-budget',
    price: 120n,
  });
  await give(39n);
  const short = await jobs.raise(id, { ratePercent: 150, ...PREPAID });
  expect(short).toEqual({ kind: 'short', balance: 39n, more: 40n });
  expect((await rig.job(id)).priceMicroCredits).toBe(80n);
  const fits = await jobs.raise(id, { ratePercent: 140, budget: 112n, isPrepaid: true });
  expect(fits).toMatchObject({ kind: 'raised', job: { priceMicroCredits: 112n } });
  expect(await balance(AUTHOR)).toBe(7n);
});

it('two at once are one after the other, and nothing is spent twice', async () => {
  const { id } = await rig.post(JOB);
  await give(40n);
  const { jobs } = rig.engine;
  const outcomes = await Promise.all([
    jobs.raise(id, { ratePercent: 150, ...PREPAID }),
    jobs.raise(id, { ratePercent: 160, ...PREPAID }),
  ]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['raised', 'short']);
  expect(await balance(AUTHOR)).toBe(0n);
});
