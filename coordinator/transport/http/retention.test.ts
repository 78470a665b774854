/** Results that were deleted, wherever somebody asks for them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BatchView } from '../../../shared/protocol/batches.ts';
import type { JobView } from '../../../shared/protocol/job.ts';
import { encodeTensors } from '../../../shared/safetensors.ts';
import { tensorOf } from '../../../shared/tensor.ts';
import { Batches } from '../../serving/batches.ts';
import { resultsOf } from '../../serving/jobOutcome.ts';
import { HttpRig } from '../testing/httpRig.ts';

let http: HttpRig;
beforeAll(async () => {
  http = await HttpRig.started();
});
afterAll(() => http.close());

const remove = { method: 'DELETE' };
const cancel = (id: string) => http.json<JobView>(`/v1/jobs/${id}/cancel`, { method: 'POST' });

describe('results of a job', () => {
  it('are deleted by their author, once it has ended, and by nobody else; the rest stays', async () => {
    const { id } = await http.post({
      items: 1,
      verification: { kind: 'quorum', quorum: 1 },
      budget: '9',
    });
    const path = `/v1/jobs/${id}/results`;
    const running = await http.problem(path, remove);
    expect(running).toMatchObject({ code: 'job-running', status: 409, came: id });
    const host = await http.links.welcomed(1, 'host');
    await host.deliver();
    await http.links.rig.quiet();
    const done = await http.json<JobView>(`/v1/jobs/${id}`);
    expect(done).toMatchObject({ state: 'done', results: { kind: 'kept', untilMs: null } });
    const { key } = await http.keys.create('stranger');
    expect((await http.problem(path, { ...remove, key })).code).toBe('not-found');
    expect((await http.ask(path)).status).toBe(200);
    const movements = await http.json('/v1/movements');
    const logSize = await http.deps.store.logSize();

    const atMs = http.links.rig.nowMs;
    const deleted = { ...done, results: { kind: 'deleted', atMs, why: 'author' } };
    expect(await http.json(path, remove)).toEqual(deleted);
    http.links.rig.nowMs += 1_000;
    expect(await http.json(path, remove)).toEqual(deleted);
    expect(await http.json(`/v1/jobs/${id}`)).toEqual(deleted);
    const when = new Date(atMs).toISOString();
    expect(await http.problem(path)).toMatchObject({
      code: 'results-deleted',
      status: 410,
      detail: `the author of the job deleted its results at ${when}`,
      came: id,
    });
    const listed = await http.json<{ rows: JobView[] }>('/v1/jobs');
    expect(listed.rows.find((row) => row.id === id)).toEqual(deleted);
    expect(await http.json(`/v1/jobs/${id}/explain`)).toMatchObject({
      shards: [{ state: 'settled' }],
    });
    expect(await http.json('/v1/movements')).toEqual(movements);
    expect(await http.deps.store.logSize()).toBe(logSize);
  });

  it('that a request to a model waited for are refused to it as well', async () => {
    const { id } = await http.post();
    await cancel(id);
    await http.ask(`/v1/jobs/${id}/results`, remove);
    const { store } = http.deps;
    const job = (await store.job(id))!;
    expect(await resultsOf({ store }, job)).toMatchObject({ error: { code: 'results-deleted' } });
  });

  it('that a batch has not written down yet are missing in its lines, which say why', async () => {
    const input = { shape: [1, 1, 1], datatype: 'FP32', data: [1] };
    const inputs = ['a', 'b'].map((name) => ({ name, ...input }));
    const one = tensorOf('F32', [1, 1, 1], Float32Array.of(1));
    const stacked = await http.upload(encodeTensors({ a: one, b: one }));
    const program = { kind: 'kernel', kernel: 'matmul@1', params: { m: 1, k: 1, n: 1 } };
    const body = { program, inputs: { stacked } };
    await http.ask('/v1/models/m', { method: 'PUT', body });
    const url = '/v2/models/m/infer';
    const line = { custom_id: 'mine', method: 'POST', url, body: { inputs } };
    const file = await http.deps.files.add(
      (await http.keys.find(http.key))!.id,
      'lines.jsonl',
      Buffer.from(`${JSON.stringify(line)}\n`),
    );
    const order = { endpoint: url, completion_window: '24h' };
    const input_file_id = file.ok ? file.value.id : '';
    const { id } = await http.json<BatchView>('/v1/batches', { body: { ...order, input_file_id } });
    const stateOf = async () => (await http.deps.batches.find(null, id))!.body.state;
    await expect.poll(async () => (await stateOf()).kind).toBe('running');
    const state = await stateOf();
    const job = 'job' in state ? state.job! : '';

    // While no coordinator looks after it the job ends, and its author deletes what it had.
    await http.deps.batches.close();
    await cancel(job);
    await http.ask(`/v1/jobs/${job}/results`, remove);
    const { authorRecords: records } = http.deps.store;
    const next = new Batches({ ...http.deps, records });
    await next.start();
    await expect.poll(async () => (await stateOf()).kind).toBe('ended');
    const ended = await http.json<BatchView>(`/v1/batches/${id}`);
    expect(ended).toMatchObject({ request_counts: { total: 1, completed: 0, failed: 1 } });
    const errors = await http.ask(`/v1/files/${ended.error_file_id}/content`);
    expect(JSON.parse(await errors.text())).toMatchObject({
      custom_id: 'mine',
      response: { status_code: 410 },
      error: { code: 'results-deleted' },
    });
    await next.close();
  });
});

describe('a blob that is not here any more', () => {
  it('is said to be absent before a job that names it is planned', async () => {
    const bytes = encodeTensors({ x: tensorOf('F32', [2, 1], Float32Array.of(1, 2)) });
    const stacked = await http.upload(bytes);
    const { blobs, store } = http.deps;
    // The layout of it is in memory by now.
    await http.ask('/v1/estimates', {
      body: {
        name: 'x',
        program: { kind: 'kernel', kernel: 'matmul@1', params: {} },
        inputs: { stacked },
      },
    });
    expect(await store.retention.namedOf([stacked as never])).toEqual(new Set());
    expect(await blobs.deleteUnused(stacked as never, Infinity)).toBe(true);
    const program = { kind: 'onnx', model: stacked };
    const body = { name: 'x', program, inputs: { stacked } };
    for (const path of ['/v1/jobs', '/v1/estimates'])
      expect(await http.problem(path, { body })).toMatchObject({
        code: 'blob-absent',
        field: 'inputs.stacked',
        came: stacked,
      });
  });
});
