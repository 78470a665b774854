/** The HTTP application as a whole: shapes of refusals, methods, health, metrics, the API's description. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemSchema } from '../../../shared/protocol/problem.ts';
import { HttpRig } from '../testing/httpRig.ts';

let http: HttpRig;
beforeAll(async () => {
  http = await HttpRig.started();
});
afterAll(() => http.close());

describe('what is not there', () => {
  it.each([
    '/nowhere',
    '/v1',
    '/v1/nothing',
    '/v1/jobs/a/b/c',
    '//',
    '/v1//jobs',
    '/V1/jobs',
    '/.env',
  ])('%s is a 404 problem', async (path) => {
    const problem = await http.problem(path);
    expect(problem).toMatchObject({ code: 'not-found', status: 404 });
    expect(problemSchema.parse(problem)).toEqual(problem);
  });

  it.each([
    ['DELETE', '/v1/jobs', 'GET, HEAD, POST'],
    ['PUT', '/v1/jobs/job_1', 'GET, HEAD, PATCH'],
    ['POST', '/v1/network', 'GET, HEAD'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['GET', '/v1/estimates', 'POST'],
    ['GET', '/v1/links/token/bye', 'POST'],
    ['DELETE', `/v1/blobs/${'a'.repeat(64)}`, 'GET, HEAD, PUT'],
  ])('%s %s is a 405 problem that names what is allowed', async (method, path, allow) => {
    const response = await http.ask(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('Allow')).toBe(allow);
    expect(await response.json()).toMatchObject({
      code: 'method-not-allowed',
      status: 405,
      came: method,
      expected: allow,
    });
  });
});

describe('health, metrics and the public view', () => {
  it('answer without a key', async () => {
    expect(await http.json('/healthz', { key: null })).toEqual({ ok: true, store: 'memory' });
    expect(await http.json('/readyz', { key: null })).toEqual({ ok: true });
    expect(await http.json('/v1/network', { key: null })).toEqual({
      hosts: 0,
      contributors: 0,
      jobsRunning: 0,
      itemsPerSecond: 0,
    });
    expect(await http.json('/v1/leaderboard', { key: null })).toEqual({ rows: [] });
  });

  it('HEAD is GET without its body', async () => {
    const response = await http.ask('/healthz', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it('refusals are counted by their code', async () => {
    await http.problem('/counted');
    const metrics = await (await http.ask('/metrics')).text();
    expect(metrics).toContain('idlewave_hosts 0');
    expect(metrics).toMatch(/idlewave_refused_total\{code="not-found"\} \d+/);
  });
});

describe('the API’s description', () => {
  it('is OpenAPI 3.1 and names every route', async () => {
    const document = await http.json<{ openapi: string; paths: Record<string, object> }>(
      '/openapi.json',
      { key: null },
    );
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/v1/jobs',
        '/v1/jobs/{id}',
        '/v1/jobs/{id}/cancel',
        '/v1/jobs/{id}/results',
        '/v1/estimates',
        '/v1/contributors/{id}/credits',
        '/v1/keys',
      ]),
    );
    expect(JSON.stringify(document)).toContain('^[0-9a-f]{64}$');
  });
});

describe('failures of our own', () => {
  it('say nothing of their inside, and are logged', async () => {
    const broken = await HttpRig.started();
    broken.deps.store.leaders = () => Promise.reject(new Error('secret connection string'));
    const problem = await broken.problem('/v1/leaderboard');
    expect(problem).toMatchObject({ code: 'internal', status: 500 });
    expect(JSON.stringify(problem)).not.toContain('secret');
    expect(broken.links.logged).toContain('request-error');
    await broken.close();
  });

  it('a stopped engine is not ready, and takes no jobs', async () => {
    const stopped = await HttpRig.started();
    await stopped.links.rig.engine.stop();
    expect(await stopped.problem('/readyz')).toMatchObject({ code: 'not-ready', status: 503 });
    await stopped.close();
  });
});
