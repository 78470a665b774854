/** Sites over HTTP: whose they are, what anybody sees of them, and what their owners do with what they have. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SiteId } from '../../../shared/ids.ts';
import { siteAccount } from '../../../shared/ledger.ts';
import { MAX_SITES_PER_KEY } from '../../../shared/limits.ts';
import type { OwnSite, SiteDayView } from '../../../shared/protocol/sharing.ts';
import { NO_CHANGES } from '../../store/testing/records.ts';
import { HttpRig, type AskOptions } from '../testing/httpRig.ts';

let http: HttpRig;
beforeEach(async () => {
  http = await HttpRig.started();
});
afterEach(() => http.close());

const SPEC = { name: 'A site', origins: ['https://a.example'], proposedPercent: 15 };
const add = (options: AskOptions = {}) =>
  http.json<OwnSite>('/v1/sites', { body: SPEC, ...options });
const listed = async (options: AskOptions = {}) =>
  (await http.json<{ rows: OwnSite[] }>('/v1/sites', options)).rows.map(({ id }) => id);
const asOperator = (): AskOptions => ({ key: http.keys.adminToken });

it('a site is its key’s, and what it asks for is everybody’s to read', async () => {
  const site = await add();
  expect(site).toMatchObject({ ...SPEC, balance: '0' });
  const { key: other } = await http.keys.create('other');
  expect(await listed()).toEqual([site.id]);
  expect(await listed({ key: other })).toEqual([]);
  expect(await listed(asOperator())).toEqual([site.id]);
  const view = await http.json<Record<string, unknown>>(`/v1/sites/${site.id}`, { key: null });
  expect(view).toMatchObject({ ...SPEC, id: site.id });
  expect(Object.keys(view)).not.toContain('owner');
  for (const [path, method] of [
    [`/v1/sites/${site.id}`, 'DELETE'],
    [`/v1/sites/${site.id}/days`, 'GET'],
  ] as const) {
    expect(await http.problem(path, { method, key: other })).toMatchObject({ code: 'not-found' });
    expect(await http.problem(path, { method, key: null })).toMatchObject({
      code: 'not-authenticated',
    });
  }
  expect(await http.problem('/v1/sites', { body: SPEC, key: null })).toMatchObject({
    code: 'not-authenticated',
  });
  expect((await http.ask(`/v1/sites/${site.id}`, { method: 'DELETE' })).status).toBe(204);
  expect(await http.problem(`/v1/sites/${site.id}`)).toMatchObject({ code: 'not-found' });
});

it('its owner changes it, and nobody else', async () => {
  const site = await add();
  const path = `/v1/sites/${site.id}`;
  const body = { name: 'Renamed', origins: ['https://b.example'], proposedPercent: 5 };
  const { key: other } = await http.keys.create('other');
  expect(await http.problem(path, { method: 'PUT', body, key: other })).toMatchObject({
    code: 'not-found',
  });
  expect(await http.problem(path, { method: 'PUT', body, key: null })).toMatchObject({
    code: 'not-authenticated',
  });
  expect(await http.problem(path, { method: 'PUT', body: { ...body, origins: [] } })).toMatchObject(
    { code: 'invalid-field' },
  );
  expect(await http.json(path, { key: null })).toMatchObject(SPEC);
  const changed = await http.json<OwnSite>(path, { method: 'PUT', body });
  expect(changed).toEqual({ ...site, ...body });
  expect(await http.json(path, { key: null })).toMatchObject(body);
});

it.each([
  ['no origin', { origins: [] }],
  ['a path', { origins: ['https://a.example/page'] }],
  ['a script', { origins: ['javascript:alert(1)'] }],
  ['more than all', { proposedPercent: 101 }],
  ['no name', { name: '' }],
  ['a field more', { surplus: 1 }],
])('with %s it is refused', async (_, wrong) => {
  expect(await http.problem('/v1/sites', { body: { ...SPEC, ...wrong } })).toMatchObject({
    code: 'invalid-field',
  });
});

it('one key has so many at most', async () => {
  for (let i = 0; i < MAX_SITES_PER_KEY; i++) await add();
  expect(await http.problem('/v1/sites', { body: SPEC })).toMatchObject({ code: 'too-many-sites' });
  expect((await http.ask('/v1/sites', { body: SPEC, ...asOperator() })).status).toBe(201);
});

it('its owner sees its days and gives what it has, once for a key', async () => {
  const { id } = await add();
  const account = siteAccount(id as SiteId);
  const { engine, store } = http.links.rig;
  await engine.payments.move({ type: 'grant', id: 'g', to: account, microCredits: 50n, atMs: 1 });
  const day = { site: id as SiteId, day: '2026-11-22', microCredits: 50n, credits: 2 };
  await store.commit({ ...NO_CHANGES, siteDays: [day] });
  const { rows } = await http.json<{ rows: SiteDayView[] }>(`/v1/sites/${id}/days`);
  expect(rows).toEqual([{ day: '2026-11-22', microCredits: '50', credits: 2 }]);

  const give = (microCredits: string, key = http.key) =>
    http.ask(`/v1/sites/${id}/transfers`, {
      body: { to: 'author:operator', microCredits },
      headers: { 'Idempotency-Key': `give ${microCredits}` },
      key,
    });
  expect((await give('20')).status).toBe(200);
  expect((await give('20')).status).toBe(200);
  expect(await (await give('31')).json()).toMatchObject({ code: 'balance-too-small' });
  const { key: other } = await http.keys.create('other');
  expect(await (await give('1', other)).json()).toMatchObject({ code: 'not-found' });
  expect(await store.ledger.balance(account)).toBe(30n);
  expect(await http.problem(`/v1/sites/${id}`, { method: 'DELETE' })).toMatchObject({
    code: 'site-has-credit',
  });
});
