/** What a plan promises beside right results: sizes, memory, declarations, and reasons where there is none. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { tensorOf, type Dtype } from '../../tensor.ts';
import { readModel, type OnnxModel } from '../graph.ts';
import { buildModel, node, value, type ModelInit } from '../modelBuilder.ts';
import { ModelProtoSchema } from '../onnx_pb.ts';
import type { Facts } from './measures.ts';
import { emitStages, planFewestStages, planStages } from './splitModel.ts';

const read = (bytes: Uint8Array): OnnxModel => {
  const model = readModel(bytes);
  if (!model.ok) throw new Error(JSON.stringify(model.error));
  return model.value;
};
const modelOf = (init: Pick<ModelInit, 'nodes'> & Partial<ModelInit>): OnnxModel =>
  read(
    buildModel({
      name: 'g',
      opset: 17,
      irVersion: 8,
      producer: 'test',
      inputs: [value('x', 'F32', ['N', 4])],
      outputs: [value('y', 'F32', ['N', 4])],
      ...init,
    }),
  );
const square = tensorOf('F32', [4, 4], new Float32Array(16).fill(0.5));

/** Four products in a row, each with its own weights of 64 bytes; every value is [2, 4]. */
const products = modelOf({
  nodes: [
    node('MatMul', ['x', 'w0'], ['a']),
    node('MatMul', ['a', 'w1'], ['b']),
    node('MatMul', ['b', 'w2'], ['c']),
    node('MatMul', ['c', 'w3'], ['y']),
  ],
  initializers: { w0: square, w1: square, w2: square, w3: square },
});
const factsFor = (names: string, dims: readonly number[], dtype: Dtype = 'F32'): Facts =>
  new Map([...names].map((name) => [name, { dtype, dims }]));
const twoRows = factsFor('xabcy', [2, 4]);

const planned = (...given: Parameters<typeof planStages>) => {
  const plan = planStages(...given);
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  return plan.value;
};

describe('planStages', () => {
  test('says bytes, FLOPs and weights by hand', () => {
    const plan = planned(products, { stages: 2, facts: twoRows });
    expect(plan).toMatchObject({ boundaryBytes: 32, totalCost: 1024 / 4, unknownSizes: 0 });
    const [first, second] = plan.stages;
    // 2 rows of 4, each over 4 multiply-adds, in two products
    expect(first).toMatchObject({ flops: 128, weightBytes: 128, boundaryBytes: 32, carried: [] });
    // weights, and a product's input and output
    expect(first!.memoryBytes).toBe(128 + 64);
    expect(first!.outputs).toEqual([{ name: 'b', dtype: 'F32', dims: null, bytes: 32 }]);
    expect(second!.inputs).toEqual(first!.outputs);
    expect(second!.outputs).toEqual([{ name: 'y', dtype: 'F32', dims: ['N', 4], bytes: 32 }]);
    expect(second!.initializers).toEqual(['w2', 'w3']);
  });

  test('measured costs move the cut', () => {
    const plan = planned(products, { stages: 2, facts: twoRows, costs: [9, 3, 3, 3] });
    expect(plan.stages.map(({ cost }) => cost)).toEqual([9, 9]);
    expect(plan.stages[0]!.nodes).toEqual([0]);
  });

  test('of cuts that are as even it takes the one with the fewest bytes', () => {
    const facts = new Map([
      ...factsFor('xabcy', [2, 4]),
      ['a', { dtype: 'F32' as const, dims: [100, 4] }],
      ['b', { dtype: 'F32' as const, dims: [100, 4] }],
    ]);
    const plan = planned(products, { stages: 2, facts, costs: [5, 0, 0, 5] });
    expect(plan.stages[0]!.outputs.map(({ name }) => name)).toEqual(['c']);
  });

  test('shared weights are in every stage that needs them, and counted there', () => {
    const shared = modelOf({
      nodes: [
        node('MatMul', ['x', 'w'], ['a']),
        node('Tanh', ['a'], ['b']),
        node('MatMul', ['b', 'w'], ['c']),
        node('Tanh', ['c'], ['y']),
      ],
      initializers: { w: square },
    });
    const plan = planned(shared, { stages: 2, facts: twoRows });
    expect(plan.stages.map(({ initializers }) => initializers)).toEqual([['w'], ['w']]);
    expect(plan.stages.map(({ weightBytes }) => weightBytes)).toEqual([64, 64]);
  });

  test('a fusion is torn only where stages are wanted that need it', () => {
    // A cut behind the product would send a quarter of the bytes.
    const fused = modelOf({
      outputs: [value('y', 'F32', null)],
      nodes: [
        node('MatMul', ['x', 'w'], ['a']),
        node('Add', ['a', 'wide'], ['b']),
        node('Relu', ['b'], ['c']),
        node('Softmax', ['c'], ['y']),
      ],
      initializers: { w: square, wide: tensorOf('F32', [4, 1, 4], new Float32Array(16)) },
    });
    const facts = new Map([...factsFor('xa', [1, 4]), ...factsFor('bcy', [4, 1, 4])]);
    const costs = [10, 0, 0, 10];
    const sent = (stages: number) =>
      planned(fused, { stages, facts, costs }).stages.map(({ outputs }) => outputs[0]!.name);
    expect(sent(2)).toEqual(['c', 'y']);
    expect(sent(3)).toEqual(['a', 'c', 'y']);
  });

  test('what is needed late, or given early, is carried', () => {
    const late = modelOf({
      inputs: [value('x', 'F32', ['N', 4]), value('s', 'F32', [4])],
      outputs: [value('y', 'F32', ['N', 4]), value('a', 'F32', ['N', 4])],
      nodes: [
        node('MatMul', ['x', 'w'], ['a']),
        node('MatMul', ['a', 'w'], ['b']),
        node('MatMul', ['b', 'w'], ['c']),
        node('Add', ['c', 's'], ['y']),
      ],
      initializers: { w: square },
    });
    const plan = planned(late, { stages: 3 });
    expect(plan.stages.map(({ carried }) => carried)).toEqual([['s'], ['s', 'a'], ['a']]);
    expect(plan.stages[2]!.outputs.map(({ name }) => name)).toEqual(['y', 'a']);
  });

  test('an axis keeps its symbol in what stages declare; what a run contradicts is left open', () => {
    const proto = fromBinary(ModelProtoSchema, products.bytes);
    const declared = create(ModelProtoSchema, {
      graph: { valueInfo: [value('b', 'F32', ['N', 4]), value('c', 'F32', [1, 4])] },
    }).graph!.valueInfo;
    proto.graph!.valueInfo = declared;
    const model = read(toBinary(ModelProtoSchema, proto));
    const plan = planned(model, { stages: 4, facts: twoRows });
    const dims = plan.stages.map(({ outputs }) => outputs[0]!.dims);
    expect(dims).toEqual([null, ['N', 4], null, ['N', 4]]);
    const stages = emitStages(model, plan).map(({ bytes }) => read(bytes));
    expect(stages[1]!.outputs[0]).toEqual(stages[2]!.inputs[0]);
    expect(stages[2]!.inputs[0]).toMatchObject({ name: 'b', dtype: 'F32', dims: ['N', 4] });
    expect(stages[3]!.inputs[0]).toMatchObject({ name: 'c', dtype: 'F32', dims: null });
    // Sizes follow from declared shapes as soon as the fed ones bind their symbols.
    const bound = planned(model, { stages: 2, facts: factsFor('x', [3, 4]), costs: [1, 1, 1, 1] });
    expect(bound.stages[0]!.outputs[0]).toMatchObject({ name: 'b', bytes: 48 });
  });

  test('keeps every stage within its memory, or says how much it takes', () => {
    // Even stages would be two and two; 64 bytes of weights and 64 of values leave one product a stage.
    const options = { facts: twoRows, maxStageBytes: 128 };
    expect(planned(products, { ...options, stages: 4 }).stages).toHaveLength(4);
    const refused = planStages(products, { ...options, stages: 2 });
    expect(refused).toMatchObject({ ok: false, error: { kind: 'stage-too-large' } });
    expect(refused.ok ? '' : refused.error.came).toContain('at least 192 bytes');
    expect(planStages(products, { facts: twoRows, maxStageBytes: 192, stages: 2 }).ok).toBe(true);
    expect(planStages(products, { facts: twoRows, maxStageBytes: 191, stages: 2 }).ok).toBe(false);
  });

  test('planFewestStages: no stage more than memory demands', () => {
    const fewest = (maxStageBytes: number) =>
      planFewestStages(products, { facts: twoRows, maxStageBytes });
    expect(fewest(1000)).toMatchObject({ ok: true, value: { stages: { length: 1 } } });
    expect(fewest(192)).toMatchObject({ ok: true, value: { stages: { length: 2 } } });
    expect(fewest(128)).toMatchObject({ ok: true, value: { stages: { length: 4 } } });
    expect(fewest(127)).toMatchObject({ ok: false, error: { kind: 'stage-too-large' } });
  });

  test.each([0, 65, 1.5])('refuses %s stages', (stages) => {
    expect(planStages(products, { stages })).toMatchObject({ error: { kind: 'bad-option' } });
  });

  test.each([[[1, 2, 3]], [[1, 2, 3, -1]], [[1, 2, 3, NaN]]])('refuses costs %s', (costs) => {
    expect(planStages(products, { stages: 2, costs })).toMatchObject({
      error: { kind: 'bad-option' },
    });
  });

  test('more stages than nodes: says how many there can be', () => {
    const refused = planStages(products, { stages: 5 });
    expect(refused).toMatchObject({ ok: false, error: { kind: 'too-few-cuts' } });
    expect(refused.ok ? '' : refused.error.fix).toBe('ask for 4 or fewer');
  });

  test('what no stage can send is named', () => {
    const strange = modelOf({
      nodes: [
        node('SequenceConstruct', ['x', 'x'], ['list']),
        node('ConcatFromSequence', ['list'], ['a'], { axis: 0 }),
        { ...node('Mystery', ['a'], ['b']), domain: 'elsewhere' },
        node('Cast', ['b'], ['c'], { to: 8 }),
        node('Identity', ['c'], ['y']),
      ],
    });
    const refused = planStages(strange, { stages: 2 });
    const came = refused.ok ? '' : refused.error.came;
    expect(came).toContain('5 nodes with 0 places to cut');
    expect(came).toContain('"list" is not a tensor');
    expect(came).toContain('the element type of "a" is not known');
    const told = planStages(strange, { stages: 3, facts: factsFor('ab', [2, 4]) });
    expect(told).toMatchObject({ ok: true });
    expect(planStages(strange, { stages: 4, facts: factsFor('ab', [2, 4]) }).ok).toBe(false);
  });

  test('a model of control flow alone cannot be cut, and says so', () => {
    const body = {
      name: 'body',
      inputs: [value('i', 'I64', []), value('go', 'BOOL', []), value('s', 'F32', null)],
      outputs: [value('on', 'BOOL', []), value('t', 'F32', null)],
      nodes: [node('Identity', ['go'], ['on']), node('MatMul', ['s', 'w'], ['t'])],
    };
    const loop = modelOf({
      nodes: [node('Loop', ['n', '', 'x'], ['y'], { body })],
      initializers: { n: tensorOf('I64', [], BigInt64Array.of(2n)), w: square },
    });
    expect(planStages(loop, { stages: 2 })).toMatchObject({ error: { kind: 'too-few-cuts' } });
    expect(planned(loop, { stages: 1 }).stages[0]!.initializers).toEqual(['n', 'w']);
  });

  test('sparse weights are refused', () => {
    const proto = fromBinary(ModelProtoSchema, products.bytes);
    proto.graph!.$unknown = [{ no: 15, wireType: 2, data: Uint8Array.of(0) }];
    const refused = planStages(read(toBinary(ModelProtoSchema, proto)), { stages: 2 });
    expect(refused).toMatchObject({ ok: false, error: { kind: 'unsupported-model' } });
  });

  test('a model whose output is a weight gives it from the last stage', () => {
    const model = modelOf({
      outputs: [value('y', 'F32', null), value('w', 'F32', null)],
      nodes: [node('MatMul', ['x', 'v'], ['a']), node('Neg', ['a'], ['y'])],
      initializers: { v: square, w: square },
    });
    const plan = planned(model, { stages: 2 });
    expect(plan.stages.map(({ initializers }) => initializers)).toEqual([['v'], ['w']]);
  });
});

describe('emitStages', () => {
  test('the same model and options give the same bytes, without comments and metadata', () => {
    const proto = fromBinary(ModelProtoSchema, products.bytes);
    proto.docString = 'a secret';
    proto.metadataProps = create(ModelProtoSchema, {
      metadataProps: [{ key: 'a secret' }],
    }).metadataProps;
    proto.graph!.node[0]!.docString = 'a secret';
    const model = read(toBinary(ModelProtoSchema, proto));
    const stages = emitStages(model, planned(model, { stages: 2 }));
    const again = emitStages(products, planned(products, { stages: 2 }));
    expect(stages.map(({ digest }) => digest)).toEqual(again.map(({ digest }) => digest));
    expect(new Set(stages.map(({ digest }) => digest)).size).toBe(2);
    expect(new TextDecoder('latin1').decode(stages[0]!.bytes)).not.toContain('secret');
  });
});
