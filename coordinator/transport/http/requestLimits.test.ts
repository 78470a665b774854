/** Limits of an author's requests, over HTTP: what every answer tells, who is refused, and who never is. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { KeyId } from '../../../shared/ids.ts';
import { MAX_KEY_REQUESTS, MAX_REMEMBERED_KEYS } from '../../../shared/limits.ts';
import { HttpRig, type AskOptions } from '../testing/httpRig.ts';
import { RequestLimits } from './requestLimits.ts';

const { burst, perSecond } = MAX_KEY_REQUESTS;

let http: HttpRig;
beforeEach(async () => {
  http = await HttpRig.started();
});
afterEach(() => http.close());

const limitOf = ({ headers }: Response) => headers.get('RateLimit');

async function spend(path: string, options: AskOptions = {}): Promise<Response> {
  for (let i = 1; i < burst; i++) await http.ask(path, options);
  return http.ask(path, options);
}

it('every answer says what is left, refusals too; a path with several checks counts once', async () => {
  const first = await http.ask('/v1/jobs');
  expect(limitOf(first)).toBe(`"key";r=${burst - 1};t=1`);
  expect(first.headers.get('RateLimit-Policy')).toBe(`"key";q=${burst};w=${burst / perSecond}`);
  expect(limitOf(await http.ask('/v1/jobs/job_nobody/explain'))).toBe(`"key";r=${burst - 2};t=1`);
  expect(limitOf(await http.ask('/v1/network'))).toBeNull();
});

it('who asks more is refused until time has earned it; nobody else is', async () => {
  expect((await spend('/v1/balance')).status).toBe(200);
  const refused = await http.ask('/v1/balance');
  expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '1']);
  expect(limitOf(refused)).toBe(`"key";r=0;t=${burst / perSecond}`);
  expect(await refused.json()).toMatchObject({ code: 'too-many-requests' });
  expect(await http.links.refused()).toMatchObject({ 'too-many-requests': 1 });

  const { key } = await http.keys.create('another');
  expect((await http.ask('/v1/balance', { key })).status).toBe(200);
  http.links.rig.nowMs += 1_000;
  expect(limitOf(await http.ask('/v1/balance'))).toMatch(`r=${perSecond - 1};`);
});

it('the operator has no limit', async () => {
  const options = { key: http.keys.adminToken };
  const last = await spend('/v1/balance', options);
  expect([last.status, limitOf(last)]).toEqual([200, null]);
  expect((await http.ask('/v1/balance', options)).status).toBe(200);
});

it('so many keys are remembered, and whoever asked longest ago begins anew', () => {
  const limits = new RequestLimits(() => 0);
  const left = (key: string) => limits.take(key as KeyId).headers['RateLimit'];
  for (let i = 0; i < MAX_REMEMBERED_KEYS; i++) left(`key_${i}`);
  expect(left('key_0')).toMatch(`r=${burst - 2};`);
  left('one more');
  expect(left('key_0')).toMatch(`r=${burst - 3};`);
  expect(left('key_1')).toMatch(`r=${burst - 1};`);
});
