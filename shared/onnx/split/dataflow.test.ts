import { describe, expect, test } from 'vitest';
import { tensorOf } from '../../tensor.ts';
import { readModel } from '../graph.ts';
import { buildModel, node, value, type NodeInit } from '../modelBuilder.ts';
import { constantParts, dataflowOf } from './dataflow.ts';

const weight = tensorOf('F32', [2], Float32Array.of(1, 2));

function flowOf(nodes: readonly NodeInit[], outputs: readonly string[] = ['y']) {
  const read = readModel(
    buildModel({
      name: 'g',
      opset: 17,
      irVersion: 8,
      producer: 'test',
      inputs: [value('x', 'F32', [2])],
      outputs: outputs.map((name) => value(name, 'F32', null)),
      nodes,
      initializers: { w: weight },
    }),
  );
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return dataflowOf(read.value);
}

const flow = (...given: Parameters<typeof flowOf>) => {
  const result = flowOf(...given);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

describe('dataflowOf', () => {
  test('sorts nodes that the model has in a wrong order', () => {
    const { nodes, values } = flow([node('Relu', ['h'], ['y']), node('Neg', ['x'], ['h'])]);
    expect(nodes.map(({ index }) => index)).toEqual([1, 0]);
    expect(values.get('h')).toMatchObject({ producer: 0, consumers: [1], isModelOutput: false });
    expect(values.get('x')).toMatchObject({ producer: null, consumers: [0] });
    expect([...values.keys()]).toEqual(['x', 'h', 'y']);
  });

  test('what is made of constants alone is no part of the flow', () => {
    const made = flow([
      node('Constant', [], ['c'], { value: weight }),
      node('Add', ['c', 'w'], ['d']),
      node('Neg', ['d'], ['e']),
      node('Mul', ['x', 'e'], ['y']),
    ]);
    expect(made.nodes.map(({ proto }) => proto.opType)).toEqual(['Mul']);
    expect(made.nodes[0]!.constants).toEqual(['e']);
    const parts = constantParts(made, ['e']);
    expect([...parts.initializers]).toEqual(['w']);
    expect(parts.nodes.map(({ proto }) => proto.opType)).toEqual(['Constant', 'Add', 'Neg']);
  });

  test('what is drawn at random is never made twice', () => {
    const made = flow([
      node('RandomNormal', [], ['r'], { shape: [2] }),
      node('RandomNormalLike', ['w'], ['s']),
      node('Sum', ['x', 'r', 's'], ['y']),
    ]);
    expect(made.nodes).toHaveLength(3);
    expect(made.constantNodes.size).toBe(0);
  });

  test('what a subgraph takes from outside is taken by its node, at any depth', () => {
    const inner = {
      name: 'inner',
      inputs: [],
      outputs: [value('deep', 'F32', null)],
      nodes: [node('Mul', ['h', 'own'], ['deep'])],
    };
    const branch = {
      name: 'branch',
      inputs: [],
      outputs: [value('out', 'F32', null)],
      nodes: [
        node('Neg', ['w'], ['own']),
        node('If', ['q'], ['out'], { then_branch: inner, else_branch: inner }),
      ],
    };
    const made = flow([
      node('Relu', ['x'], ['h']),
      node('ReduceMax', ['x'], ['m'], { keepdims: 0 }),
      node('Cast', ['m'], ['q'], { to: 9 }),
      node('If', ['q'], ['y'], { then_branch: branch, else_branch: branch }),
    ]);
    const control = made.nodes.at(-1)!;
    expect([...control.inputs].sort()).toEqual(['h', 'q']);
    expect(control.constants).toEqual(['w']);
  });

  test.each([
    ['a value that is made twice', [node('Neg', ['x'], ['y']), node('Abs', ['x'], ['y'])], '"y"'],
    ['a value over a weight', [node('Neg', ['x'], ['w']), node('Abs', ['w'], ['y'])], '"w"'],
    ['a value that nothing makes', [node('Neg', ['nowhere'], ['y'])], '"nowhere"'],
    ['a cycle', [node('Add', ['x', 'y'], ['z']), node('Neg', ['z'], ['y'])], 'wait for each other'],
  ])('refuses %s', (_what, nodes, came) => {
    const result = flowOf(nodes);
    expect(result).toMatchObject({ ok: false, error: { kind: 'malformed-model' } });
    expect(result.ok ? '' : result.error.came).toContain(came);
  });

  test('an output that nothing makes is refused', () => {
    expect(flowOf([node('Neg', ['x'], ['y'])], ['y', 'z'])).toMatchObject({ ok: false });
  });
});
