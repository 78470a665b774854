/** What the page of sites asks for, and what it makes of answers. */
import { expect, it } from 'vitest';
import { sitesApi } from './sitesApi.ts';

const SITE = {
  id: 'site_a',
  name: 'A',
  origins: ['https://a.example'],
  proposedPercent: 10,
  createdAtMs: 1,
  owner: 'key_a',
  balance: '5',
};
const SPEC = { name: 'A', origins: ['https://a.example'], proposedPercent: 10 };

interface Asked {
  readonly url: string;
  readonly method: string;
  readonly authorization: string | null;
  readonly body: unknown;
}

function apiThat(answer: (asked: Asked) => Response) {
  const asked: Asked[] = [];
  const http: typeof fetch = (input, init) => {
    const request = {
      url: input instanceof Request ? input.url : String(input),
      method: init?.method ?? 'GET',
      authorization: new Headers(init?.headers).get('Authorization'),
      body: typeof init?.body === 'string' ? (JSON.parse(init.body) as unknown) : null,
    };
    asked.push(request);
    return Promise.resolve(answer(request));
  };
  return { api: sitesApi('https://net.example', 'iwk_secret', http), asked };
}

it('lists, adds, changes and removes with the key', async () => {
  const { api, asked } = apiThat(({ method, url }) => {
    if (method === 'DELETE') return new Response(null, { status: 204 });
    if (method === 'GET') return Response.json({ rows: url.endsWith('/days') ? [] : [SITE] });
    return Response.json(SITE, { status: 201 });
  });
  expect(await api.sites()).toEqual({ ok: true, value: [SITE] });
  expect(await api.add(SPEC)).toEqual({ ok: true, value: SITE });
  expect(await api.change('site_a', SPEC)).toEqual({ ok: true, value: SITE });
  expect(await api.days('site_a')).toEqual({ ok: true, value: [] });
  expect(await api.remove('site_a')).toEqual({ ok: true, value: null });
  const authorization = 'Bearer iwk_secret';
  const at = 'https://net.example/v1/sites';
  expect(asked).toEqual([
    { method: 'GET', url: at, authorization, body: null },
    { method: 'POST', url: at, authorization, body: SPEC },
    { method: 'PUT', url: `${at}/site_a`, authorization, body: SPEC },
    { method: 'GET', url: `${at}/site_a/days`, authorization, body: null },
    { method: 'DELETE', url: `${at}/site_a`, authorization, body: null },
  ]);
});

it('says what the coordinator refused, and what to do', async () => {
  const problem = { type: 'urn:x', code: 'x', title: 'x', status: 401 };
  const { api } = apiThat(() =>
    Response.json({ ...problem, detail: 'the key is unknown', fix: 'ask' }, { status: 401 }),
  );
  expect(await api.sites()).toEqual({ ok: false, error: 'the key is unknown: ask' });
});

it('an answer that cannot be read is a failure', async () => {
  for (const text of ['<html>', '{"rows":[{}]}', '']) {
    const { api } = apiThat(() => new Response(text));
    expect(await api.sites()).toMatchObject({ ok: false });
  }
});
