/** Webhooks over HTTP: what is told once, what is refused, and that no author sees or ends another's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BatchView } from '../../../shared/protocol/batches.ts';
import {
  webhookEventSchema,
  type CreatedWebhook,
  type WebhookDelivery,
} from '../../../shared/protocol/webhooks.ts';
import { encodeTensors } from '../../../shared/safetensors.ts';
import { tensorOf } from '../../../shared/tensor.ts';
import { answered } from '../../webhooks/testing/recordingPosts.ts';
import { HttpRig } from '../testing/httpRig.ts';

const URL_TAKEN = 'https://a.example/events';

let http: HttpRig;
let stranger: string;
beforeAll(async () => {
  http = await HttpRig.started();
  stranger = (await http.keys.create('stranger')).key;
});
afterAll(() => http.close());

const added = (body: object = { url: URL_TAKEN }): Promise<CreatedWebhook> =>
  http.json<CreatedWebhook>('/v1/webhooks', { body });

it('the secret is told once, and to nobody else', async () => {
  const { secret, ...view } = await added();
  expect(Buffer.from(secret.replace(/^whsec_/, ''), 'base64')).toHaveLength(32);
  for (const key of [http.key, http.keys.adminToken]) {
    for (const path of ['/v1/webhooks', `/v1/webhooks/${view.id}`])
      expect(await (await http.ask(path, { key })).text()).not.toContain('whsec_');
  }
  expect(await http.json(`/v1/webhooks/${view.id}`)).toEqual(view);
  expect(view).toMatchObject({ url: URL_TAKEN, disabled: null });
});

it('another author sees, tries, reads and removes none of them; the operator may', async () => {
  const { id } = await added();
  const asked: [method: string, path: string][] = [
    ['GET', ''],
    ['GET', '/deliveries'],
    ['POST', '/test'],
    ['DELETE', ''],
  ];
  for (const [method, path] of asked) {
    const problem = await http.problem(`/v1/webhooks/${id}${path}`, { method, key: stranger });
    expect([method, path, problem.code]).toEqual([method, path, 'not-found']);
  }
  expect(await http.json('/v1/webhooks', { key: stranger })).toEqual({ rows: [] });
  const key = http.keys.adminToken;
  expect((await http.ask(`/v1/webhooks/${id}`, { method: 'DELETE', key })).status).toBe(204);
  expect((await http.problem(`/v1/webhooks/${id}`)).code).toBe('not-found');
});

it.each([
  ['an inner address', { url: 'https://10.1.2.3/' }, 'webhook-url-refused', 'url'],
  ['plain http', { url: 'http://a.example/' }, 'webhook-url-refused', 'url'],
  ['an unknown event', { url: URL_TAKEN, events: ['job.posted'] }, 'invalid-field', 'events.0'],
  ['no events', { url: URL_TAKEN, events: [] }, 'invalid-field', 'events'],
  ['a URL that is too long', { url: `${URL_TAKEN}/${'x'.repeat(1_000)}` }, 'invalid-field', 'url'],
])('%s is refused', async (_name, body, code, field) => {
  expect(await http.problem('/v1/webhooks', { body })).toMatchObject({ status: 422, code, field });
});

it('an author sees of every event what became of it', async () => {
  const { id } = await added({ url: URL_TAKEN, events: ['job.cancelled'] });
  http.posts.answer = () => ({ kind: 'unanswered', why: 'connect ECONNREFUSED' });
  const job = (await http.post()).id;
  await http.ask(`/v1/jobs/${job}/cancel`, { method: 'POST' });
  await http.links.rig.quiet();
  const path = `/v1/webhooks/${id}/deliveries`;
  const { rows } = await http.json<{ rows: WebhookDelivery[] }>(path);
  expect(rows).toMatchObject([
    {
      event: `evt_${job}`,
      eventType: 'job.cancelled',
      state: 'waiting',
      attempts: [{ status: null, error: 'connect ECONNREFUSED' }],
    },
  ]);
  expect(rows[0]!.nextAttemptAtMs).toBeGreaterThan(http.links.rig.nowMs);
  const tested = await http.json(`/v1/webhooks/${id}/test`, { method: 'POST' });
  expect(tested).toMatchObject({ delivered: false, error: 'connect ECONNREFUSED' });
});

describe('a batch', () => {
  const form = (content: string, key: string) => ({
    key,
    method: 'POST',
    headers: { 'Content-Type': 'multipart/form-data; boundary=x' },
    body:
      '--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n' +
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n' +
      `${content}\r\n--x--\r\n`,
  });
  const told = () =>
    http.posts.posted.map(({ payload }) => webhookEventSchema.parse(JSON.parse(payload)));

  it('is told when it has ended, and again where that may have been lost', async () => {
    const { id: author, key } = await http.keys.create('batches');
    const one = tensorOf('F32', [1, 1, 1], Float32Array.of(1));
    const stacked = await http.upload(encodeTensors({ a: one, b: one }));
    const program = { kind: 'kernel', kernel: 'matmul@1', params: { m: 1, k: 1, n: 1 } };
    const model = { program, inputs: { stacked } };
    expect((await http.ask('/v1/models/m', { method: 'PUT', body: model, key })).status).toBe(201);
    const order = { url: URL_TAKEN, events: ['batch.failed'] };
    await http.ask('/v1/webhooks', { body: order, key });
    http.posts.posted.length = 0;
    http.posts.answer = () => answered(204);
    const file = (await http.json<{ id: string }>('/v1/files', form('{}\n', key))).id;
    const endpoint = '/v2/models/m/infer';
    const body = { input_file_id: file, endpoint, completion_window: '24h' };
    const { id } = await http.json<BatchView>('/v1/batches', { body, key });
    await expect.poll(() => told().filter(({ type }) => type === 'batch.failed')).toHaveLength(1);
    const event = told().find(({ type }) => type === 'batch.failed');
    expect(event).toMatchObject({ data: { id, status: 'failed', object: 'batch' } });
    // As if the process had died before it was written down that the batch is closed.
    const { authorRecords: records } = http.deps.store;
    await expect.poll(() => records.count('openBatch', author)).toBe(0);
    await expect.poll(() => records.count('openEvent', author)).toBe(0);
    const record = (await records.get('batch', id))!;
    await records.put({ ...record, kind: 'openBatch', body: null });
    await http.deps.batches.start();
    expect(await records.count('openBatch', author)).toBe(0);
    const ids = http.posts.posted.map(({ headers }) => headers['webhook-id']);
    expect(ids.filter((it) => it === `evt_${id}`)).toHaveLength(2);
  });
});
