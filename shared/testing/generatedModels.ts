/**
 * Small models of every shape that cutting must survive, built by script with weights from a fixed sequence.
 *
 * Not trained and of no use but for tests: what counts is their graphs. Each comes with feeds for one run.
 */
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { buildModel, node, value, type NodeInit } from '../onnx/modelBuilder.ts';
import { ModelProtoSchema, type FunctionProtoSchema } from '../onnx/onnx_pb.ts';
import { elementCount, tensorOf, type NamedTensors, type Tensor } from '../tensor.ts';

export interface GeneratedModel {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly feeds: NamedTensors;
}

/** Scattered values in [-0.5, 0.5): Knuth's multiplicative hash of the position. */
export const scattered = (dims: readonly number[], seed = 0): Tensor =>
  tensorOf(
    'F32',
    dims,
    Float32Array.from(
      { length: elementCount(dims) },
      (_, i) => Math.imul(i + seed * 7919 + 1, 0x9e3779b1) / 2 ** 32,
    ),
  );

const i64 = (...values: number[]): Tensor =>
  tensorOf('I64', [values.length], BigInt64Array.from(values.map(BigInt)));
const scalar = (x: number): Tensor => tensorOf('F32', [], Float32Array.of(x));

/** Collects nodes and weights; every method gives the name of the value it makes. */
class Net {
  readonly nodes: NodeInit[] = [];
  readonly weights: Record<string, Tensor> = {};
  #count = 0;

  op(
    type: string,
    inputs: readonly string[],
    attributes: Parameters<typeof node>[3] = {},
    output = `v${this.#count++}`,
  ): string {
    this.nodes.push(node(type, inputs, [output], attributes));
    return output;
  }

  weight(...dims: number[]): string {
    return this.constant(scattered(dims, this.#count));
  }

  constant(tensor: Tensor): string {
    const name = `w${this.#count++}`;
    this.weights[name] = tensor;
    return name;
  }

  conv(x: string, inputs: number, outputs: number, kernel = 3, stride = 1): string {
    const pad = (kernel - 1) / 2;
    return this.op(
      'Conv',
      [x, this.weight(outputs, inputs, kernel, kernel), this.weight(outputs)],
      {
        kernel_shape: [kernel, kernel],
        pads: [pad, pad, pad, pad],
        strides: [stride, stride],
      },
    );
  }

  batchNorm(x: string, channels: number): string {
    const positive = tensorOf('F32', [channels], new Float32Array(channels).fill(0.7));
    const parts = [this.weight(channels), this.weight(channels), this.weight(channels)];
    return this.op('BatchNormalization', [x, ...parts, this.constant(positive)]);
  }

  dense(x: string, inputs: number, outputs: number): string {
    const product = this.op('MatMul', [x, this.weight(inputs, outputs)]);
    return this.op('Add', [product, this.weight(outputs)]);
  }

  /** Layer normalisation over the last axis, in pieces. */
  layerNorm(x: string, width: number): string {
    const mean = this.op('ReduceMean', [x], { axes: [-1] });
    const off = this.op('Sub', [x, mean]);
    const square = this.op('Pow', [off, this.constant(scalar(2))]);
    const variance = this.op('ReduceMean', [square], { axes: [-1] });
    const root = this.op('Sqrt', [this.op('Add', [variance, this.constant(scalar(1e-5))])]);
    const scaled = this.op('Mul', [this.op('Div', [off, root]), this.weight(width)]);
    return this.op('Add', [scaled, this.weight(width)]);
  }

  gelu(x: string): string {
    const erf = this.op('Erf', [this.op('Div', [x, this.constant(scalar(Math.SQRT2))])]);
    const gate = this.op('Add', [erf, this.constant(scalar(1))]);
    return this.op('Mul', [this.op('Mul', [x, gate]), this.constant(scalar(0.5))]);
  }

  /** Self-attention of `heads` over [batch, steps, width], with an additive mask where given. */
  attention(x: string, width: number, heads: number, mask?: string): string {
    const split = this.constant(i64(0, 0, heads, width / heads));
    const head = (perm: readonly number[]): string =>
      this.op('Transpose', [this.op('Reshape', [this.dense(x, width, width), split])], { perm });
    const [q, k, v] = [head([0, 2, 1, 3]), head([0, 2, 3, 1]), head([0, 2, 1, 3])];
    const scores = this.op('Div', [
      this.op('MatMul', [q, k]),
      this.constant(scalar(Math.sqrt(width / heads))),
    ]);
    const masked = mask === undefined ? scores : this.op('Add', [scores, mask]);
    const mixed = this.op('MatMul', [this.op('Softmax', [masked], { axis: -1 }), v]);
    const back = this.op('Transpose', [mixed], { perm: [0, 2, 1, 3] });
    const joined = this.op('Reshape', [back, this.constant(i64(0, 0, width))]);
    return this.dense(joined, width, width);
  }

  transformer(x: string, width: number, heads: number, mask?: string): string {
    const attended = this.op('Add', [
      x,
      this.attention(this.layerNorm(x, width), width, heads, mask),
    ]);
    const wide = this.gelu(this.dense(this.layerNorm(attended, width), width, 2 * width));
    return this.op('Add', [attended, this.dense(wide, 2 * width, width)]);
  }
}

interface Edges {
  readonly inputs: Parameters<typeof buildModel>[0]['inputs'];
  readonly outputs: Parameters<typeof buildModel>[0]['outputs'];
  readonly opset?: number;
  readonly irVersion?: number;
}

const built = (net: Net, name: string, { inputs, outputs, opset = 17, irVersion = 8 }: Edges) =>
  buildModel({
    name,
    opset,
    irVersion,
    producer: 'test',
    inputs,
    outputs,
    nodes: net.nodes,
    initializers: net.weights,
  });

const image = value('x', 'F32', ['N', 3, 16, 16]);
const fedImage = { x: scattered([2, 3, 16, 16]) };

function residual(): GeneratedModel {
  const net = new Net();
  const norm = (x: string): string => net.batchNorm(x, 8);
  let x = net.op('Relu', [norm(net.conv('x', 3, 8))]);
  for (let i = 0; i < 3; i++) {
    const inner = net.op('Relu', [norm(net.conv(x, 8, 8))]);
    x = net.op('Relu', [net.op('Add', [norm(net.conv(inner, 8, 8)), x])]);
  }
  const pooled = net.op('Flatten', [net.op('GlobalAveragePool', [x])]);
  net.op('Gemm', [pooled, net.weight(8, 5), net.weight(5)], {}, 'y');
  const bytes = built(net, 'residual', { inputs: [image], outputs: [value('y', 'F32', ['N', 5])] });
  return { name: 'skips: a residual network, dynamic batch', bytes, feeds: fedImage };
}

function branches(): GeneratedModel {
  const net = new Net();
  let x = 'x';
  for (const [i, inputs] of [3, 12, 12].entries()) {
    const pool = net.op('MaxPool', [x], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
    const arms = [
      net.op('Relu', [net.conv(x, inputs, 4, 1)]),
      net.op('Sigmoid', [net.conv(net.op('Relu', [net.conv(x, inputs, 4, 1)]), 4, 4)]),
      net.op('LeakyRelu', [net.conv(pool, inputs, 4, 1)]),
    ];
    x = net.op('Concat', arms, { axis: 1 }, i === 2 ? 'y' : undefined);
  }
  const bytes = built(net, 'branches', { inputs: [image], outputs: [value('y', 'F32', null)] });
  return { name: 'branches that join again', bytes, feeds: fedImage };
}

function sharedWeights(): GeneratedModel {
  const net = new Net();
  const table = net.weight(12, 12);
  const bias = net.weight(12);
  let x = 'x';
  for (let i = 0; i < 6; i++) {
    x = net.op('Tanh', [net.op('Add', [net.op('MatMul', [x, table]), bias])]);
  }
  net.op('MatMul', [x, net.op('Transpose', [table], { perm: [1, 0] })], {}, 'y');
  const bytes = built(net, 'shared', {
    inputs: [value('x', 'F32', ['N', 12])],
    outputs: [value('y', 'F32', ['N', 12])],
  });
  return { name: 'shared weights', bytes, feeds: { x: scattered([3, 12]) } };
}

function manyInputs(): GeneratedModel {
  const net = new Net();
  const a = net.op('Relu', [net.dense('a', 8, 16)]);
  const b = net.op('Relu', [net.dense('b', 4, 16)]);
  const joined = net.op('Tanh', [net.dense(net.op('Mul', [a, b]), 16, 16)]);
  const late = net.op('Add', [net.dense(joined, 16, 16), 'late']);
  const picked = net.op('Gather', [net.op('Sigmoid', [late]), 'index'], { axis: 1 });
  net.op('Add', [picked, net.op('Cast', ['index'], { to: 1 })], {}, 'y');
  const bytes = built(net, 'inputs', {
    inputs: [
      value('a', 'F32', ['N', 8]),
      value('b', 'F32', ['N', 4]),
      value('late', 'F32', [16]),
      value('index', 'I64', [3]),
      value('unused', 'F32', [2]),
    ],
    outputs: [value('y', 'F32', ['N', 3])],
  });
  const feeds = {
    a: scattered([2, 8]),
    b: scattered([2, 4], 1),
    late: scattered([16], 2),
    index: i64(3, 0, 15),
    unused: scattered([2]),
  };
  return { name: 'several inputs, two of them needed late, one never', bytes, feeds };
}

function manyOutputs(): GeneratedModel {
  const net = new Net();
  net.op('Relu', [net.conv('x', 3, 4)], {}, 'early');
  const middle = net.op('Relu', [net.conv('early', 4, 4)]);
  net.op('GlobalMaxPool', [middle], {}, 'pooled');
  const deep = net.op('Relu', [net.conv(net.conv(middle, 4, 4), 4, 4)]);
  net.op('ArgMax', [deep], { axis: 1 }, 'labels');
  net.op('Softmax', [net.conv(deep, 4, 2)], { axis: 1 }, 'y');
  const bytes = built(net, 'outputs', {
    inputs: [image],
    outputs: [
      value('y', 'F32', null),
      value('early', 'F32', null),
      value('labels', 'I64', null),
      value('pooled', 'F32', null),
      value('x', 'F32', null),
    ],
  });
  return { name: 'several outputs, early ones and an input', bytes, feeds: fedImage };
}

function encoder(): GeneratedModel {
  const net = new Net();
  const table = net.weight(20, 16);
  let x = net.op('Gather', [table, 'tokens'], { axis: 0 });
  for (let i = 0; i < 3; i++) x = net.transformer(x, 16, 2, 'mask');
  const tied = net.op('Transpose', [table], { perm: [1, 0] });
  net.op('MatMul', [net.layerNorm(x, 16), tied], {}, 'logits');
  const bytes = built(net, 'encoder', {
    inputs: [value('tokens', 'I64', ['N', 'T']), value('mask', 'F32', ['N', 1, 1, 'T'])],
    outputs: [value('logits', 'F32', ['N', 'T', 20])],
  });
  const feeds = {
    tokens: { ...i64(3, 1, 4, 1, 5, 9, 2, 6, 5, 3), dims: [2, 5] },
    mask: scattered([2, 1, 1, 5]),
  };
  return { name: 'a transformer: attention with a mask, tied embeddings', bytes, feeds };
}

function decoder(): GeneratedModel {
  const net = new Net();
  let x = 'x';
  for (let i = 0; i < 2; i++) {
    const parts = [net.weight(16), net.weight(16)];
    const normed = net.op('LayerNormalization', [x, ...parts], { axis: -1 });
    const attended = net.op('Add', [x, net.attention(normed, 16, 4)]);
    const gate = net.dense(attended, 16, 32);
    const silu = net.op('Mul', [gate, net.op('Sigmoid', [gate])]);
    const wide = net.op('Mul', [silu, net.dense(attended, 16, 32)]);
    x = net.op('Add', [attended, net.dense(wide, 32, 16)], {}, i === 1 ? 'y' : undefined);
  }
  const bytes = built(net, 'decoder', {
    inputs: [value('x', 'F32', ['N', 6, 16])],
    outputs: [value('y', 'F32', ['N', 6, 16])],
    opset: 21,
    irVersion: 10,
  });
  return { name: 'a gated transformer in opset 21', bytes, feeds: { x: scattered([2, 6, 16]) } };
}

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

function oldOpset(): GeneratedModel {
  const net = new Net();
  let x = net.op('Relu', [net.batchNorm(net.conv('x', 3, 6), 6)]);
  const arms = [net.conv(x, 6, 6), net.conv(x, 6, 6, 1), x];
  x = net.op('Dropout', [net.op('Sum', arms)]);
  x = net.op('AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
  const flat = net.op('Reshape', [x, net.constant(i64(0, -1))]);
  net.op('Softmax', [net.op('Gemm', [flat, net.weight(384, 7), net.weight(7)])], {}, 'y');
  const listed = Object.entries(net.weights).map(([name, t]) => value(name, t.dtype, t.dims));
  const bytes = built(net, 'old', {
    inputs: [image, ...listed],
    outputs: [value('y', 'F32', ['N', 7])],
    opset: 7,
    irVersion: 3,
  });
  return { name: 'opset 7 and IR version 3, weights listed as inputs', bytes, feeds: fedImage };
}

function quantized(): GeneratedModel {
  const net = new Net();
  const scale = net.constant(scalar(0.02));
  const zero = net.constant(tensorOf('U8', [], Uint8Array.of(128)));
  const round = (x: string): string =>
    net.op('DequantizeLinear', [net.op('QuantizeLinear', [x, scale, zero]), scale, zero]);
  let x = round('x');
  for (const [inputs, outputs] of [
    [3, 6],
    [6, 6],
    [6, 4],
  ] as const) {
    const bytes = Int8Array.from(
      { length: outputs * inputs * 9 },
      (_, i) => ((i * 37) % 200) - 100,
    );
    const weights = net.constant(tensorOf('I8', [outputs, inputs, 3, 3], bytes));
    const plain = net.op('DequantizeLinear', [
      weights,
      net.constant(scalar(0.005)),
      net.constant(tensorOf('I8', [], Int8Array.of(0))),
    ]);
    const conv = net.op('Conv', [x, plain], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
    x = round(net.op('Relu', [conv]));
  }
  net.op('GlobalAveragePool', [x], {}, 'y');
  const bytes = built(net, 'quantized', { inputs: [image], outputs: [value('y', 'F32', null)] });
  return { name: 'quantised, with Q/DQ pairs', bytes, feeds: fedImage };
}

function encoderDecoder(): GeneratedModel {
  const net = new Net();
  const wide = net.op('Relu', [net.conv('x', 3, 4)]);
  const half = net.op('Relu', [net.conv(wide, 4, 6, 3, 2)]);
  const deep = net.op('Relu', [net.conv(half, 6, 8, 3, 2)]);
  const up = (x: string, inputs: number, outputs: number): string =>
    net.op('ConvTranspose', [x, net.weight(inputs, outputs, 2, 2)], {
      kernel_shape: [2, 2],
      strides: [2, 2],
    });
  const middle = net.op('Concat', [up(deep, 8, 6), half], { axis: 1 });
  const last = net.op('Concat', [up(net.op('Relu', [net.conv(middle, 12, 6)]), 6, 4), wide], {
    axis: 1,
  });
  net.op('Sigmoid', [net.conv(last, 8, 2)], {}, 'y');
  const bytes = built(net, 'unet', { inputs: [image], outputs: [value('y', 'F32', null)] });
  return { name: 'long skips, as in a U-Net', bytes, feeds: fedImage };
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

export const generatedModels = (): GeneratedModel[] => [
  residual(),
  branches(),
  sharedWeights(),
  manyInputs(),
  manyOutputs(),
  encoder(),
  decoder(),
  controlFlow(),
  oldOpset(),
  quantized(),
  encoderDecoder(),
  computedConstants(),
  functions(),
  sequences(),
];
