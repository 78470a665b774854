/** What an author does to a job that is posted, over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobExplanation, JobView } from '../../../shared/protocol/job.ts';
import type { OpenJobs } from '../../../shared/protocol/openJobs.ts';
import { HttpRig, KERNEL_SPEC } from '../testing/httpRig.ts';

let http: HttpRig;
beforeAll(async () => {
  http = await HttpRig.started();
});
afterAll(() => http.close());

describe('a pause', () => {
  it('is seen wherever the job is, until it goes on; an ended job has none', async () => {
    const { id } = await http.post({ name: 'resting' });
    const change = (what: string) => http.json<JobView>(`/v1/jobs/${id}/${what}`, { body: {} });
    const { nowMs } = http.links.rig;
    const paused = await change('pause');
    expect(paused).toMatchObject({ state: 'running', pausedAtMs: nowMs });
    expect(paused.waiting[0]).toMatchObject({ code: 'paused', shards: 10 });
    expect(await change('pause')).toEqual(paused);
    http.links.rig.nowMs += 1_000;
    const open = await http.json<OpenJobs>('/v1/network/jobs');
    expect(open.jobs.find((job) => job.id === id)).toMatchObject({ paused: true });
    const { waiting } = await http.json<JobExplanation>(`/v1/jobs/${id}/explain`);
    expect(waiting[0]).toMatchObject({ code: 'paused' });
    expect(await change('resume')).toMatchObject({ state: 'running', pausedAtMs: null });
    await change('pause');
    expect(await change('cancel')).toMatchObject({ state: 'cancelled', pausedAtMs: null });
    for (const what of ['pause', 'resume'])
      expect(await http.problem(`/v1/jobs/${id}/${what}`, { body: {} })).toMatchObject({
        code: 'job-ended',
        came: 'cancelled',
      });
  });
});

describe('an offer', () => {
  const change = { method: 'PATCH' };
  it('can be raised, within what its author has and wants to pay, and not lowered', async () => {
    const { id } = await http.post({ itemsPerShard: 10 });
    const path = `/v1/jobs/${id}`;
    const raised = await http.json<JobView>(path, { ...change, body: { ratePercent: 200 } });
    expect(raised).toMatchObject({ price: '4', ratePercent: 200 });
    const lower = await http.problem(path, { ...change, body: { ratePercent: 100 } });
    expect(lower).toMatchObject({ code: 'rate-lowered', expected: 'at least 200', came: '100' });
    const dear = { ratePercent: 300, budget: '5' };
    expect(await http.problem(path, { ...change, body: dear })).toMatchObject({
      code: 'budget-too-small',
      expected: 'at least 6 micro-credits',
    });
    expect(await http.json(path)).toEqual(raised);
    await http.ask(`${path}/cancel`, { method: 'POST' });
    expect(await http.problem(path, { ...change, body: dear })).toMatchObject({
      code: 'job-ended',
    });
  });

  it('is refused where a prepaid key cannot pay for it', async () => {
    const { key, id } = await http.keys.create('prepaid', true);
    const options = { key: http.keys.adminToken, body: { microCredits: '3' } };
    await http.ask(`/v1/keys/${id}/grants`, options);
    const job = await http.post({ itemsPerShard: 10 }, { key });
    const body = { ratePercent: 200 };
    expect(await http.problem(`/v1/jobs/${job.id}`, { ...change, key, body })).toMatchObject({
      code: 'balance-too-small',
      expected: 'a balance of at least 2 micro-credits',
      came: '1',
    });
    await http.ask(`/v1/jobs/${job.id}/cancel`, { method: 'POST', key });
  });
});

describe('an expiry', () => {
  it('is told with the job, and ends it; a time that nothing could be done in is refused', async () => {
    const { nowMs } = http.links.rig;
    const job = await http.post({ expiresAfterMs: 60_000 });
    expect(job.expiresAtMs).toBe(nowMs + 60_000);
    await http.links.rig.sweep(60_000);
    expect(await http.json(`/v1/jobs/${job.id}`)).toMatchObject({
      state: 'failed',
      reason: 'expired: 0 of 10 items were final after 60 s',
      waiting: [],
    });
    const body = { ...KERNEL_SPEC, expiresAfterMs: 1 };
    expect(await http.problem('/v1/jobs', { body })).toMatchObject({
      code: 'invalid-field',
      field: 'expiresAfterMs',
    });
  });
});
