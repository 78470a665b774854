/**
 * Counts against arithmetic done by hand; real models are counted in coordinator/referee.
 */
import { describe, expect, test } from 'vitest';
import { tensorOf, type Tensor } from '../tensor.ts';
import { countFlops, declaredShapes } from './flops.ts';
import { readModel, type OnnxModel } from './graph.ts';
import { buildModel, node, value, type NodeInit } from './modelBuilder.ts';

const zeros = (...dims: number[]): Tensor =>
  tensorOf('F32', dims, new Float32Array(dims.reduce((a, b) => a * b, 1)));

function modelOf(nodes: readonly NodeInit[], initializers: Record<string, Tensor> = {}): OnnxModel {
  const bytes = buildModel({
    name: 'g',
    opset: 17,
    irVersion: 8,
    producer: 'test',
    inputs: [value('x', 'F32', null)],
    outputs: [value('y', 'F32', null)],
    nodes,
    initializers,
  });
  const read = readModel(bytes);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

type Dims = readonly number[];

/** One node `x (, w (, b)) -> y`. */
function count(
  op: string,
  { x, y, w, b, attributes = {} }: { x: Dims; y: Dims; w?: Dims; b?: Dims; attributes?: object },
): number {
  const inputs = ['x', ...(w === undefined ? [] : ['w']), ...(b === undefined ? [] : ['b'])];
  const weights = { ...(w && { w: zeros(...w) }), ...(b && { b: zeros(...b) }) };
  const model = modelOf([node(op, inputs, ['y'], attributes as never)], weights);
  const counted = countFlops(
    model,
    new Map([
      ['x', x],
      ['y', y],
    ]),
  );
  expect(counted.estimated).toEqual([]);
  return counted.flops;
}

describe('countFlops by hand', () => {
  test('Conv: 2 per weight and output position, 1 for the bias', () => {
    // 4 output channels of 5×5, each a 3×3 kernel over 2 channels
    const conv = { x: [1, 2, 5, 5], y: [1, 4, 5, 5], w: [4, 2, 3, 3] };
    expect(count('Conv', conv)).toBe(4 * 25 * 2 * 18);
    expect(count('Conv', { ...conv, b: [4] })).toBe(4 * 25 * (2 * 18 + 1));
  });

  test('Conv in groups sees only its own channels', () => {
    // depthwise: every one of 8 channels by its own 3×3
    expect(count('Conv', { x: [1, 8, 4, 4], y: [1, 8, 4, 4], w: [8, 1, 3, 3] })).toBe(8 * 16 * 18);
  });

  test('ConvTranspose scatters every input element', () => {
    expect(count('ConvTranspose', { x: [1, 3, 4, 4], y: [1, 2, 9, 9], w: [3, 2, 3, 3] })).toBe(
      3 * 16 * 2 * 9 * 2,
    );
  });

  test('MatMul and Gemm', () => {
    expect(count('MatMul', { x: [7, 5, 3], y: [7, 5, 2], w: [3, 2] })).toBe(7 * 5 * 2 * 3 * 2);
    expect(count('Gemm', { x: [5, 3], y: [5, 2], w: [3, 2], b: [2] })).toBe(5 * 2 * (2 * 3 + 1));
    const transposed = { x: [3, 5], y: [5, 2], w: [3, 2], attributes: { transA: 1 } };
    expect(count('Gemm', transposed)).toBe(5 * 2 * 2 * 3);
  });

  test('pools, normalisation, softmax, elements and reductions', () => {
    const pool = { x: [1, 2, 4, 4], y: [1, 2, 2, 2], attributes: { kernel_shape: [2, 2] } };
    expect(count('MaxPool', pool)).toBe(8 * 4);
    expect(count('GlobalAveragePool', { x: [1, 2, 4, 4], y: [1, 2, 1, 1] })).toBe(32);
    expect(count('BatchNormalization', { x: [1, 2, 4], y: [1, 2, 4] })).toBe(16);
    expect(count('Softmax', { x: [2, 10], y: [2, 10] })).toBe(100);
    expect(count('Relu', { x: [2, 3], y: [2, 3] })).toBe(6);
    expect(count('Add', { x: [3], y: [4, 3], w: [4, 1] })).toBe(12);
    expect(count('ReduceMean', { x: [4, 5], y: [4] })).toBe(20);
    expect(count('Reshape', { x: [4, 5], y: [20] })).toBe(0);
  });

  test('LSTM: four gates over input and hidden state', () => {
    // 6 steps, batch 2, input 3, hidden 4
    expect(count('LSTM', { x: [6, 2, 3], y: [6, 1, 2, 4], w: [1, 16, 3], b: [1, 16, 4] })).toBe(
      6 * 2 * 4 * 4 * (2 * (3 + 4) + 5),
    );
  });
});

describe('what cannot be counted', () => {
  test('an unknown operator is estimated from its weights and outputs, and named', () => {
    const model = modelOf([node('Mystery', ['x', 'w'], ['y'])], { w: zeros(10, 10) });
    const shapes = new Map([
      ['x', [10]],
      ['y', [10]],
    ]);
    expect(countFlops(model, shapes)).toEqual({ flops: 2 * 100 + 10, estimated: ['Mystery'] });
  });

  test('a missing shape is an estimate, never zero and never a throw', () => {
    const nodes = [node('MatMul', ['x', 'w'], ['h']), node('Relu', ['h'], ['y'])];
    const model = modelOf(nodes, { w: zeros(3, 2) });
    const counted = countFlops(model, new Map([['x', [1, 3]]]));
    expect(counted).toEqual({ flops: 12, estimated: ['MatMul', 'Relu'] });
  });

  test('declared shapes fill in where all extents are fixed', () => {
    const model = modelOf([node('Relu', ['x'], ['y'])]);
    const shapes = declaredShapes(
      { ...model, declared: [{ name: 'y', dtype: 'F32', typeName: 'float', dims: [2, 3] }] },
      new Map([['x', [2, 3]]]),
    );
    expect(countFlops(model, shapes)).toEqual({ flops: 6, estimated: [] });
  });
});
