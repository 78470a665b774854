/** Plans of jobs with models, by the real referee: what is chosen, what is refused before anyone computes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyId } from '../../shared/ids.ts';
import { MAX_ASSIGNMENT_BYTES, MAX_ITEMS_PER_JOB } from '../../shared/limits.ts';
import { buildModel, node, value } from '../../shared/onnx/modelBuilder.ts';
import { jobSpecSchema, type JobSpecInput } from '../../shared/protocol/job.ts';
import { encodeTensors } from '../../shared/safetensors.ts';
import { tensorOf } from '../../shared/tensor.ts';
import { HttpRig } from '../transport/testing/httpRig.ts';
import { ONNX_ACCEPTANCE } from './jobDesk.ts';

const f32 = (...dims: number[]) =>
  tensorOf('F32', dims, new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(1));
const identity = (output: string, columns: number | string) =>
  buildModel({
    name: 'g',
    opset: 17,
    irVersion: 8,
    producer: 'test',
    inputs: [value('x', 'F32', ['N', columns])],
    outputs: [value(output, 'F32', ['N', columns])],
    nodes: [node('Relu', ['x'], [output])],
    initializers: {},
  });

let http: HttpRig;
beforeAll(async () => {
  http = await HttpRig.started();
});
afterAll(() => http.close());

const plan = (spec: JobSpecInput) =>
  http.deps.desk.plan(jobSpecSchema.parse(spec), 'key_1' as KeyId);
async function specOf(
  model: Uint8Array,
  stacked: Uint8Array,
  changes: object = {},
): Promise<JobSpecInput> {
  const digests = [await http.upload(model), await http.upload(stacked)];
  const program = { kind: 'onnx' as const, model: digests[0]!, itemsPerRun: 4 };
  return { name: 'j', program, inputs: { stacked: digests[1]! }, ...changes };
}

describe('a job with a model', () => {
  it('takes items from its inputs, facts from the referee, and its own rule of agreement', async () => {
    const model = identity('y', 3);
    const planned = await plan(await specOf(model, encodeTensors({ x: f32(100, 3) })));
    if (!planned.ok) throw new Error(JSON.stringify(planned.error));
    const { job } = planned.value;
    expect(job).toMatchObject({
      items: 100,
      acceptance: ONNX_ACCEPTANCE,
      facts: {
        inputs: { x: { dtype: 'F32', dims: [3] } },
        outputs: { y: { dtype: 'F32', dims: [3] } },
        feeds: { x: [4, 3] },
        flopsFrom: 'graph',
        programBytes: model.byteLength,
      },
    });
    expect(job.itemsPerShard % 4).toBe(0);
    expect(job.shards).toBe(Math.ceil(100 / job.itemsPerShard));
  });

  it('the author’s wishes come before ours', async () => {
    const acceptance = { kind: 'exact', nonFinite: 'data' } as const;
    const spec = await specOf(identity('y', 3), encodeTensors({ x: f32(100, 3) }), {
      acceptance,
      itemsPerShard: 25,
    });
    const planned = await plan(spec);
    expect(planned.ok && planned.value.job).toMatchObject({
      acceptance,
      itemsPerShard: 25,
      shards: 4,
    });
  });

  it('how many items a run takes is measured where the author leaves it open and the axis is free', async () => {
    const rows = tensorOf(
      'F32',
      [400, 3],
      Float32Array.from({ length: 1200 }, (_, i) => i),
    );
    const spec = await specOf(identity('y', 3), encodeTensors({ x: rows }));
    const { model } = spec.program as { model: string };
    const planned = await plan({ ...spec, program: { kind: 'onnx', model } });
    if (!planned.ok) throw new Error(JSON.stringify(planned.error));
    const { program, facts, itemsPerShard } = planned.value.job;
    const { itemsPerRun } = program as { itemsPerRun: number };
    expect(facts.batch!.measured.map((it) => it.itemsPerRun)).toEqual([1, 2, 4]);
    expect(facts.batch!.itemsPerRun).toBe(itemsPerRun);
    expect(facts.feeds).toEqual({ x: [itemsPerRun, 3] });
    expect(itemsPerShard % itemsPerRun).toBe(0);

    // A clock decided; the next job of the model is not measured anew.
    const again = await plan({ ...spec, program: { kind: 'onnx', model }, name: 'again' });
    expect(again.ok && again.value.job.facts.batch).toBe(facts.batch);
    expect(again.ok && again.value.job).toMatchObject({ program, facts: { feeds: facts.feeds } });

    const said = await plan(spec);
    expect(said.ok && said.value.job.program).toMatchObject({ itemsPerRun: 4 });
    expect(said.ok && said.value.job.facts.batch).toBeUndefined();

    const fixed = buildModel({
      name: 'g',
      opset: 17,
      irVersion: 8,
      producer: 'test',
      inputs: [value('x', 'F32', [1, 3])],
      outputs: [value('y', 'F32', [1, 3])],
      nodes: [node('Relu', ['x'], ['y'])],
      initializers: {},
    });
    const one = await plan({ ...spec, program: { kind: 'onnx', model: await http.upload(fixed) } });
    expect(one.ok && one.value.job.program).toMatchObject({ itemsPerRun: 1 });
    expect(one.ok && one.value.job.facts.batch).toBeUndefined();
  });

  it('no shard is larger than the job', async () => {
    const spec = await specOf(identity('y', 3), encodeTensors({ x: f32(2, 3) }), {
      itemsPerShard: 100,
    });
    const planned = await plan(spec);
    expect(planned.ok && planned.value.job).toMatchObject({
      items: 2,
      itemsPerShard: 2,
      shards: 1,
    });
  });

  it.each(['__item__', '__failed__', '__metadata__'])(
    'an output called %s could not be handed out',
    async (name) => {
      const planned = await plan(await specOf(identity(name, 3), encodeTensors({ x: f32(4, 3) })));
      expect(planned).toMatchObject({ ok: false, error: { code: 'model-refused', came: name } });
    },
  );

  it('an item must fit one assignment', async () => {
    const columns = MAX_ASSIGNMENT_BYTES / 4 + 1;
    const spec = await specOf(identity('y', columns), encodeTensors({ x: f32(1, columns) }));
    const planned = await plan({ ...spec, program: { ...spec.program, itemsPerRun: 1 } as never });
    expect(planned).toMatchObject({ ok: false, error: { code: 'item-too-large' } });
  });

  it('more items than a job may have are refused before the referee is asked', async () => {
    const rows = MAX_ITEMS_PER_JOB + 1;
    const file = encodeTensors({ x: tensorOf('U8', [rows], new Uint8Array(rows)) });
    const planned = await plan(await specOf(identity('y', 3), file));
    expect(planned).toMatchObject({
      ok: false,
      error: { code: 'too-many-items', came: String(rows) },
    });
  });
});
