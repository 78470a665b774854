import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { AddressCounts } from './addressCounts.ts';
import { UpgradeRouter, queryOf } from './upgrades.ts';

let server: Server;
const sockets = new WebSocketServer({ noServer: true });
const refused: string[] = [];
beforeAll(async () => {
  const router = new UpgradeRouter(
    (code) => refused.push(code),
    ({ headers }) =>
      headers['x-shut'] === undefined ? null : { code: 'not-ready', detail: 'not now' },
  );
  router.add('/one', { refusal: () => null, open: () => expect.unreachable('it was replaced') });
  for (const path of ['/one', '/two']) {
    router.add(path, {
      refusal: (request) =>
        queryOf(request).has('full') ? { code: 'too-many-links', detail: 'full' } : null,
      open: (request, socket, head) =>
        sockets.handleUpgrade(request, socket, head, (ws) =>
          ws.send(`${path} ${queryOf(request).get('q') ?? ''}`),
        ),
    });
  }
  server = createServer();
  router.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  for (const ws of sockets.clients) ws.terminate();
  await new Promise((resolve) => server.close(resolve));
});

function ask(path: string, headers: Record<string, string> = {}): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  return new Promise((resolve) => {
    ws.on('message', (data: Buffer) => resolve(data.toString()));
    ws.on('unexpected-response', (_, response) => resolve(String(response.statusCode)));
    ws.on('error', () => undefined);
  });
}

it('an upgrade goes to the service of its path, with its query, or is refused', async () => {
  expect(await ask('/one?q=a%20b')).toBe('/one a b');
  expect(await ask('/two')).toBe('/two ');
  expect(await ask('/three')).toBe('404');
  expect(await ask('/one/')).toBe('404');
  expect(await ask('/two?full')).toBe('429');
  expect(await ask('/one', { 'X-Shut': '' })).toBe('503');
  expect(refused).toEqual(['not-found', 'not-found', 'too-many-links', 'not-ready']);
});

it('sockets are counted in all and by address, down to none', () => {
  const counts = new AddressCounts(3, 2);
  const enter = (address: string) => {
    const problem = counts.refusal(address);
    if (problem === null) counts.enter(address);
    return problem?.code ?? null;
  };
  expect(['a', 'a', 'a', 'b', 'c'].map(enter)).toEqual([
    null,
    null,
    'too-many-links',
    null,
    'too-many-links',
  ]);
  counts.leave('a');
  expect(['b', 'c'].map(enter)).toEqual([null, 'too-many-links']);
});
