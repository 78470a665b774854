/** Groups by the names of what their last nodes make: the values at which a cut may stand. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tensorOf } from '../../tensor.ts';
import { readModel } from '../graph.ts';
import { buildModel, node, value, type NodeInit } from '../modelBuilder.ts';
import { dataflowOf, type Dataflow } from './dataflow.ts';
import { fusionGroups } from './fusions.ts';
import { topologicalOrder } from './topologicalOrder.ts';

const weight = tensorOf('F32', [2, 2], new Float32Array(4));

function flowOf(nodes: readonly NodeInit[], outputs: readonly string[]): Dataflow {
  const read = readModel(
    buildModel({
      name: 'g',
      opset: 17,
      irVersion: 8,
      producer: 'test',
      inputs: [value('x', 'F32', null), value('m', 'F32', null)],
      outputs: outputs.map((name) => value(name, 'F32', null)),
      nodes,
      initializers: { w: weight, s: weight, z: weight },
    }),
  );
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const flow = dataflowOf(read.value);
  if (!flow.ok) throw new Error(JSON.stringify(flow.error));
  return flow.value;
}

/** Outputs of the nodes of each group, in the order of the flow. */
function groupsOf(nodes: readonly NodeInit[], outputs: readonly string[] = ['y']): string[] {
  const flow = flowOf(nodes, outputs);
  const groups = new Map<number, string[]>();
  fusionGroups(flow).forEach((group, at) => {
    groups.set(group, [...(groups.get(group) ?? []), ...flow.nodes[at]!.outputs]);
  });
  return [...groups.values()].map((names) => names.join(' '));
}

describe('fusionGroups', () => {
  test('a convolution takes its normalisation and activation', () => {
    const groups = groupsOf([
      node('Conv', ['x', 'w'], ['a']),
      node('BatchNormalization', ['a', 's', 's', 's', 's'], ['b']),
      node('Clip', ['b'], ['c']),
      node('Conv', ['c', 'w'], ['d']),
      node('Relu', ['d'], ['y']),
    ]);
    expect(groups).toEqual(['a b c', 'd y']);
  });

  test('a product takes its bias and activation; one that two need is left alone', () => {
    const groups = groupsOf([
      node('MatMul', ['x', 'w'], ['a']),
      node('Add', ['a', 's'], ['b']),
      node('Relu', ['b'], ['c']),
      node('MatMul', ['c', 'w'], ['d']),
      node('Sigmoid', ['c'], ['e']),
      node('Mul', ['d', 'e'], ['y']),
    ]);
    expect(groups).toEqual(['a b c', 'd', 'e', 'y']);
  });

  test('GELU in pieces goes to the product before it', () => {
    const groups = groupsOf([
      node('MatMul', ['x', 'w'], ['a']),
      node('Div', ['a', 's'], ['b']),
      node('Erf', ['b'], ['c']),
      node('Add', ['c', 's'], ['d']),
      node('Mul', ['a', 'd'], ['e']),
      node('Mul', ['e', 's'], ['f']),
      node('MatMul', ['f', 'w'], ['y']),
    ]);
    expect(groups).toEqual(['a b c d e f', 'y']);
  });

  test('a layer normalisation in pieces is one; the residual around it is not', () => {
    const groups = groupsOf([
      node('MatMul', ['m', 'w'], ['r']),
      node('ReduceMean', ['r'], ['mean']),
      node('Sub', ['r', 'mean'], ['off']),
      node('Pow', ['off', 's'], ['square']),
      node('ReduceMean', ['square'], ['variance']),
      node('Add', ['variance', 's'], ['safe']),
      node('Sqrt', ['safe'], ['root']),
      node('Div', ['off', 'root'], ['normal']),
      node('Mul', ['normal', 's'], ['scaled']),
      node('Add', ['scaled', 's'], ['normed']),
      node('MatMul', ['normed', 'w'], ['inner']),
      node('Add', ['r', 'inner'], ['y']),
    ]);
    expect(groups).toEqual([
      'r',
      'mean off square variance safe root normal scaled normed',
      'inner',
      'y',
    ]);
  });

  test('the products around a softmax stay with it, masked or not', () => {
    const groups = groupsOf([
      node('MatMul', ['x', 'w'], ['q']),
      node('MatMul', ['x', 'w'], ['k']),
      node('MatMul', ['x', 'w'], ['v']),
      node('MatMul', ['q', 'k'], ['scores']),
      node('Div', ['scores', 's'], ['scaled']),
      node('Add', ['scaled', 'm'], ['masked']),
      node('Softmax', ['masked'], ['weights']),
      node('MatMul', ['weights', 'v'], ['y']),
    ]);
    expect(groups).toEqual(['q', 'k', 'v', 'scores scaled masked weights y']);
  });

  test('a cut between quantised layers stands where the bytes are fewest: after Q, before DQ', () => {
    const groups = groupsOf([
      node('Conv', ['x', 'w'], ['a']),
      node('Relu', ['a'], ['b']),
      node('QuantizeLinear', ['b', 's', 'z'], ['q']),
      node('DequantizeLinear', ['q', 's', 'z'], ['d']),
      node('Conv', ['d', 'w'], ['y']),
    ]);
    expect(groups).toEqual(['a b q', 'd y']);
  });

  test('what the model gives out is not hidden in a group before its end', () => {
    const nodes = [node('Conv', ['x', 'w'], ['a']), node('Relu', ['a'], ['y'])];
    expect(groupsOf(nodes)).toEqual(['a y']);
    expect(groupsOf(nodes, ['y', 'a'])).toEqual(['a', 'y']);
  });
});

const OPERATORS =
  `Split MatMul Softmax Relu Add Mul Where DequantizeLinear QuantizeLinear Conv ReduceMean
  LayerNormalization Sub Div`.split(/\s+/);

test('groups taken as single nodes never wait for each other', () => {
  const anyNode = fc.record({
    operator: fc.constantFrom(...OPERATORS),
    reach: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
    made: fc.integer({ min: 1, max: 2 }),
  });
  fc.assert(
    fc.property(fc.array(anyNode, { minLength: 1, maxLength: 24 }), (drawn) => {
      const values = ['x'];
      const nodes = drawn.map(({ operator, reach, made }, at) => {
        const inputs = reach.map((back) => values[Math.max(0, values.length - back)]!);
        const outputs = operator === 'Split' ? [`v${at}`, `u${at}`].slice(0, made) : [`v${at}`];
        values.push(...outputs);
        return node(operator, inputs, outputs);
      });
      const flow = flowOf(nodes, [values.at(-1)!]);
      const groups = fusionGroups(flow);
      const before = groups.map(() => new Set<number>());
      flow.nodes.forEach(({ inputs }, at) => {
        for (const name of inputs) {
          const { producer } = flow.values.get(name)!;
          if (producer !== null && groups[producer] !== groups[at]) {
            before[groups[at]!]!.add(groups[producer]!);
          }
        }
      });
      expect(topologicalOrder(before, (a, b) => a - b)).not.toBeNull();
    }),
    { numRuns: 500 },
  );
});
