/** What is told to whom, how often, and that the death of the process takes nothing away. */
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_NAME_CHARS } from '../../shared/limits.ts';
import {
  MAX_KEPT_EVENTS_PER_KEY,
  MAX_OPEN_EVENTS_PER_KEY,
  MAX_WEBHOOK_PAYLOAD_BYTES,
  MAX_WEBHOOK_SENDS_PER_ENDPOINT,
  MAX_WEBHOOKS_PER_KEY,
} from '../../shared/webhookLimits.ts';
import { webhookEventSchema } from '../../shared/protocol/webhooks.ts';
import { jobOf } from '../core/testing/work.ts';
import { eventOfJob } from './events.ts';
import { answered } from './testing/recordingPosts.ts';
import { AUTHOR, WebhookWorld } from './testing/webhookWorld.ts';
import type { WebhookAnswer } from './transport.ts';

let world: WebhookWorld;
beforeEach(async () => {
  world = new WebhookWorld();
  await world.rig.start();
});
afterEach(async () => {
  expect(world.rig.fatal).toEqual([]);
  await world.webhooks.close();
  await world.rig.engine.stop();
});

const posted = () => world.posts.posted;
const idOf = (index: number) => posted()[index]!.headers['webhook-id'];
const FOREVER = new Promise<WebhookAnswer>(() => undefined);
const hanging = (_: unknown, signal: AbortSignal): Promise<WebhookAnswer> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ kind: 'unanswered', why: 'closing' }));
  });

describe('events', () => {
  it('of a job are posted once it has ended, in the shape of its view, and signed', async () => {
    const endpoint = await world.endpoint();
    const workers = [await world.rig.worker('a', 2), await world.rig.worker('b', 2)];
    const job = await world.rig.post();
    await world.quiet();
    expect(posted()).toEqual([]);
    for (const worker of workers) for (const index of [0, 1]) world.rig.report(worker, index);
    await world.quiet();
    expect(posted()).toHaveLength(1);
    const { url, headers, payload } = posted()[0]!;
    expect(url).toBe('https://a.example/');
    expect(webhookEventSchema.parse(JSON.parse(payload))).toMatchObject({
      type: 'job.done',
      timestamp: new Date(world.rig.nowMs).toISOString(),
      data: { id: job.id, name: job.name, state: 'done', items: { total: 20, settled: 20 } },
    });
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = headers;
    expect([id, at]).toEqual([`evt_${job.id}`, String(world.rig.nowMs / 1_000)]);
    const key = Buffer.from(endpoint.body.secret.replace('whsec_', ''), 'base64');
    const expected = createHmac('sha256', key).update(`${id}.${at}.${payload}`).digest('base64');
    expect(signature).toBe(`v1,${expected}`);
    expect(await world.webhooks.deliveries(endpoint)).toMatchObject([
      {
        event: id,
        eventType: 'job.done',
        state: 'delivered',
        attempts: [{ status: 204, error: null }],
      },
    ]);
    expect(await world.records.count('openEvent', null)).toBe(0);
  });

  it('are told to those who want them, and only of what ends after they are there', async () => {
    await world.endpoint(['job.done'], 'done');
    await world.cancelledJob();
    expect(posted()).toEqual([]);
    expect(await world.records.count('openEvent', null)).toBe(0);
    await world.endpoint(['job.cancelled', 'job.done'], 'cancelled');
    await world.cancelledJob();
    expect(posted().map(({ url }) => url)).toEqual(['https://a.example/cancelled']);
  });

  it('are small whatever a job is called, and why ever it failed', () => {
    const reason = '\u0000'.repeat(100_000);
    const state = { kind: 'failed', endedAtMs: 5, reason } as const;
    const job = jobOf({ name: '\u0000'.repeat(MAX_NAME_CHARS), state });
    const { payload } = eventOfJob(job, 'job.failed').body;
    expect(Buffer.byteLength(payload)).toBeLessThan(MAX_WEBHOOK_PAYLOAD_BYTES);
  });

  it('are not made of a job whose answer is waited for', async () => {
    await world.endpoint();
    const job = await world.rig.post();
    world.webhooks.leaveOut(job.id);
    await world.rig.engine.jobs.cancel(job.id);
    world.webhooks.takeIn(job.id);
    await world.quiet();
    expect(posted()).toEqual([]);
    await world.cancelledJob();
    expect(posted()).toHaveLength(1);
  });

  it('are not made where the operator wants none posted', async () => {
    world.networks = 'none';
    await world.endpoint();
    await world.killed();
    await world.cancelledJob();
    expect([posted(), await world.records.count('openEvent', null)]).toEqual([[], 0]);
  });
});

describe('the death of the process', () => {
  it('right after the commit of the end takes nothing away', async () => {
    await world.endpoint();
    world.posts.answer = () => FOREVER;
    const job = await world.cancelledJob();
    expect(world.rig.commits.at(-1)?.events).toMatchObject([{ id: `evt_${job}` }]);
    world.posts.answer = () => answered(200);
    await world.killed();
    expect(posted()).toHaveLength(2);
    expect([idOf(0), posted()[0]!.payload]).toEqual([idOf(1), posted()[1]!.payload]);
    await world.killed();
    expect(posted()).toHaveLength(2);
  });

  it('between two attempts begins no new count, and waits as long as was left', async () => {
    const endpoint = await world.endpoint();
    world.posts.answer = () => answered(500);
    await world.cancelledJob();
    await world.sweep(4_000);
    expect(posted()).toHaveLength(2);
    await world.killed();
    expect(posted()).toHaveLength(2);
    await world.sweep(15_999);
    expect(posted()).toHaveLength(2);
    world.posts.answer = () => answered(200);
    await world.sweep(1);
    expect(new Set([0, 1, 2].map(idOf)).size).toBe(1);
    const [delivery] = await world.webhooks.deliveries(endpoint);
    expect(delivery?.attempts.map(({ status }) => status)).toEqual([500, 500, 200]);
  });

  it('after an endpoint was removed ends what was on its way to it', async () => {
    const endpoint = await world.endpoint();
    world.posts.answer = () => answered(500);
    await world.cancelledJob();
    // As far as removing comes before the process dies.
    await world.webhooks.endpoints.remove(endpoint.id);
    await world.killed();
    await world.sweep(100_000);
    expect(posted()).toHaveLength(1);
    expect(await world.records.count('openEvent', null)).toBe(0);
  });

  it('on purpose breaks attempts off, which are made again', async () => {
    await world.endpoint();
    world.posts.answer = hanging;
    await world.cancelledJob();
    await world.webhooks.close();
    world.posts.answer = () => answered(200);
    await world.killed();
    expect(posted()).toHaveLength(2);
  });
});

describe('an endpoint', () => {
  it('that hangs holds up no other, nor the engine, and is asked a few things at once', async () => {
    await world.endpoint(undefined, 'slow');
    await world.endpoint(undefined, 'fast');
    world.posts.answer = ({ url }, signal) =>
      url.endsWith('slow') ? hanging(null, signal) : answered(200);
    for (let i = 0; i < 20; i++) await world.cancelledJob();
    const count = (path: string) => posted().filter(({ url }) => url.endsWith(path)).length;
    expect([count('slow'), count('fast')]).toEqual([MAX_WEBHOOK_SENDS_PER_ENDPOINT, 20]);
  });

  it('that says it is gone is told nothing more, until it takes a ping', async () => {
    const endpoint = await world.endpoint();
    world.posts.answer = () => answered(410);
    await world.cancelledJob();
    expect(world.logged).toContain('webhook-disabled');
    const disabled = () => world.webhooks.endpoints.find(AUTHOR, endpoint.id)!.body.disabled;
    expect(disabled()?.why).toContain('410');
    const [delivery] = await world.webhooks.deliveries(endpoint);
    expect(delivery).toMatchObject({ state: 'failed', nextAttemptAtMs: null });
    expect(delivery!.why).toContain('410');
    await world.cancelledJob();
    await world.killed();
    expect(posted()).toHaveLength(1);
    world.posts.answer = () => ({ kind: 'unanswered', why: 'connect ECONNREFUSED' });
    expect(await world.webhooks.test(endpoint)).toMatchObject({
      value: { delivered: false, status: null, error: 'connect ECONNREFUSED' },
    });
    expect(disabled()).not.toBeNull();
    world.posts.answer = () => answered(204);
    const taken = await world.webhooks.test(endpoint);
    expect(taken).toMatchObject({ value: { delivered: true, status: 204 } });
    expect(webhookEventSchema.parse(JSON.parse(posted().at(-1)!.payload)).type).toBe('ping');
    expect(disabled()).toBeNull();
    await world.cancelledJob();
    expect(posted()).toHaveLength(4);
  });

  it('that never answers well is given up, and its author sees every attempt', async () => {
    const endpoint = await world.endpoint();
    world.posts.answer = () => answered(302);
    await world.cancelledJob();
    for (let i = 0; i < 20; i++) await world.sweep(20 * 3_600_000);
    const [delivery] = await world.webhooks.deliveries(endpoint);
    expect(delivery).toMatchObject({
      state: 'failed',
      attempts: posted().map(() => ({ status: 302 })),
    });
    expect(delivery!.why).toContain('redirects are not followed');
    expect(world.logged).toContain('webhook-given-up');
    expect(await world.records.count('openEvent', null)).toBe(0);
  });

  it('that is behind has a bound: the oldest events give way', async () => {
    const endpoint = await world.endpoint();
    world.posts.answer = () => answered(503);
    const nowMs = () => world.rig.nowMs;
    const MORE = 3;
    for (let i = 0; i < MAX_OPEN_EVENTS_PER_KEY + MORE; i++) {
      const id = `job_${i}` as never;
      const event = eventOfJob(
        jobOf({ id, state: { kind: 'done', endedAtMs: nowMs() + i } }),
        'job.done',
      );
      await world.records.put(event);
      world.webhooks.committed(event);
    }
    await world.quiet();
    await world.webhooks.close();
    expect(await world.records.count('openEvent', AUTHOR)).toBe(MAX_OPEN_EVENTS_PER_KEY);
    const sent = await world.records.list('sentEvent', AUTHOR, null, 10);
    expect(sent.rows.map(({ id }) => id)).toEqual(['evt_job_2', 'evt_job_1', 'evt_job_0']);
    expect(sent.rows[0]!.body.deliveries[endpoint.id]!.state).toMatchObject({
      kind: 'failed',
      why: expect.stringContaining('gave way') as string,
    });
  });

  it('is remembered with its last events only', async () => {
    const endpoint = await world.endpoint();
    for (let i = 0; i < MAX_KEPT_EVENTS_PER_KEY + 60; i++) {
      const id = `job_${String(i).padStart(4, '0')}` as never;
      const state = { kind: 'done', endedAtMs: world.rig.nowMs } as const;
      const event = eventOfJob(jobOf({ id, state }), 'job.done');
      await world.records.put(event);
      world.webhooks.committed(event);
      if (i % 20 === 0) await world.quiet();
    }
    await world.quiet();
    expect(await world.records.count('sentEvent', AUTHOR)).toBeLessThan(
      MAX_KEPT_EVENTS_PER_KEY + 60,
    );
    expect(await world.webhooks.deliveries(endpoint)).toHaveLength(MAX_KEPT_EVENTS_PER_KEY);
  });
});

it('a key has so many endpoints and no more', async () => {
  for (let i = 0; i < MAX_WEBHOOKS_PER_KEY; i++) await world.endpoint();
  const more = await world.webhooks.endpoints.create(AUTHOR, { url: 'https://a.example/' });
  expect(more.ok ? null : more.error.code).toBe('too-many-webhooks');
});
