/**
 * Webhooks of a real coordinator to a real server: signed, tried again where they fail, and not lost when the coordinator is
 * killed.
 */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { verifyWebhook, type IdlewaveClient, type WebhookEvent } from '../client.ts';
import { CoordinatorProcess } from './testing/idlewaveProcess.ts';
import { kernelJob } from './testing/kernelJob.ts';
import { startTestHost, type TestHost } from './testing/testHost.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let coordinator: CoordinatorProcess;
let client: IdlewaveClient;
let server: Server;
let url: string;
const hosts: TestHost[] = [];
let received: Received[] = [];
/** Of the next requests, in order; 204 after that. */
let statuses: number[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(statuses.shift() ?? 204).end('an answer');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://localhost:${(server.address() as AddressInfo).port}/idlewave`;
  coordinator = await CoordinatorProcess.start({ flags: ['--webhook-networks', 'private'] });
  client = coordinator.client();
  hosts.push(await startTestHost(coordinator.url), await startTestHost(coordinator.url));
});
afterEach(async () => {
  received = [];
  statuses = [];
  for (const { id } of await client.webhooks.list()) await client.webhooks.delete(id);
});
afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  await coordinator.stop();
  server.closeAllConnections();
  server.close();
});

const smallJob = (seed: number) =>
  client.submit(kernelJob({ items: 4, itemsPerShard: 2, samplesPerItem: 100, seed }));
const verified = (secret: string): Promise<WebhookEvent[]> =>
  Promise.all(received.map(({ headers, body }) => verifyWebhook(secret, headers, body)));
const came = async (count: number): Promise<void> => {
  await expect.poll(() => received.length, { timeout: 120_000 }).toBe(count);
};

test('a job that is done is told, signed, with what its view says', async () => {
  const { id, secret } = await client.webhooks.create({ url, events: ['job.done'] });
  expect(await client.webhooks.test(id)).toMatchObject({ delivered: true, status: 204 });
  const job = await smallJob(1);
  await came(2);
  const [ping, done] = await verified(secret);
  expect(ping).toMatchObject({ type: 'ping', data: { id } });
  expect(done).toMatchObject({
    type: 'job.done',
    data: { id: job.id, state: 'done', items: { total: 4, settled: 4, failed: 0 } },
  });
  await expect
    .poll(() => client.webhooks.deliveries(id))
    .toMatchObject([{ event: `evt_${job.id}`, state: 'delivered' }]);
});

test('an endpoint that fails twice is told the same again, over a kill of the coordinator', async () => {
  const { id, secret } = await client.webhooks.create({ url });
  statuses = [500, 500];
  const job = await smallJob(2);
  await came(1);
  await expect.poll(async () => (await client.webhooks.deliveries(id))[0]?.attempts.length).toBe(1);
  await coordinator.kill9();
  await coordinator.restart();
  await came(3);
  const ids = received.map(({ headers }) => headers['webhook-id']);
  expect(ids).toEqual(Array(3).fill(`evt_${job.id}`));
  const events = await verified(secret);
  expect(new Set(received.map(({ body }) => body)).size).toBe(1);
  expect(events[0]).toMatchObject({ type: 'job.done', data: { id: job.id } });
  await expect
    .poll(async () => (await client.webhooks.deliveries(id))[0])
    .toMatchObject({
      state: 'delivered',
      // Whether the first was written down before the kill is chance.
      attempts: expect.arrayContaining([
        expect.objectContaining({ status: 500 }),
        expect.objectContaining({ status: 204, error: null }),
      ]) as object,
    });
});

test('what ended right before a kill is told after it', async () => {
  const { secret } = await client.webhooks.create({ url, events: ['job.cancelled'] });
  for (const host of hosts) host.pause();
  statuses = [503];
  const job = await smallJob(3);
  await job.cancel();
  // The kill meets the first attempt before, in, or after it: the event comes in any case.
  await coordinator.kill9();
  await coordinator.restart();
  const told = async () => (await verified(secret)).filter(({ type }) => type === 'job.cancelled');
  await expect.poll(() => statuses.length, { timeout: 120_000 }).toBe(0);
  await expect.poll(async () => (await told()).length, { timeout: 120_000 }).toBeGreaterThan(1);
  expect((await told()).at(-1)).toMatchObject({ data: { id: job.id, state: 'cancelled' } });
  for (const host of hosts) host.resume();
});

test('a coordinator posts to no address of its own network, unless it is told to', async () => {
  const open = await CoordinatorProcess.start();
  try {
    for (const refused of [url, url.replace('http:', 'https:'), 'https://169.254.169.254/'])
      await expect(open.client().webhooks.create({ url: refused })).rejects.toMatchObject({
        problem: { code: 'webhook-url-refused', field: 'url' },
      });
  } finally {
    await open.stop();
  }
});

test('the command line registers, tries, lists, explains and removes', async () => {
  const added = await coordinator.command('webhooks', 'add', url, '--json');
  const { id } = JSON.parse(added.stdout) as { id: string };
  expect((await coordinator.command('webhooks', 'test', id)).stdout).toMatch(/^Answered 204 in/);
  expect((await coordinator.command('webhooks', 'ls')).stdout).toContain(`${id}  on`);
  statuses = [500];
  const job = await smallJob(4);
  await came(2);
  const listed = await coordinator.command('webhooks', 'deliveries', id);
  expect(listed.stdout).toContain(job.id);
  expect((await coordinator.command('webhooks', 'rm', id)).stdout).toBe(`Removed ${id}\n`);
});
