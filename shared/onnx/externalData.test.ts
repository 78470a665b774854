import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { tensorOf } from '../tensor.ts';
import { runModel, runStages } from '../testing/composedStages.ts';
import { externalPlace, externalTensors } from './externalData.ts';
import { readModel } from './graph.ts';
import { buildModel, node, value } from './modelBuilder.ts';
import { ModelProtoSchema, TensorProtoSchema } from './onnx_pb.ts';
import { emitStages, planStages } from './split/splitModel.ts';

const placed = (entries: Readonly<Record<string, string>>, dims: bigint[] = [2n, 3n]) =>
  externalPlace(
    create(TensorProtoSchema, {
      name: 'w',
      dataType: 1,
      dims,
      dataLocation: 1,
      externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
    }),
  );

describe('externalPlace', () => {
  test('offset and length may be left out', () => {
    const place = { location: 'w.bin', offset: 0, length: 24 };
    expect(placed({ location: 'w.bin' })).toEqual({ ok: true, value: place });
    expect(placed({ location: 'w.bin', offset: '8', length: '24' })).toEqual({
      ok: true,
      value: { ...place, offset: 8 },
    });
  });

  test.each([
    ['no name', {}],
    ['another length', { location: 'w', length: '20' }],
    ['a length that is no number', { location: 'w', length: '2e1' }],
    ['a negative offset', { location: 'w', offset: '-1' }],
  ])('%s is refused', (_what, entries) => {
    expect(placed(entries)).toMatchObject({ ok: false, error: { kind: 'external-data' } });
  });

  test.each([[[-2n, 3n]], [[2n ** 62n, 2n ** 62n]]])('a shape of %s is refused', (dims) => {
    expect(placed({ location: 'w' }, dims).ok).toBe(false);
  });
});

/** One weight inside a constant node, one inside a branch, one initializer: all of them outside of the file. */
function scatteredModel(): { bytes: Uint8Array; inside: Uint8Array; file: Uint8Array } {
  const weight = (first: number) => tensorOf('F32', [2], Float32Array.of(first, first + 1));
  const branch = (first: number) => ({
    name: 'branch',
    inputs: [],
    outputs: [value('z', 'F32', [2])],
    nodes: [node('Add', ['h', 'b'], ['z'])],
    initializers: { b: weight(first) },
  });
  const inside = buildModel({
    name: 'g',
    opset: 17,
    irVersion: 8,
    producer: 'test',
    inputs: [value('x', 'F32', [2]), value('q', 'BOOL', [])],
    outputs: [value('y', 'F32', [2])],
    nodes: [
      node('Constant', [], ['c'], { value: weight(1) }),
      node('Mul', ['x', 'c'], ['g']),
      node('MatMul', ['g', 'a'], ['h']),
      node('If', ['q'], ['y'], { then_branch: branch(5), else_branch: branch(7) }),
    ],
    initializers: { a: weight(3) },
  });
  const proto = fromBinary(ModelProtoSchema, inside);
  const graph = proto.graph!;
  const branches = graph.node[3]!.attribute.map(({ g }) => g!.initializer[0]!);
  const tensors = [graph.node[0]!.attribute[0]!.t!, graph.initializer[0]!, ...branches];
  const file = new Uint8Array(tensors.length * 8);
  tensors.forEach((tensor, i) => {
    file.set(tensor.rawData, i * 8);
    tensor.rawData = new Uint8Array();
    tensor.dataLocation = 1;
    const entries = { location: 'w.bin', offset: String(i * 8), length: '8' };
    tensor.externalData = create(TensorProtoSchema, {
      externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
    }).externalData;
  });
  return { bytes: toBinary(ModelProtoSchema, proto), inside, file };
}

describe('a model with weights in another file', () => {
  test('is refused by who has no files, wherever the weights are named', () => {
    const { bytes } = scatteredModel();
    expect(readModel(bytes)).toMatchObject({ ok: false, error: { kind: 'external-data' } });
    const read = readModel(bytes, { externalData: 'allow' });
    expect(read.ok && externalTensors(read.value.proto)).toHaveLength(4);
  });

  test.each([0, 1])('computes what the model with them inside computes (branch %s)', async (q) => {
    const { bytes, inside, file } = scatteredModel();
    const read = readModel(bytes, { externalData: 'allow' });
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    const plan = planStages(read.value, { stages: 3 });
    if (!plan.ok) throw new Error(JSON.stringify(plan.error));
    const stages = emitStages(read.value, plan.value, {
      readExternal: ({ location, offset, length }) => {
        expect(location).toBe('w.bin');
        return file.slice(offset, offset + length);
      },
    });
    expect(stages.map((stage) => readModel(stage.bytes).ok)).toEqual([true, true, true]);
    expect(stages.map(({ weightBytes }) => weightBytes)).toEqual([8, 8, 16]);
    const feeds = {
      x: tensorOf('F32', [2], Float32Array.of(0.5, -2)),
      q: tensorOf('BOOL', [], Uint8Array.of(q)),
    };
    expect(await runStages(stages, feeds, 'disabled')).toEqual(
      await runModel(inside, feeds, 'disabled'),
    );
  });
});
