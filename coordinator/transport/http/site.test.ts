/** The built site: its files and nothing else, with a strict policy, beside the API. */
import { cp, mkdir, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpRig } from '../testing/httpRig.ts';
import { siteRoutes } from './site.ts';

let directory: string;
let http: HttpRig;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'idlewave-site-'));
  await mkdir(join(directory, 'site', 'assets'), { recursive: true });
  await writeFile(join(directory, 'secret.txt'), 'secret');
  const site = join(directory, 'site');
  await writeFile(join(site, 'index.html'), '<!doctype html>');
  await writeFile(join(site, 'index.html.gz'), 'gzipped page');
  await writeFile(join(site, 'assets', 'main-abc.js'), 'export {};');
  await writeFile(join(site, 'assets', 'main-abc.js.br'), 'brotli');
  await writeFile(join(site, 'assets', 'main-abc.js.gz'), 'gzip');
  await writeFile(join(site, 'widget.js'), 'loader');
  await writeFile(join(site, 'service-worker.js'), 'worker');
  await mkdir(join(site, 'ort', '1.30.0'), { recursive: true });
  await writeFile(join(site, 'ort', '1.30.0', 'ort.wasm'), 'wasm');
  await mkdir(join(site, 'widget'));
  await writeFile(join(site, 'widget', 'index.html'), 'frame');
  await writeFile(join(site, 'widget', 'unavailable.html'), 'explanation');
  http = await HttpRig.started(await siteRoutes(site));
});
afterAll(async () => {
  await http.close();
  await rm(directory, { recursive: true });
});

const get = (path: string, headers = {}) => http.ask(path, { key: null, headers });

describe('the site', () => {
  it('begins at /, with a policy that lets no foreign script run', async () => {
    const page = await get('/');
    expect(await page.text()).toBe('<!doctype html>');
    expect(page.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('Cache-Control')).toBe('no-cache');
    expect(page.headers.get('X-Content-Type-Options')).toBe('nosniff');
    const policy = page.headers.get('Content-Security-Policy')!;
    for (const part of [
      "default-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]) {
      expect(policy).toContain(part);
    }
    expect(policy).not.toMatch(/unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|\*/);
  });

  it('sends what is compressed to who can read it, the better first', async () => {
    const js = '/assets/main-abc.js';
    const bodies = await Promise.all(
      ['gzip, deflate, br', 'gzip', ''].map(async (accepted) => {
        const response = await get(js, { 'Accept-Encoding': accepted });
        return [response.headers.get('Content-Encoding'), await response.text()];
      }),
    );
    expect(bodies).toEqual([
      ['br', 'brotli'],
      ['gzip', 'gzip'],
      [null, 'export {};'],
    ]);
    const response = await get(js);
    expect(response.headers.get('Content-Type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('Cache-Control')).toContain('immutable');
    expect(response.headers.get('Vary')).toBe('Accept-Encoding');
  });

  it('sends what a browser has, in the encoding that it takes, not a second time', async () => {
    const plain = await get('/');
    const etag = plain.headers.get('ETag')!;
    const again = await get('/', { 'If-None-Match': `"other", ${etag}` });
    expect([again.status, await again.text(), again.headers.get('ETag')]).toEqual([304, '', etag]);
    // What it may do is said again: a cache takes the headers of the last answer.
    expect(again.headers.get('Content-Security-Policy')).toContain("default-src 'self'");
    expect((await get('/', { 'If-None-Match': '"other"' })).status).toBe(200);
    const compressed = await get('/', { 'Accept-Encoding': 'gzip', 'If-None-Match': etag });
    expect([compressed.status, await compressed.text()]).toEqual([200, 'gzipped page']);
    expect((await get('/assets/main-abc.js')).headers.get('ETag')).toBeNull();
  });

  it('knows a new release by its content, whatever sizes and times say', async () => {
    const old = (await get('/')).headers.get('ETag');
    const next = join(directory, 'next');
    await cp(join(directory, 'site'), next, { recursive: true, preserveTimestamps: true });
    await writeFile(join(next, 'index.html'), '<!DOCTYPE html>');
    const { atime, mtime } = await stat(join(directory, 'site', 'index.html'));
    await utimes(join(next, 'index.html'), atime, mtime);
    const released = await HttpRig.started(await siteRoutes(`${next}/`));
    const page = await released.ask('/', { key: null, headers: { 'If-None-Match': old! } });
    expect([page.status, await page.text()]).toEqual([200, '<!DOCTYPE html>']);
    await released.close();
  });

  it('lets nothing be kept unasked but what carries its version in its name', async () => {
    const kept = async (path: string) => (await get(path)).headers.get('Cache-Control');
    expect(await kept('/ort/1.30.0/ort.wasm')).toBe('public, max-age=31536000, immutable');
    expect(await kept('/service-worker.js')).toBe('no-cache');
    expect(await kept('/')).toBe('no-cache');
  });

  it('gives the loader of the widget to every page, and nothing else', async () => {
    const [loader, script] = [await get('/widget.js'), await get('/assets/main-abc.js')];
    expect(loader.headers.get('Access-Control-Allow-Origin')).toBe('*');
    expect(loader.headers.get('Cross-Origin-Resource-Policy')).toBe('cross-origin');
    expect(loader.headers.get('Cache-Control')).toBe('no-cache');
    expect(script.headers.get('Access-Control-Allow-Origin')).toBeNull();
    // The frame embeds nothing foreign, and its workers have to say the same.
    expect(script.headers.get('Cross-Origin-Embedder-Policy')).toBe('require-corp');
  });

  it('HEAD is without the body', async () => {
    const head = await http.ask('/index.html', { key: null, method: 'HEAD' });
    expect([head.status, head.headers.get('Content-Length'), await head.text()]).toEqual([
      200,
      '15',
      '',
    ]);
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '//secret.txt',
    '/assets/',
    '/assets',
    '/index.html/',
    '/nothing.js',
    // Sent only with where they may be shown.
    '/widget/index.html',
    '/widget/unavailable.html',
    '/..\\secret.txt',
  ])('%s is not of it', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain('secret\n');
    expect(response.headers.get('Content-Type')).toBe('application/problem+json');
  });

  it('the API stands before it, and unknown paths of other methods stay unknown', async () => {
    expect((await get('/healthz')).status).toBe(200);
    expect(await http.problem('/index.php', { method: 'POST' })).toMatchObject({
      code: 'not-found',
    });
  });
});
