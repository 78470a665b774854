import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { tensorOf } from '../tensor.ts';
import { takeCensus } from './census.ts';
import { readModel, withAllOutputs } from './graph.ts';
import { buildModel, node, value } from './modelBuilder.ts';
import { ModelProtoSchema } from './onnx_pb.ts';

const weights = tensorOf('F32', [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));
const model = buildModel({
  name: 'g',
  opset: 17,
  irVersion: 8,
  producer: 'test',
  // As IR version 3 demands, the initializer is also listed as an input.
  inputs: [value('x', 'F32', ['N', 3, null]), value('w', 'F32', [3, 2]), value('i', 'I64', null)],
  outputs: [value('y', 'F32', ['N', 2])],
  nodes: [node('MatMul', ['x', 'w'], ['xw']), node('Relu', ['xw'], ['y'])],
  initializers: { w: weights },
});

const read = (bytes: Uint8Array) => {
  const result = readModel(bytes);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

describe('readModel', () => {
  test('gives inputs without initializers, outputs, nodes and weights', () => {
    const graph = read(model);
    expect(graph.irVersion).toBe(8);
    expect([...graph.opsets]).toEqual([['', 17]]);
    expect(graph.inputs).toEqual([
      { name: 'x', dtype: 'F32', typeName: 'float', dims: ['N', 3, null] },
      { name: 'i', dtype: 'I64', typeName: 'int64', dims: null },
    ]);
    expect(graph.outputs.map(({ name, dims }) => [name, dims])).toEqual([['y', ['N', 2]]]);
    expect(graph.nodes.map(({ opType }) => opType)).toEqual(['MatMul', 'Relu']);
    expect(graph.initializers.get('w')).toEqual({ name: 'w', typeName: 'float', dims: [3, 2] });
  });

  test('names an element type that the protocol does not carry', () => {
    const bfloat = create(ModelProtoSchema, {
      graph: {
        node: [{ opType: 'Identity', input: ['x'], output: ['y'] }],
        input: [{ name: 'x', type: { value: { case: 'tensorType', value: { elemType: 16 } } } }],
        output: [{ name: 'y' }],
      },
    });
    const graph = read(toBinary(ModelProtoSchema, bfloat));
    expect(graph.inputs[0]).toMatchObject({ dtype: null, typeName: 'bfloat16' });
    expect(graph.outputs[0]).toMatchObject({ dtype: null, typeName: 'undeclared' });
  });

  test('refuses weights in another file, with what to do', () => {
    const external = create(ModelProtoSchema, {
      graph: {
        node: [{ opType: 'Identity', input: ['w'], output: ['y'] }],
        initializer: [{ name: 'w', dims: [1n], dataType: 1, dataLocation: 1 }],
      },
    });
    const result = readModel(toBinary(ModelProtoSchema, external));
    expect(result).toMatchObject({ ok: false, error: { kind: 'external-data' } });
  });

  test('no truncation and no flipped byte makes it throw', () => {
    let refused = 0;
    for (let length = 0; length < model.length; length++) {
      if (!readModel(model.subarray(0, length)).ok) refused += 1;
    }
    for (let at = 0; at < model.length; at++) {
      for (const flip of [0x01, 0x08, 0x80, 0xff]) {
        const bytes = model.slice();
        bytes[at]! ^= flip;
        if (!readModel(bytes).ok) refused += 1;
      }
    }
    // Most cuts fall inside a message; without a graph nothing is a model.
    expect(refused).toBeGreaterThan(model.length / 2);
  });

  test('nesting is bounded', () => {
    const nested = (levels: number) => {
      let graph = create(ModelProtoSchema, { graph: { node: [{ opType: 'Leaf' }] } }).graph!;
      for (let i = 0; i < levels; i++) {
        const attribute = [{ name: 'body', type: 5, g: graph }];
        const inner = { node: [{ opType: 'If', attribute }] };
        graph = create(ModelProtoSchema, { graph: inner }).graph!;
      }
      return readModel(toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph })));
    };
    expect(nested(20).ok).toBe(true);
    expect(nested(21)).toMatchObject({ ok: false, error: { kind: 'model-too-large' } });
  });
});

describe('takeCensus', () => {
  const limits = { maxMessages: 100, maxValues: 100, maxDepth: 10 };
  const census = (bytes: Uint8Array) => takeCensus(ModelProtoSchema, bytes, limits);

  test('counts messages, values and depth', () => {
    // model, opset, graph, 2 nodes, 1 weight, 4 values with type, tensor type and shapes of 3, 2, 2 extents
    expect(census(model)).toMatchObject({ ok: true, value: { messages: 28, depth: 7 } });
  });

  test('stops at each limit, on both sides of it', () => {
    const withNodes = (count: number) =>
      toBinary(
        ModelProtoSchema,
        create(ModelProtoSchema, { graph: { node: Array(count).fill({}) } }),
      );
    expect(census(withNodes(98)).ok).toBe(true);
    expect(census(withNodes(99))).toMatchObject({ error: { kind: 'too-many-messages' } });
    const withFloats = (count: number) =>
      toBinary(
        ModelProtoSchema,
        create(ModelProtoSchema, {
          graph: { initializer: [{ floatData: new Array<number>(count).fill(1) }] },
        }),
      );
    expect(census(withFloats(100)).ok).toBe(true);
    expect(census(withFloats(101))).toMatchObject({ error: { kind: 'too-many-values' } });
  });

  test('raw data is one value however long', () => {
    const raw = create(ModelProtoSchema, {
      graph: { initializer: [{ rawData: new Uint8Array(10_000) }] },
    });
    expect(census(toBinary(ModelProtoSchema, raw))).toMatchObject({
      ok: true,
      value: { values: 1 },
    });
  });

  test('a nested message longer than its parent is malformed', () => {
    // graph of 2 bytes, holding a node that claims 9
    const forged = Uint8Array.of(0x3a, 2, 0x0a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    expect(census(forged)).toMatchObject({ error: { kind: 'malformed' } });
  });
});

describe('withAllOutputs', () => {
  test('adds every intermediate once and leaves the model itself as it is', () => {
    const all = withAllOutputs(read(model));
    expect([...all.subarray(0, model.length)]).toEqual([...model]);
    const graph = read(all);
    expect(graph.outputs.map(({ name }) => name)).toEqual(['y', 'xw']);
    expect(graph.nodes).toHaveLength(2);
    expect(graph.initializers.size).toBe(1);
  });
});
