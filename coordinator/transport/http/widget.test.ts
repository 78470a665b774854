/** The frame's document: where browsers may show it, what it is told of its site, and what others get instead. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OwnSite } from '../../../shared/protocol/sharing.ts';
import { HttpRig } from '../testing/httpRig.ts';
import { ORIGIN } from '../testing/linkRig.ts';
import { newApp } from './context.ts';

const widget = {
  frame: '<html><meta name="idlewave-placement" content="" /><script src="/x.js"></script></html>',
  unavailable: '<html>not set up</html>',
};
const SPEC = {
  name: '"><script>alert(1)</script> & $& co',
  origins: ['https://a.example', 'http://localhost:8080'],
  proposedPercent: 15,
};

let http: HttpRig;
let site: OwnSite;
beforeAll(async () => {
  http = await HttpRig.started({ app: newApp(), widget });
  site = await http.json<OwnSite>('/v1/sites', { body: SPEC });
});
afterAll(() => http.close());

const ask = (query: Record<string, string>) =>
  http.ask(`/widget/?${new URLSearchParams(query).toString()}`, { key: null });
const policyOf = (response: Response): string => response.headers.get('Content-Security-Policy')!;

describe('on a registered page', () => {
  it('is shown by its origins and by nobody else, with a strict policy', async () => {
    const response = await ask({ site: site.id, from: 'https://a.example', size: 'small' });
    const policy = policyOf(response);
    expect(policy).toContain(`frame-ancestors https://a.example http://localhost:8080 ${ORIGIN}`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|\*/);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': 'no-store',
    });
  });

  it('knows its site, whatever that is called', async () => {
    const text = await (await ask({ site: site.id, from: 'https://a.example' })).text();
    expect(text).not.toContain('<script>alert');
    const content = /<meta name="idlewave-placement" content="([^"]*)" \/>/.exec(text)![1]!;
    const read = content
      .replaceAll('&quot;', '"')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
    expect(JSON.parse(read)).toEqual({
      site: { id: site.id, name: SPEC.name, proposedPercent: 15 },
      host: 'https://a.example',
    });
  });
});

it('a window that confirms is framed by nobody', async () => {
  const response = await ask({ site: site.id });
  expect(policyOf(response)).toContain("frame-ancestors 'none'");
  expect(await response.text()).toContain('&quot;host&quot;:null');
});

it.each([
  ['an unknown site', { site: 'site_none', from: 'https://a.example' }],
  ['no site', { from: 'https://a.example' }],
  ['another page', { from: 'https://b.example' }],
  ['a page without an origin of its own', { from: 'null' }],
  ['more than one', { from: 'https://a.example http://localhost:8080' }],
  ['a policy of its own', { from: "https://a.example; script-src 'unsafe-inline'" }],
])('%s gets an explanation that runs no script', async (_, query) => {
  const response = await ask(
    'site' in query || !('from' in query) || query.from === 'https://a.example'
      ? query
      : { site: site.id, ...query },
  );
  expect(await response.text()).toBe(widget.unavailable);
  expect(policyOf(response)).toBe(
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'",
  );
});

it('what its owner changes holds for the next visitor', async () => {
  const own = await http.json<OwnSite>('/v1/sites', { body: SPEC });
  const body = { ...SPEC, origins: ['https://c.example'] };
  await http.json(`/v1/sites/${own.id}`, { method: 'PUT', body });
  const before = await ask({ site: own.id, from: 'https://a.example' });
  expect(await before.text()).toBe(widget.unavailable);
  const after = await ask({ site: own.id, from: 'https://c.example' });
  expect(policyOf(after)).toContain(`frame-ancestors https://c.example ${ORIGIN}`);
});
