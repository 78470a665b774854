/** By rules alone; `splitModel.test.ts` holds the rules against what onnxruntime says of real graphs. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { tensorOf } from '../../tensor.ts';
import { readModel } from '../graph.ts';
import { buildModel, node, value, type NodeInit } from '../modelBuilder.ts';
import { ModelProtoSchema } from '../onnx_pb.ts';
import { elementTypes } from './elementTypes.ts';

const FLOAT = 1;
const UINT8 = 2;
const INT8 = 3;
const INT32 = 6;
const INT64 = 7;
const BOOL = 9;
const HALF = 10;

function typesOf(nodes: readonly NodeInit[], change?: (model: Uint8Array) => Uint8Array) {
  const built = buildModel({
    name: 'g',
    opset: 17,
    irVersion: 8,
    producer: 'test',
    inputs: [value('x', 'F32', null), value('h', 'F16', null), value('k', 'I64', null)],
    outputs: [],
    nodes,
    initializers: {
      s: tensorOf('F32', [], new Float32Array(1)),
      z: tensorOf('I8', [], new Int8Array(1)),
    },
  });
  const read = readModel(change?.(built) ?? built);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return elementTypes(read.value);
}

test.each([
  ['Add', ['h', 'h'], {}, [HALF]],
  ['Shape', ['x'], {}, [INT64]],
  ['Less', ['x', 'x'], {}, [BOOL]],
  ['Cast', ['x'], { to: INT32 }, [INT32]],
  ['CastLike', ['x', 'h'], {}, [HALF]],
  ['Where', ['x', 'h', 'h'], {}, [HALF]],
  ['TopK', ['h', 'k'], {}, [HALF, INT64]],
  ['Dropout', ['h'], {}, [HALF, undefined]],
  ['OneHot', ['k', 'k', 'h'], {}, [HALF]],
  ['ConstantOfShape', ['k'], {}, [FLOAT]],
  ['Constant', [], { value: tensorOf('I32', [1], Int32Array.of(1)) }, [INT32]],
  ['RandomNormalLike', ['h'], {}, [HALF]],
  ['RandomNormalLike', ['h'], { dtype: FLOAT }, [FLOAT]],
  ['QuantizeLinear', ['x', 's'], {}, [UINT8]],
  ['QuantizeLinear', ['x', 's', 'z'], {}, [INT8]],
  ['DequantizeLinear', ['z', 's'], {}, [FLOAT]],
  ['DynamicQuantizeLinear', ['x'], {}, [UINT8, FLOAT, UINT8]],
  ['MatMulInteger', ['z', 'z'], {}, [INT32]],
  ['SplitToSequence', ['x'], {}, [null]],
  ['Mystery', ['x'], {}, [undefined]],
  ['SequenceAt', ['x'], {}, [undefined]],
] as const)('%s of %s', (operator, inputs, attributes, expected) => {
  const outputs = expected.map((_, i) => `o${i}`);
  const types = typesOf([node(operator, inputs, outputs, attributes)]);
  expect(outputs.map((name) => types.get(name))).toEqual(expected);
});

test('a type follows along the graph, in whatever order its nodes stand', () => {
  const types = typesOf([node('Relu', ['b'], ['c']), node('Neg', ['h'], ['b'])]);
  expect(types.get('c')).toBe(HALF);
});

test('what is declared is not inferred, and a sequence is declared as no tensor', () => {
  const declare = (bytes: Uint8Array): Uint8Array => {
    const proto = fromBinary(ModelProtoSchema, bytes);
    const { graph } = create(ModelProtoSchema, {
      graph: { valueInfo: [value('o', 'F64', null), { name: 'list', type: {} }] },
    });
    // TypeProto.sequence_type, which our schema does not read
    graph!.valueInfo[1]!.type!.$unknown = [{ no: 4, wireType: 2, data: Uint8Array.of(0) }];
    proto.graph!.valueInfo = graph!.valueInfo;
    return toBinary(ModelProtoSchema, proto);
  };
  const types = typesOf([node('Mystery', ['x'], ['o']), node('Mystery', ['x'], ['list'])], declare);
  expect(types.get('o')).toBe(11);
  expect(types.get('list')).toBeNull();
});

test('a function that calls itself ends', () => {
  const own = (bytes: Uint8Array): Uint8Array => {
    const proto = fromBinary(ModelProtoSchema, bytes);
    proto.functions = create(ModelProtoSchema, {
      functions: [
        {
          name: 'Again',
          domain: '',
          input: ['a'],
          output: ['c'],
          node: [node('Again', ['a'], ['b']), node('Add', ['b', 'a'], ['c'])],
        },
      ],
    }).functions;
    return toBinary(ModelProtoSchema, proto);
  };
  expect(typesOf([node('Again', ['h'], ['o'])], own).get('o')).toBeUndefined();
});
