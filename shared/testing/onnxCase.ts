/**
 * The ONNX project's conformance cases: a model with its inputs and expected outputs.
 *
 * Takes bytes, reads no files: `model.onnx` and, per test data set, `input_i.pb` and `output_i.pb`, each a
 * TensorProto. Tensors belong to the model's inputs and outputs by position.
 */
import { fromBinary } from '@bufbuild/protobuf';
import { dtypeOfDataType, nameOfDataType } from '../onnx/dataType.ts';
import { readModel } from '../onnx/graph.ts';
import { TensorProtoSchema, type TensorProto } from '../onnx/onnx_pb.ts';
import { fail, messageOf, ok, type Result } from '../result.ts';
import { byteLengthOf, tensorOf, type Dtype, type NamedTensors, type Tensor } from '../tensor.ts';

export interface OnnxCase {
  readonly inputs: NamedTensors;
  readonly outputs: NamedTensors;
}

export interface OnnxCaseError {
  readonly kind: 'malformed-case';
  readonly expected: string;
  readonly came: string;
}

/** The case's tensors under the names the model gives them. */
export function readOnnxCase(
  model: Uint8Array,
  inputs: readonly Uint8Array[],
  outputs: readonly Uint8Array[],
): Result<OnnxCase, OnnxCaseError> {
  const read = readModel(model);
  if (!read.ok) return malformed(read.error.expected, read.error.came);
  const fed = named(read.value.inputs, inputs);
  if (!fed.ok) return fed;
  const expected = named(read.value.outputs, outputs);
  if (!expected.ok) return expected;
  return ok({ inputs: fed.value, outputs: expected.value });
}

/** A TensorProto file as a tensor: raw data as a view, typed data as a copy. */
export function readTensorFile(bytes: Uint8Array): Result<Tensor, OnnxCaseError> {
  let proto: TensorProto;
  try {
    proto = fromBinary(TensorProtoSchema, bytes);
  } catch (thrown) {
    return malformed('a TensorProto', messageOf(thrown, 200));
  }
  const dtype = dtypeOfDataType(proto.dataType);
  if (dtype === null) return malformed('a dtype we carry', nameOfDataType(proto.dataType));
  const dims = proto.dims.map(Number);
  const tensor = { dtype, dims, bytes: dataOf(proto, dtype) };
  return tensor.bytes.byteLength === byteLengthOf(tensor)
    ? ok(tensor)
    : malformed(`${byteLengthOf(tensor)} bytes`, `${tensor.bytes.byteLength}`);
}

function named(
  values: readonly { readonly name: string }[],
  files: readonly Uint8Array[],
): Result<NamedTensors, OnnxCaseError> {
  if (values.length !== files.length) {
    return malformed(`${values.length} tensors (${values.map((v) => v.name)})`, `${files.length}`);
  }
  const tensors: Record<string, Tensor> = {};
  for (const [i, { name }] of values.entries()) {
    const tensor = readTensorFile(files[i]!);
    if (!tensor.ok) return tensor;
    tensors[name] = tensor.value;
  }
  return ok(tensors);
}

function dataOf(proto: TensorProto, dtype: Dtype): Uint8Array {
  if (proto.rawData.byteLength > 0) return proto.rawData;
  const flat = (data: Parameters<typeof tensorOf>[2]) => tensorOf(dtype, [data.length], data).bytes;
  switch (dtype) {
    case 'F32':
      return flat(Float32Array.from(proto.floatData));
    case 'F64':
      return flat(Float64Array.from(proto.doubleData));
    case 'I64':
      return flat(BigInt64Array.from(proto.int64Data));
    case 'U32':
      return flat(Uint32Array.from(proto.uint64Data, Number));
    case 'I32':
      return flat(Int32Array.from(proto.int32Data));
    case 'F16':
      return flat(Uint16Array.from(proto.int32Data));
    case 'I8':
      return flat(Int8Array.from(proto.int32Data));
    case 'U8':
    case 'BOOL':
      return flat(Uint8Array.from(proto.int32Data));
    default:
      return dtype satisfies never;
  }
}

const malformed = (expected: string, came: string) =>
  fail({ kind: 'malformed-case' as const, expected, came });
