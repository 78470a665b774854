/** Models made to be a burden: planning is refused or ends soon, and nothing throws. */
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { MAX_SPLIT_NODES } from '../../limits.ts';
import { generatedModels } from '../../testing/generatedModels.ts';
import { readModel } from '../graph.ts';
import { buildModel, node, value, type NodeInit } from '../modelBuilder.ts';
import { ModelProtoSchema, type FunctionProtoSchema } from '../onnx_pb.ts';
import { emitStages, planFewestStages, planStages } from './splitModel.ts';

const modelOf = (nodes: readonly NodeInit[], output = 'y') => {
  const read = readModel(
    buildModel({
      name: 'g',
      opset: 17,
      irVersion: 8,
      producer: 'test',
      inputs: [value('x', 'F32', [4])],
      outputs: [value(output, 'F32', [4])],
      nodes,
    }),
  );
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
};
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Generous to a busy machine; what these guard against took minutes, or never ended. */
const TIMEOUT_MS = 60_000;

describe('a burden', () => {
  test(
    'no flipped byte makes planning or writing throw',
    () => {
      let planned = 0;
      for (const { bytes } of generatedModels()) {
        // The graph stands before the weights; a plan takes a tenth of a second, so few bytes of each have to do.
        for (let at = 3; at < bytes.length; at += 1 + Math.floor(bytes.length / 12)) {
          const flipped = bytes.slice();
          flipped[at]! ^= 1 << (at % 8);
          const model = readModel(flipped);
          if (!model.ok) continue;
          const plan = planStages(model.value, { stages: 2 });
          if (!plan.ok) continue;
          planned += 1;
          for (const stage of emitStages(model.value, plan.value)) {
            expect(readModel(stage.bytes).ok).toBe(true);
          }
        }
      }
      expect(planned).toBeGreaterThan(20);
    },
    TIMEOUT_MS,
  );

  test(
    'as many nodes as are allowed, in the worst order; one more is refused',
    () => {
      const chain = (count: number) =>
        numbers(count)
          .map((i) =>
            node('Mean', [i === 0 ? 'x' : `v${i - 1}`], [i === count - 1 ? 'y' : `v${i}`]),
          )
          .reverse();
      const plan = planStages(modelOf(chain(MAX_SPLIT_NODES)), { stages: 8 });
      expect(plan).toMatchObject({ ok: true, value: { stages: { length: 8 } } });
      expect(planStages(modelOf(chain(MAX_SPLIT_NODES + 1)), { stages: 2 })).toMatchObject({
        ok: false,
        error: { kind: 'unsupported-model' },
      });
    },
    TIMEOUT_MS,
  );

  test(
    'everything ready at once, and one that takes all of it',
    () => {
      const wide = numbers(20_000).map((i) => node('Relu', ['x'], [`v${i}`]));
      const all = node(
        'Sum',
        numbers(20_000).map((i) => `v${i}`),
        ['y'],
      );
      expect(planStages(modelOf([...wide, all]), { stages: 3 }).ok).toBe(true);
    },
    TIMEOUT_MS,
  );

  test(
    'a chain of constants that every node takes',
    () => {
      const made = numbers(4000).map((i) => node('Neg', [i === 0 ? 'c' : `c${i - 1}`], [`c${i}`]));
      const used = numbers(4000).map((i) =>
        node('Add', [i === 0 ? 'x' : `v${i - 1}`, `c${i}`], [i === 3999 ? 'y' : `v${i}`]),
      );
      const first = node('Constant', [], ['c'], {
        value: { dtype: 'F32', dims: [1], bytes: new Uint8Array(4) },
      });
      const plan = planFewestStages(modelOf([first, ...made, ...used]), { maxStageBytes: 1e9 });
      expect(plan).toMatchObject({ ok: true, value: { stages: { length: 1 } } });
    },
    TIMEOUT_MS,
  );

  test(
    'functions that call functions, ten calls a level',
    () => {
      const functions = numbers(12).map((level): MessageInitShape<typeof FunctionProtoSchema> => ({
        name: `F${level}`,
        domain: 'own',
        input: ['a'],
        output: ['b9'],
        node: numbers(10).map((i) => ({
          ...node(level === 0 ? 'Relu' : `F${level - 1}`, [i === 0 ? 'a' : `b${i - 1}`], [`b${i}`]),
          domain: level === 0 ? '' : 'own',
        })),
      }));
      const plain = modelOf([
        { ...node('F11', ['x'], ['h']), domain: 'own' },
        node('Relu', ['h'], ['y']),
      ]);
      const proto = fromBinary(ModelProtoSchema, plain.bytes);
      proto.functions = create(ModelProtoSchema, { functions }).functions;
      const read = readModel(toBinary(ModelProtoSchema, proto));
      if (!read.ok) throw new Error(JSON.stringify(read.error));
      const plan = planStages(read.value, { stages: 2 });
      // Its type was not found in the time that is given, so it is not sent; a run may still tell.
      expect(plan).toMatchObject({ ok: false, error: { kind: 'too-few-cuts' } });
    },
    TIMEOUT_MS,
  );
});
