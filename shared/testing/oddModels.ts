/**
 * Small models that use what few models use: control flow, computed constants, functions of their own, sequences.
 */
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { node, value } from '../onnx/modelBuilder.ts';
import { ModelProtoSchema, type FunctionProtoSchema } from '../onnx/onnx_pb.ts';
import { built, i64, Net, scalar, scattered, type GeneratedModel } from './netBuilder.ts';

function controlFlow(): GeneratedModel {
  const net = new Net();
  const big = net.op('Relu', [net.dense('x', 6, 6)]);
  const small = net.op('Tanh', [net.dense('x', 6, 6)]);
  const sum = net.op('ReduceSum', [big], { keepdims: 0 });
  const isLarge = net.op('Greater', [sum, net.constant(scalar(1))]);
  const branch = (name: string, from: string) => ({
    name,
    inputs: [],
    outputs: [value(`${name}_out`, 'F32', null)],
    nodes: [node('Mul', [from, small], [`${name}_out`])],
  });
  const chosen = net.op('If', [isLarge], {
    then_branch: branch('then', big),
    else_branch: branch('else', 'x'),
  });
  const body = {
    name: 'body',
    inputs: [value('i', 'I64', []), value('go', 'BOOL', []), value('state', 'F32', null)],
    outputs: [value('on', 'BOOL', []), value('next', 'F32', null)],
    nodes: [
      node('Identity', ['go'], ['on']),
      node('MatMul', ['state', 'looped'], ['product']),
      node('Add', ['product', big], ['shifted']),
      node('Tanh', ['shifted'], ['next']),
    ],
  };
  net.weights['looped'] = scattered([6, 6], 5);
  const trips = net.constant({ ...i64(3), dims: [] });
  const looped = net.op('Loop', [trips, '', chosen], { body });
  net.op('Add', [net.dense(looped, 6, 6), chosen], {}, 'y');
  const bytes = built(net, 'control', {
    inputs: [value('x', 'F32', ['N', 6])],
    outputs: [value('y', 'F32', ['N', 6])],
  });
  return {
    name: 'control flow that takes values from outside',
    bytes,
    feeds: { x: scattered([2, 6]) },
  };
}

function computedConstants(): GeneratedModel {
  const net = new Net();
  const filled = (dims: number[], x: number): string => {
    const shape = net.op('Constant', [], { value: i64(...dims) });
    return net.op('ConstantOfShape', [shape], { value: { ...scalar(x), dims: [1] } });
  };
  let x = 'x';
  for (let i = 0; i < 4; i++) {
    const weights = net.op('Add', [filled([12, 12], 0.01 * (i + 1)), net.weight(12, 12)]);
    const product = net.op('MatMul', [x, weights]);
    const batch = net.op('Gather', [net.op('Shape', [x]), net.constant(i64(0))], { axis: 0 });
    const shape = net.op('Concat', [batch, net.op('Constant', [], { value: i64(3, 4) })], {
      axis: 0,
    });
    const folded = net.op('Softmax', [net.op('Reshape', [product, shape])], { axis: -1 });
    x = net.op('Reshape', [folded, net.constant(i64(-1, 12))], {}, i === 3 ? 'y' : undefined);
  }
  const bytes = built(net, 'constants', {
    inputs: [value('x', 'F32', ['N', 12])],
    outputs: [value('y', 'F32', ['N', 12])],
  });
  return {
    name: 'constants that are computed, shapes that are computed',
    bytes,
    feeds: { x: scattered([3, 12]) },
  };
}

function functions(): GeneratedModel {
  const net = new Net();
  let x = net.dense('x', 8, 8);
  for (let i = 0; i < 4; i++) {
    const gated = net.op('Gated', [x, net.weight(8)]);
    x = net.op('Add', [net.dense(gated, 8, 8), x], {}, i === 3 ? 'y' : undefined);
  }
  const plain = built(net, 'functions', {
    inputs: [value('x', 'F32', ['N', 8])],
    outputs: [value('y', 'F32', ['N', 8])],
  });
  const opsetImport = [{ domain: '', version: 17n }];
  const own: MessageInitShape<typeof FunctionProtoSchema>[] = [
    {
      name: 'Gated',
      domain: 'test',
      input: ['a', 'b'],
      output: ['c'],
      node: [
        { ...node('Gate', ['a'], ['g']), domain: 'test' },
        node('Mul', ['g', 'b'], ['s']),
        node('Add', ['s', 'a'], ['c']),
      ],
      opsetImport: [...opsetImport, { domain: 'test', version: 1n }],
    },
    {
      name: 'Gate',
      domain: 'test',
      input: ['a'],
      output: ['g'],
      node: [node('Sigmoid', ['a'], ['t']), node('Mul', ['a', 't'], ['g'])],
      opsetImport,
    },
    {
      name: 'Unused',
      domain: 'test',
      input: ['a'],
      output: ['u'],
      node: [node('Identity', ['a'], ['u'])],
      opsetImport,
    },
  ];
  const proto = fromBinary(ModelProtoSchema, plain);
  for (const n of proto.graph!.node) if (n.opType === 'Gated') n.domain = 'test';
  const { functions: list } = create(ModelProtoSchema, { functions: own });
  proto.functions = list;
  proto.opsetImport.push(
    ...create(ModelProtoSchema, { opsetImport: [{ domain: 'test', version: 1n }] }).opsetImport,
  );
  return {
    name: 'functions of its own',
    bytes: toBinary(ModelProtoSchema, proto),
    feeds: { x: scattered([2, 8]) },
  };
}

function sequences(): GeneratedModel {
  const net = new Net();
  const x = net.op('Relu', [net.dense('x', 6, 6)]);
  const parts = net.op('SplitToSequence', [x], { axis: 1 });
  const joined = net.op('ConcatFromSequence', [parts], { axis: 1 });
  const y = net.op('Tanh', [net.dense(joined, 6, 6)]);
  net.op('Softmax', [net.dense(net.op('Add', [y, joined]), 6, 6)], { axis: 1 }, 'y');
  const bytes = built(net, 'sequences', {
    inputs: [value('x', 'F32', ['N', 6])],
    outputs: [value('y', 'F32', ['N', 6])],
  });
  return { name: 'a sequence, which no stage can send', bytes, feeds: { x: scattered([2, 6]) } };
}

export const oddModels = (): GeneratedModel[] => [
  controlFlow(),
  computedConstants(),
  functions(),
  sequences(),
];
