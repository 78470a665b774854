import { describe, expect, it } from 'vitest';
import { buildModel, node, value } from '../onnx/modelBuilder.ts';
import { readModel } from '../onnx/graph.ts';
import { tensorOf } from '../tensor.ts';
import {
  roundedToHalf,
  roundedToInt8,
  withHalfWeights,
  withInt8Weights,
  withRandomWeights,
} from './reducedModel.ts';

const floats = (...values: number[]) => Float32Array.from(values);

describe('rounding', () => {
  it('to half precision: eleven bits, ties to even, subnormals in steps of 2^-24', () => {
    const halves = roundedToHalf(floats(1 + 2 ** -11, 1 + 3 * 2 ** -11, -0.1, 2 ** -25, 65504, 0));
    expect([...halves]).toEqual([1, 1 + 2 ** -9, -0.0999755859375, 0, 65504, 0]);
  });

  it('to eight bits: 255 steps of each slice’s own largest', () => {
    const rounded = roundedToInt8(floats(127, 1.4, 0, 0, 0.127, -0.0006), [3, 2]);
    expect([...rounded].map((x) => Number(x.toFixed(6)))).toEqual([127, 1, 0, 0, 0.127, -0.001]);
  });
});

describe('models', () => {
  const model = buildModel({
    name: 'sum',
    opset: 13,
    irVersion: 7,
    producer: 'test',
    inputs: [value('x', 'F32', [2, 2])],
    outputs: [value('y', 'F32', [2, 2])],
    nodes: [node('MatMul', ['x', 'w'], ['z']), node('Add', ['z', 'b'], ['y'])],
    initializers: {
      w: tensorOf('F32', [2, 2], floats(1, 1 / 3, 1, 1 / 7)),
      b: tensorOf('F32', [2], floats(0.3, 0.7)),
    },
  });

  it('stay models of the same shapes, with other weights', () => {
    const versions = [
      withHalfWeights(model),
      withInt8Weights(model),
      withRandomWeights(model, () => 0.5),
    ];
    const facts = (bytes: Uint8Array) => {
      const read = readModel(bytes);
      if (!read.ok) throw new Error(JSON.stringify(read.error));
      const { inputs, outputs, initializers } = read.value;
      return { inputs, outputs, initializers: [...initializers] };
    };
    for (const bytes of versions) {
      expect(facts(bytes)).toEqual(facts(model));
      expect(bytes).not.toEqual(model);
    }
  });
});
