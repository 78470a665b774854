/**
 * Following a job over a server that breaks off, restarts and refuses streams: nothing is lost or doubled.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { problemDetails } from '../shared/protocol/problem.ts';
import { tensorOf, valuesOf } from '../shared/tensor.ts';
import { IdlewaveClient } from './client.ts';
import type { Job } from './job.ts';
import { collectResults } from './results.ts';
import { doneView, eventText, jobView, pageReply, settledView } from './testing/jobViews.ts';
import {
  scriptedServer,
  type Handler,
  type Reply,
  type ScriptedServer,
} from './testing/scriptedServer.ts';

const QUICK = { firstPatienceMs: 5_000, patienceMs: 5_000, baseDelayMs: 1, maxDelayMs: 2 };

let server: ScriptedServer;
afterEach(() => server.close());

async function jobOf(handler: Handler): Promise<Job> {
  server = await scriptedServer((request) =>
    request.path === '/v1/jobs/job_1' && server.requests.length === 1
      ? { json: jobView() }
      : handler(request),
  );
  return new IdlewaveClient({ url: server.url, retry: QUICK }).job('job_1');
}

/** Answers one after another; the last one again and again. */
function inTurn(replies: readonly (Reply | 'break')[]): () => Reply | 'break' {
  let next = 0;
  return () => replies[Math.min(next++, replies.length - 1)]!;
}

const NOTHING_NEW: Reply = { status: 204, headers: { 'Idlewave-Next': '2' } };

describe('events', () => {
  it('go on over broken streams and restarts, without repeating a state', async () => {
    const streams = inTurn([
      { events: eventText(settledView(0)) + eventText(settledView(1)), then: 'break' },
      'break',
      { status: 503, json: problemDetails({ code: 'not-ready', detail: 'starting' }) },
      { events: eventText(settledView(1)) + eventText(settledView(3)) },
      { events: `: alive\n\n${eventText(doneView())}`, then: 'stay' },
    ]);
    const job = await jobOf(streams);
    const seen: string[] = [];
    for await (const view of job.events()) seen.push(`${view.state} ${view.items.settled}`);
    expect(seen).toEqual(['running 0', 'running 1', 'running 3', 'done 4']);
    expect(job.view.state).toBe('done');
  });

  it('are polled where the coordinator has too many streams', async () => {
    const tooMany = {
      status: 429,
      json: problemDetails({ code: 'too-many-streams', detail: 'too many streams' }),
    };
    const job = await jobOf(({ path }) =>
      path.endsWith('/events') ? tooMany : { json: doneView() },
    );
    expect((await job.done()).state).toBe('done');
    expect(server.lines()).toEqual([
      'GET /v1/jobs/job_1',
      'GET /v1/jobs/job_1/events',
      'GET /v1/jobs/job_1',
    ]);
  });

  it('end with the refusal of a job that is not there', async () => {
    const gone = {
      status: 404,
      json: problemDetails({ code: 'not-found', detail: 'no such job' }),
    };
    const job = await jobOf(() => gone);
    await expect(job.done()).rejects.toMatchObject({ kind: 'refused', problem: { status: 404 } });
  });

  it('end with the reason of the signal while a stream is silent', async () => {
    const stop = new AbortController();
    const job = await jobOf(() => ({ events: eventText(settledView(1)), then: 'stay' }));
    const watch = async (): Promise<void> => {
      for await (const view of job.events(stop.signal)) stop.abort(new Error(view.name));
    };
    await expect(watch()).rejects.toThrow('four items');
  });
});

describe('items that are added', () => {
  it('are uploaded where they are missing, and asked for again under the same key', async () => {
    const added = { firstItem: 4, items: 2 };
    const grown = jobView({ items: { total: 6, settled: 0, provisional: 0, failed: 0 } });
    const answers = inTurn(['break', { status: 201, json: { ...added, job: grown } }]);
    const job = await jobOf(({ method }) => {
      if (method === 'HEAD') return { status: 404 };
      return method === 'PUT' ? { status: 201, json: {} } : answers();
    });
    const stacked = { x: tensorOf('F32', [2, 1], Float32Array.of(1, 2)) };
    expect(await job.addItems({ stacked, budget: 7n })).toEqual(added);
    expect(job.view.items.total).toBe(6);
    const posts = server.requests.filter(({ method }) => method === 'POST');
    expect(posts.map(({ path }) => path)).toEqual(Array(2).fill('/v1/jobs/job_1/items'));
    expect(new Set(posts.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    const digest = server.requests
      .find(({ method }) => method === 'PUT')!
      .path.split('/')
      .at(-1);
    const body = { inputs: { stacked: digest }, budget: '7' };
    expect(JSON.parse(posts[1]!.body.toString())).toEqual(body);
    await expect(job.addItems({ items: 0 })).rejects.toMatchObject({ kind: 'invalid' });
    await expect(job.addItems({ stacked, items: 3 })).rejects.toMatchObject({ kind: 'invalid' });
  });
});

describe('results', () => {
  it('are read page after page from where one left off', async () => {
    const job = await jobOf(({ path }) => {
      if (path.endsWith('after=5')) return pageReply([3, 0], { next: 6, more: true });
      if (path.endsWith('after=6')) return pageReply([2], { next: 9 });
      return 'break';
    });
    const pages: [number[], number][] = [];
    for await (const { items, next } of job.pages({ after: 5 })) pages.push([[...items], next]);
    expect(pages).toEqual([
      [[3, 0], 6],
      [[2], 9],
    ]);
  });

  it('of a job that is added to meanwhile are all there, in their places', async () => {
    const openUntilMs = 5_000;
    const many = { items: { total: 6, settled: 6, provisional: 0, failed: 0 } };
    const job = await jobOf(({ path }) => {
      if (path === '/v1/jobs/job_1') return { json: jobView({ ...many, openUntilMs }) };
      if (path.endsWith('after=0')) return pageReply([3, 0], { next: 1, more: true });
      return pageReply([5, 1, 2], { next: 2, failed: [4] });
    });
    Object.assign(job.view, { openUntilMs });
    const { settled, missing, outputs } = await collectResults(job, { follow: false });
    expect({ settled, missing }).toEqual({ settled: 5, missing: [4] });
    const values = valuesOf(outputs['y']!);
    expect([0, 3, 5].map((item) => values[2 * item])).toEqual([0, 3, 5]);
  });

  it('tell which items failed, also where a page has nothing else', async () => {
    const job = await jobOf(({ path }) =>
      path.endsWith('after=0')
        ? pageReply([], { next: 500, more: true, failed: [3, 2] })
        : pageReply([1], { next: 501, failed: [0] }),
    );
    const { settled, failed, missing } = await collectResults(job, { follow: false });
    expect({ settled, failed, missing }).toEqual({
      settled: 1,
      failed: [0, 2, 3],
      missing: [0, 2, 3],
    });
  });

  it('are followed to the end over a broken page, and every item comes once', async () => {
    let settled = 1;
    const pages = inTurn([NOTHING_NEW, 'break', pageReply([2, 0], { next: 3 })]);
    const job = await jobOf(({ path }) => {
      if (path.endsWith('/events')) {
        const text = settled++ < 3 ? eventText(settledView(settled)) : eventText(doneView());
        return { events: text };
      }
      if (path.endsWith('after=3'))
        return settled < 4 ? NOTHING_NEXT_3 : pageReply([3, 1], { next: 4 });
      if (path.endsWith('after=4')) return { status: 204, headers: { 'Idlewave-Next': '4' } };
      return pages();
    });
    const { outputs, settled: count, missing } = await collectResults(job);
    expect(count).toBe(4);
    expect(missing).toEqual([]);
    expect([...valuesOf(outputs['y']!)]).toEqual([0, 0, 1, 10, 2, 20, 3, 30]);
  });

  it('mark the rows of items without a result', async () => {
    const job = await jobOf(() => pageReply([3], { next: 1 }));
    const { outputs, failed, missing } = await collectResults(job, { follow: false });
    expect(failed).toEqual([]);
    expect(missing).toEqual([0, 1, 2]);
    expect([...valuesOf(outputs['y']!)]).toEqual([NaN, NaN, NaN, NaN, NaN, NaN, 3, 30]);
  });

  it('are not taken where they contradict the job', async () => {
    const outside = await jobOf(() => pageReply([4], { next: 1 }));
    await expect(collectResults(outside, { follow: false })).rejects.toThrow(/items below 4/);
    await server.close();
    const standing = await jobOf(() => pageReply([1], { next: 0, more: true }));
    await expect(collectResults(standing, { follow: false })).rejects.toThrow(/Idlewave-Next/);
    await server.close();
    const garbage = await jobOf(() => ({
      ...pageReply([1], { next: 1 }),
      bytes: Uint8Array.of(1, 2),
    }));
    await expect(collectResults(garbage, { follow: false })).rejects.toThrow(/page of results/);
  });
});

const NOTHING_NEXT_3: Reply = { status: 204, headers: { 'Idlewave-Next': '3' } };
