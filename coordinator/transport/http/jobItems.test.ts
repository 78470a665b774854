/** Jobs that are held open, over HTTP: what may be added, by whom, how often, and how they end. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MAX_HELD_MS, MAX_ITEMS_PER_JOB } from '../../../shared/limits.ts';
import { buildModel, node, value } from '../../../shared/onnx/modelBuilder.ts';
import type { AddedItems } from '../../../shared/protocol/addedItems.ts';
import type { JobExplanation, JobView } from '../../../shared/protocol/job.ts';
import { encodeTensors } from '../../../shared/safetensors.ts';
import { tensorOf } from '../../../shared/tensor.ts';
import { HttpRig, KERNEL_SPEC } from '../testing/httpRig.ts';

let http: HttpRig;
beforeAll(async () => {
  http = await HttpRig.started();
});
afterAll(() => http.close());

const JSON_TYPE = { 'Content-Type': 'application/json' };
const held = (changes: object = {}) => http.post({ open: true, itemsPerShard: 10, ...changes });
const itemsOf = (id: string) => `/v1/jobs/${id}/items`;
const rows = (count: number, changes: object = {}) =>
  encodeTensors({ x: tensorOf('F32', [count, 3], new Float32Array(3 * count)), ...changes });
const addition = async (bytes: Uint8Array) => ({ inputs: { stacked: await http.upload(bytes) } });

/** A job of four rows of three numbers. */
async function modelJob(): Promise<JobView> {
  const model = buildModel({
    name: 'g',
    opset: 17,
    irVersion: 8,
    producer: 'test',
    inputs: [value('x', 'F32', ['N', 3])],
    outputs: [value('y', 'F32', ['N', 3])],
    nodes: [node('Relu', ['x'], ['y'])],
    initializers: {},
  });
  const program = { kind: 'onnx', model: await http.upload(model), itemsPerRun: 1 };
  return held({ program, items: undefined, ...(await addition(rows(4))), itemsPerShard: 2 });
}

describe('a job that is held open', () => {
  it('takes items: they are told with their place, price and time, and once for a key', async () => {
    const job = await held();
    const { nowMs } = http.links.rig;
    expect(job).toMatchObject({ state: 'running', openUntilMs: nowMs + MAX_HELD_MS, price: '2' });
    http.links.rig.nowMs += 1_000;
    const headers = { 'Idempotency-Key': 'more' };
    const ask = { body: { items: 25 }, headers };
    const response = await http.ask(itemsOf(job.id), ask);
    expect(response.status).toBe(201);
    const added = (await response.json()) as AddedItems;
    expect(added).toMatchObject({ firstItem: 10, items: 25 });
    expect(added.job).toMatchObject({
      items: { total: 35 },
      openUntilMs: nowMs + 1_000 + MAX_HELD_MS,
    });
    expect(BigInt(added.job.price)).toBeGreaterThan(2n);
    const again = await http.ask(itemsOf(job.id), ask);
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual(added);
    const changes = [{ items: 26 }, { itemsPerShard: 10 }, { budget: '1000' }, { budget: '1001' }];
    for (const change of changes) {
      const other = { body: { ...ask.body, ...change }, headers };
      expect(await http.problem(itemsOf(job.id), other)).toMatchObject({
        code: 'idempotency-conflict',
        status: 409,
      });
    }
    const same = { body: '{"inputs":{},  "items":25}', headers: { ...headers, ...JSON_TYPE } };
    expect(await http.json(itemsOf(job.id), same)).toEqual(added);
    expect(await http.json(itemsOf(job.id), { body: { items: 1 } })).toMatchObject({
      firstItem: 35,
    });
    expect(await http.json(`/v1/jobs/${job.id}`)).toMatchObject({ items: { total: 36 } });
  });

  it('tells nobody of what was added before that is durable, also who asks again', async () => {
    const { id } = await held();
    const { rig } = http.links;
    let commit!: () => void;
    rig.gate = new Promise((resolve) => (commit = resolve));
    const answers: number[] = [];
    const ask = async () => {
      const options = { body: { items: 5 }, headers: { 'Idempotency-Key': 'soon' } };
      answers.push((await http.ask(itemsOf(id), options)).status);
    };
    const asked = [ask()];
    while (rig.engine.runningJob(id)?.added === undefined) await rig.quiet();
    const waits = vi.spyOn(rig.engine, 'durable');
    asked.push(ask());
    while (waits.mock.calls.length === 0) await rig.quiet();
    await rig.quiet();
    const before = [...answers];
    rig.gate = null;
    commit();
    await Promise.all(asked);
    expect([before, answers]).toEqual([[], [201, 200]]);
  });

  it('is closed, as often as that is asked for, and takes nothing then', async () => {
    const { id } = await held();
    const close = () => http.json<JobView>(`/v1/jobs/${id}/close`, { method: 'POST' });
    const closed = await close();
    expect(closed).toMatchObject({ state: 'running', openUntilMs: null });
    expect(await close()).toEqual(closed);
    const more = { body: { items: 1 } };
    expect(await http.problem(itemsOf(id), more)).toMatchObject({
      code: 'job-closed',
      status: 409,
    });
    await http.ask(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    expect(await http.problem(itemsOf(id), more)).toMatchObject({ code: 'job-ended', status: 409 });
    expect(await close()).toMatchObject({ state: 'cancelled' });
    const never = await http.post();
    expect(never.openUntilMs).toBeNull();
    expect(await http.problem(itemsOf(never.id), more)).toMatchObject({ code: 'job-closed' });
  });

  it('is nobody else’s to add to or to close', async () => {
    const { id } = await held();
    const { key } = await http.keys.create('another');
    expect(await http.problem(itemsOf(id), { body: { items: 1 }, key })).toMatchObject({
      status: 404,
    });
    const close = { method: 'POST', key };
    expect(await http.problem(`/v1/jobs/${id}/close`, close)).toMatchObject({ status: 404 });
    expect(await http.problem(itemsOf(id), { body: { items: 1 }, key: null })).toMatchObject({
      status: 401,
    });
  });

  it('refuses what is not paid for, or would be too much, and what is no number', async () => {
    const { id } = await held();
    const refused = (body: object) => http.problem(itemsOf(id), { body });
    expect(await refused({ items: 1_000_000 })).toMatchObject({
      code: 'job-full',
      came: `${MAX_ITEMS_PER_JOB + 10}`,
    });
    expect(await refused({ items: 100, budget: '1' })).toMatchObject({ code: 'budget-too-small' });
    expect(await refused({})).toMatchObject({ code: 'input-count', field: 'items' });
    expect(await refused({ items: 0 })).toMatchObject({ status: 422 });
    expect(await refused({ items: 1, itemsPerShard: 1e9 })).toMatchObject({ status: 422 });
    const { key, id: author } = await http.keys.create('prepaid', true);
    const grant = { key: http.keys.adminToken, body: { microCredits: '3' } };
    await http.ask(`/v1/keys/${author}/grants`, grant);
    const body = { name: 'prepaid', open: true, itemsPerShard: 10 };
    const own = await http.post(body, { key, body: { ...KERNEL_SPEC, ...body } });
    expect(await http.problem(itemsOf(own.id), { key, body: { items: 10 } })).toMatchObject({
      code: 'balance-too-small',
      expected: 'a balance of at least 2 micro-credits',
      came: '1',
    });
  });

  it('is cut as before: by default, and into no larger shards where that is wished', async () => {
    const { id } = await held({ items: 4, itemsPerShard: 2 });
    const added = await http.json<AddedItems>(itemsOf(id), { body: { items: 60 } });
    expect(added.job.shards).toMatchObject({ total: 32, itemsEach: 2 });
    expect(
      await http.problem(itemsOf(id), { body: { items: 60, itemsPerShard: 3 } }),
    ).toMatchObject({ code: 'invalid-field', field: 'itemsPerShard', came: '3' });
    const body = { items: 3, itemsPerShard: 1 };
    expect(await http.json(itemsOf(id), { body })).toMatchObject({
      job: { shards: { total: 35 } },
    });
    // Not an advice to wish for larger shards, which would be refused.
    const one = await held({ items: 1, itemsPerShard: 1 });
    expect(await http.problem(itemsOf(one.id), { body: { items: 100_000 } })).toMatchObject({
      code: 'job-full',
      expected: 'at most 100000 shards',
    });
  });

  it('is not cut by how few its first items are', async () => {
    for (const [itemsPerShard, shards] of [
      [undefined, 2],
      [50, 3],
    ] as const) {
      const one = await held({ items: 1, itemsPerShard });
      expect(one.shards.total).toBe(1);
      const { job } = await http.json<AddedItems>(itemsOf(one.id), { body: { items: 100 } });
      expect(job.shards.total).toBe(shards);
    }
  });

  it('is added to in lots that can be sampled, and cut for that, where it is sampled', async () => {
    const verification = { kind: 'sampled' };
    const { id } = await held({ items: 8_192, itemsPerShard: 2_048, verification });
    expect(await http.problem(itemsOf(id), { body: { items: 4_095 } })).toMatchObject({
      code: 'lot-too-small',
      status: 422,
      expected: 'at least 4096 items',
      came: '4095',
    });
    const added = await http.json<AddedItems>(itemsOf(id), { body: { items: 4_096 } });
    // The job's four, and a twelfth of the lot each: in shards like the job's there would be two.
    expect(added.job.shards.total).toBe(4 + 12);
    const wished = { items: 4_096, itemsPerShard: 1_024 };
    expect(await http.json(itemsOf(id), { body: wished })).toMatchObject({
      job: { shards: { total: 4 + 12 + 4 } },
    });
    const small = await held({ items: 8_192, itemsPerShard: 100, verification });
    const like = await http.json<AddedItems>(itemsOf(small.id), { body: { items: 4_096 } });
    expect(like.job.shards.total).toBe(82 + 41);
    const strict = { ...verification, checks: 2_048 };
    const other = await held({ items: 8_192, verification: strict });
    expect(await http.problem(itemsOf(other.id), { body: { items: 8_191 } })).toMatchObject({
      expected: 'at least 8192 items',
    });
  });

  it('cannot be a model in stages, whose hosts would wait with it', async () => {
    const program = { kind: 'staged', stages: ['a', 'b'].map((it) => it.repeat(64)) };
    const body = { name: 'staged', program, items: 1, open: true };
    expect(await http.problem('/v1/jobs', { body })).toMatchObject({
      code: 'invalid-field',
      field: 'open',
    });
  });
});

describe('rows that are added', () => {
  it('are read from their own blob, and are those that hosts are sent', async () => {
    const job = await modelJob();
    const x = Float32Array.from({ length: 9 }, (_, i) => 100 + i);
    const added = await http.json<AddedItems>(itemsOf(job.id), {
      body: await addition(rows(3, { x: tensorOf('F32', [3, 3], x) })),
    });
    expect(added).toMatchObject({ firstItem: 4, items: 3, job: { items: { total: 7 } } });
    const record = http.deps.engine.runningJob(added.job.id)!;
    const batch = await http.links.deps.inputs.batch(record, [6, 4]);
    expect([...new Float32Array(batch.stacked['x']!.bytes.slice().buffer)]).toEqual([
      106, 107, 108, 100, 101, 102,
    ]);
    const { shards } = await http.json<JobExplanation>(`/v1/jobs/${job.id}/explain`);
    expect(shards.reduce((sum, { items }) => sum + items, 0)).toBe(7);
  });

  it('must be such rows as the job has, and as many as is said', async () => {
    const { id } = await modelJob();
    const refused = async (bytes: Uint8Array, changes: object = {}) =>
      http.problem(itemsOf(id), { body: { ...(await addition(bytes)), ...changes } });
    const y = tensorOf('F32', [2, 3], new Float32Array(6));
    expect(await refused(rows(2, { y }))).toMatchObject({ code: 'input-unknown' });
    const wide = { x: tensorOf('F32', [2, 4], new Float32Array(8)) };
    expect(await refused(rows(2, wide))).toMatchObject({
      code: 'input-shape',
      expected: '"x" F32[n, 3]',
    });
    const whole = { x: tensorOf('I32', [2, 3], new Int32Array(6)) };
    expect(await refused(rows(2, whole))).toMatchObject({ code: 'input-dtype' });
    expect(await refused(rows(2), { items: 3 })).toMatchObject({ code: 'input-count' });
    expect(await refused(rows(0))).toMatchObject({ code: 'input-count' });
    expect(await refused(encodeTensors({}))).toMatchObject({ code: 'input-missing' });
    expect(await refused(Uint8Array.of(1, 2, 3))).toMatchObject({ code: 'malformed-tensors' });
    const nowhere = { inputs: { stacked: 'a'.repeat(64) } };
    expect(await http.problem(itemsOf(id), { body: nowhere })).toMatchObject({
      code: 'blob-absent',
      status: 404,
    });
    expect(await http.problem(itemsOf(id), { body: { items: 2 } })).toMatchObject({
      code: 'input-missing',
    });
    const kernel = await held();
    expect(await http.problem(itemsOf(kernel.id), { body: await addition(rows(2)) })).toMatchObject(
      { code: 'input-unknown' },
    );
    expect(await http.json(`/v1/jobs/${id}`)).toMatchObject({ items: { total: 4 } });
  });
});
