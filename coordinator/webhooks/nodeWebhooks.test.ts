/** Webhooks over real sockets: what is connected to, what is read of an answer, and what is said where none comes. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { MAX_WEBHOOK_ANSWER_BYTES } from '../../shared/webhookLimits.ts';
import type { WebhookAnswer } from './transport.ts';
import { nodeWebhooks, type Resolve } from './nodeWebhooks.ts';

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(
  answer: (response: ServerResponse) => void,
): Promise<{ port: number; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, received };
}

const never = new AbortController().signal;
const post = (url: string, resolve: Resolve, signal = never): Promise<WebhookAnswer> =>
  nodeWebhooks('private', resolve).post(
    { url, headers: { 'webhook-id': 'evt_1' }, payload: '{}' },
    signal,
  );

it('looks a name up once and connects to what it found, whatever the name says later', async () => {
  const { port, received } = await serve((response) => response.writeHead(204).end());
  let asked = 0;
  const resolve: Resolve = async () => (asked++ === 0 ? ['127.0.0.1'] : ['192.0.2.1']);
  const answer = await post(`http://hooks.invalid:${port}/x`, resolve);
  expect([answer, asked]).toEqual([{ kind: 'answered', status: 204 }, 1]);
  expect(received[0]).toMatchObject({
    body: '{}',
    headers: {
      host: `hooks.invalid:${port}`,
      'webhook-id': 'evt_1',
      'content-type': 'application/json',
    },
  });
});

it('connects to no name that leads to a private address, when it is registered or later', async () => {
  const transport = nodeWebhooks('public', async () => ['10.0.0.7', '127.0.0.1']);
  const problem = await transport.problemOf('https://hooks.invalid/');
  expect(problem).toMatchObject({
    code: 'webhook-url-refused',
    came: 'hooks.invalid',
  });
  const order = { url: 'https://hooks.invalid/', headers: {}, payload: '' };
  expect(await transport.post(order, never)).toMatchObject({
    kind: 'unanswered',
    why: expect.stringContaining('not public') as string,
  });
  expect(await transport.post({ ...order, url: 'http://hooks.invalid/' }, never)).toMatchObject({
    why: expect.stringContaining('https://') as string,
  });
});

it('takes a name that nobody knows yet, and says so when something is posted', async () => {
  const transport = nodeWebhooks('public', () => Promise.reject(new Error('ENOTFOUND hooks')));
  expect(await transport.problemOf('https://hooks.invalid/')).toBeNull();
  const answer = await transport.post(
    { url: 'https://hooks.invalid/', headers: {}, payload: '' },
    never,
  );
  expect(answer).toEqual({ kind: 'unanswered', why: 'ENOTFOUND hooks' });
});

it('follows no redirect', async () => {
  const target = await serve((response) => response.end());
  const { port } = await serve((response) =>
    response.writeHead(307, { location: `http://127.0.0.1:${target.port}/` }).end(),
  );
  const answer = await post(`http://127.0.0.1:${port}/`, async () => []);
  expect(answer).toEqual({ kind: 'answered', status: 307 });
  expect(target.received).toEqual([]);
});

it('reads little of an endless answer', async () => {
  let written = 0;
  let cut: () => void = () => undefined;
  const isCut = new Promise<void>((resolve) => (cut = resolve));
  const { port } = await serve((response) => {
    response.on('close', cut);
    const part = Buffer.alloc(MAX_WEBHOOK_ANSWER_BYTES);
    const more = (): void => {
      if (response.destroyed) return;
      written += part.byteLength;
      response.write(part, () => setImmediate(more));
    };
    more();
  });
  expect(await post(`http://127.0.0.1:${port}/`, async () => [])).toEqual({
    kind: 'answered',
    status: 200,
  });
  await isCut;
  // The rest is what sockets hold.
  expect(written).toBeLessThan(64 * 1024 * 1024);
});

it('takes no other protocol for an answer', async () => {
  const { port } = await serve((response) => {
    response.writeHead(101, { connection: 'upgrade', upgrade: 'websocket' }).end();
  });
  const answer = await post(`http://127.0.0.1:${port}/`, async () => []);
  expect(answer).toEqual({ kind: 'answered', status: 101 });
});

it('says why no answer came, and ends when it is told to', async () => {
  const { port } = await serve((response) => response.destroy());
  const broken = await post(`http://127.0.0.1:${port}/`, async () => []);
  expect(broken).toEqual({ kind: 'unanswered', why: 'socket hang up' });
  const silent = await serve(() => undefined);
  const ends = new AbortController();
  const asked = post(`http://127.0.0.1:${silent.port}/`, async () => [], ends.signal);
  const lookingUp = post('http://hooks.invalid/', () => new Promise(() => undefined), ends.signal);
  await expect.poll(() => silent.received.length).toBe(1);
  ends.abort();
  for (const answer of [await asked, await lookingUp]) expect(answer.kind).toBe('unanswered');
});
