/** `idlewave webhooks` against a server that answers as a test says. */
import { afterEach, expect, it } from 'vitest';
import { scriptedServer, type Handler, type ScriptedServer } from '../testing/scriptedServer.ts';
import { ranCli } from './testing/ranCli.ts';

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const run = async (handler: Handler, ...argv: string[]) => {
  server = await scriptedServer(handler);
  return ranCli(['webhooks', ...argv], server);
};

const WEBHOOK = {
  id: 'wh_1',
  url: 'https://a.example/',
  events: ['job.done'],
  owner: 'key_1',
  createdAtMs: 5,
  disabled: null,
};
const ATTEMPT = { atMs: 6, tookMs: 7, status: 500, error: 'answered 500, expected 2xx' };

it('add prints id and secret, and asks for the events that were named', async () => {
  const reply: Handler = () => ({ status: 201, json: { ...WEBHOOK, secret: 'whsec_AAAA' } });
  const { code, out, err } = await run(reply, 'add', WEBHOOK.url, '--events', 'job.done');
  expect([code, out]).toEqual([0, 'wh_1 whsec_AAAA\n']);
  expect(err).toContain('idlewave webhooks test wh_1');
  expect(JSON.parse(server!.requests[0]!.body.toString())).toEqual({
    url: WEBHOOK.url,
    events: ['job.done'],
  });
});

it('add names the events that there are where one is none', async () => {
  const ran = await ranCli(['webhooks', 'add', WEBHOOK.url, '--events', 'job.posted'], undefined);
  expect(ran.code).toBe(2);
  expect(ran.err).toContain('job.done');
});

it('ls says which are on, and why one is not', async () => {
  const disabled = { why: 'the endpoint answered 410', atMs: 9 };
  const rows = [WEBHOOK, { ...WEBHOOK, id: 'wh_2', disabled }];
  const { out, err } = await run(() => ({ json: { rows } }), 'ls');
  expect(out).toMatch(/WEBHOOK +STATE +URL +EVENTS\nwh_1 +on +https.*job\.done\nwh_2 +disabled/);
  expect(err).toContain('wh_2: the endpoint answered 410');
});

it('deliveries says of each event what was tried and when it is tried again', async () => {
  const delivery = { event: 'evt_job_1', eventType: 'job.done', atMs: 0, attempts: [ATTEMPT] };
  const rows = [
    { ...delivery, state: 'waiting', nextAttemptAtMs: 60_000, why: null },
    { ...delivery, state: 'failed', nextAttemptAtMs: null, why: 'given up' },
  ];
  const text = await run(() => ({ json: { rows } }), 'deliveries', 'wh_1');
  expect(text.out).toMatch(/waiting +1 +answered 500, expected 2xx; again at 1970-01-01T00:01:00/);
  expect(text.out).toMatch(/failed +1 +given up/);
  await server?.close();
  const json = await run(() => ({ json: { rows } }), 'deliveries', 'wh_1', '--json');
  expect(JSON.parse(json.out.split('\n')[0]!)).toEqual({
    type: 'delivery',
    webhook: 'wh_1',
    ...rows[0],
  });
});

it('test says what came back, and fails where the ping was not taken', async () => {
  const json = { event: 'evt_1', delivered: false, ...ATTEMPT };
  const refused = await run(() => ({ json }), 'test', 'wh_1');
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('answered 500');
  await server?.close();
  const taken = { ...json, delivered: true, status: 204, error: null };
  const { code, out } = await run(() => ({ json: taken }), 'test', 'wh_1');
  expect([code, out]).toEqual([0, 'Answered 204 in 7 ms\n']);
});

it('rm removes it', async () => {
  const { code, out } = await run(() => ({ status: 204 }), 'rm', 'wh_1');
  expect([code, out]).toEqual([0, 'Removed wh_1\n']);
  expect(server!.lines()).toEqual(['DELETE /v1/webhooks/wh_1']);
});
