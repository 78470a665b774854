/** Credit over HTTP: what a key has, what becomes of it, and orders that are sent twice. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ContributorId } from '../../../shared/ids.ts';
import type { BalancesPage, BalanceView, MovementView } from '../../../shared/protocol/ledger.ts';
import { contributorOf } from '../../engine/testing/engineRig.ts';
import { NO_CHANGES } from '../../store/testing/records.ts';
import { HttpRig, type AskOptions } from '../testing/httpRig.ts';

let http: HttpRig;
/** A prepaid author's. */
let key: string;
let id: string;
beforeEach(async () => {
  http = await HttpRig.started();
  ({ key, id } = await http.keys.create('prepaid', true));
});
afterEach(() => http.close());

const asOperator = (): AskOptions => ({ key: http.keys.adminToken });
const grant = (microCredits: string, headers = {}) =>
  http.ask(`/v1/keys/${id}/grants`, { ...asOperator(), body: { microCredits }, headers });
const balance = async (): Promise<string> =>
  (await http.json<BalanceView>('/v1/balance', { key })).microCredits;

it('an order is carried out once for its key, and another amount under it is refused', async () => {
  const once = { 'Idempotency-Key': 'monday' };
  expect(await (await grant('500', once)).json()).toMatchObject({
    kind: 'grant',
    from: 'issuance',
    to: `author:${id}`,
    microCredits: '500',
  });
  expect((await grant('500', once)).status).toBe(200);
  expect(await balance()).toBe('500');
  expect(await (await grant('501', once)).json()).toMatchObject({ code: 'idempotency-conflict' });
  await grant('500');
  expect(await balance()).toBe('1000');

  const body = { to: 'author:operator', microCredits: '300' };
  for (let i = 0; i < 3; i++) await http.ask('/v1/transfers', { key, body, headers: once });
  expect(await balance()).toBe('700');
  // To somebody else under the same key.
  const { id: other } = await http.keys.create('other', true);
  const again = { ...body, to: `author:${other}` };
  expect(await http.json('/v1/transfers', { key, body: again, headers: once })).toMatchObject({
    code: 'idempotency-conflict',
  });
  expect(await balance()).toBe('700');
});

it('nothing is given away of what the network grants, nor to whom no key leads', async () => {
  const job = await http.post({}, { key: http.key });
  await http.ask(`/v1/jobs/${job.id}/cancel`, { key: http.key, method: 'POST' });
  const body = { to: `author:${id}`, microCredits: '1' };
  expect(await http.problem('/v1/transfers', { key: http.key, body })).toMatchObject({
    code: 'not-allowed',
  });
  await grant('5');
  const contributors = [
    { ...contributorOf('moved'), movedTo: 'c_there' as ContributorId },
    { ...contributorOf('gone'), publicKey: '' },
    contributorOf('there'),
  ];
  await http.links.rig.store.commit({ ...NO_CHANGES, contributors });
  const to = (who: string) =>
    http.ask('/v1/transfers', { key, body: { to: `contributor:c_${who}`, microCredits: '1' } });
  expect((await to('moved')).status).toBe(404);
  expect((await to('gone')).status).toBe(404);
  expect((await to('there')).status).toBe(200);
});

it('a job takes its price from a prepaid key, and what it lacks is granted to any other', async () => {
  const { price } = await http.post({}, { key: http.key });
  await grant(price);
  const job = await http.post({}, { key });
  expect(await balance()).toBe('0');
  const { rows } = await http.json<{ rows: MovementView[] }>('/v1/movements', { key });
  expect(rows.map(({ kind, job: of }) => [kind, of])).toEqual([
    ['escrow', job.id],
    ['grant', undefined],
  ]);
  await http.ask(`/v1/jobs/${job.id}/cancel`, { key, method: 'POST' });
  expect(await balance()).toBe(price);

  const { rows: accounts, logSize } = await http.json<BalancesPage>('/v1/ledger/balances');
  expect(accounts.reduce((sum, it) => sum + BigInt(it.microCredits), 0n)).toBe(0n);
  // Three grants and escrows, one refund.
  expect(logSize).toBe(5);
  const keys = await http.json<{ rows: { id: string; prepaid: boolean; microCredits: string }[] }>(
    '/v1/keys',
    asOperator(),
  );
  expect(keys.rows.find((row) => row.id === id)).toMatchObject({
    prepaid: true,
    microCredits: price,
  });
});

it('movements come page by page, newest first', async () => {
  for (let i = 1; i <= 101; i++) {
    await grant(String(i));
  }
  const first = await http.json<{ rows: MovementView[]; next: string }>('/v1/movements', { key });
  expect(first.rows.map(({ microCredits }) => Number(microCredits))).toEqual(
    Array.from({ length: 100 }, (_, i) => 101 - i),
  );
  const path = `/v1/movements?cursor=${encodeURIComponent(first.next)}`;
  const rest = await http.json<{ rows: MovementView[]; next: string | null }>(path, { key });
  expect([rest.rows.length, rest.rows[0]?.microCredits, rest.next]).toEqual([1, '1', null]);
});
