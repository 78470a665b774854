/**
 * Small models of every shape that cutting must survive, built by script. Each comes with feeds for one run.
 */
import { value } from '../onnx/modelBuilder.ts';
import { tensorOf } from '../tensor.ts';
import { built, i64, Net, scalar, scattered, type GeneratedModel } from './netBuilder.ts';
import { oddModels } from './oddModels.ts';

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

export const generatedModels = (): GeneratedModel[] => [
  residual(),
  branches(),
  sharedWeights(),
  manyInputs(),
  manyOutputs(),
  encoder(),
  decoder(),
  oldOpset(),
  quantized(),
  encoderDecoder(),
  ...oddModels(),
];
