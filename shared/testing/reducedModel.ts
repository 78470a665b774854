/**
 * Versions of an ONNX model that a dishonest or broken host would compute: weights in half precision or in eight
 * bits; and real architectures, published without their weights, given some.
 *
 * Only weights are touched, in the mildest form of each reduction: activations stay f32, and eight bits have a scale
 * for every output channel. Who also computes in fewer bits is further off. The result is a valid model.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  ModelProtoSchema,
  TensorProtoSchema,
  type ModelProto,
  type TensorProto,
} from '../onnx/onnx_pb.ts';
import { assert } from '../result.ts';

/** TensorProto.DataType.FLOAT */
const FLOAT = 1;
/** Largest value of a symmetric quantisation to eight bits. */
const INT8_MAX = 127;

/** Every f32 weight rounded to f16, to nearest even. */
export const withHalfWeights = (model: Uint8Array): Uint8Array<ArrayBuffer> =>
  withWeights(model, roundedToHalf);

/** Every f32 weight of two dimensions or more in eight bits and back. */
export const withInt8Weights = (model: Uint8Array): Uint8Array<ArrayBuffer> =>
  withWeights(model, (weights, dims) => (dims.length < 2 ? weights : roundedToInt8(weights, dims)));

export const roundedToHalf = (values: Float32Array): Float32Array => values.map(roundToHalf);

/** Symmetric, each slice of the first axis with its own scale, and back. */
export function roundedToInt8(values: Float32Array, dims: readonly number[]): Float32Array {
  const rounded = new Float32Array(values.length);
  const length = values.length / dims[0]!;
  for (let start = 0; start < values.length; start += length) {
    const slice = values.subarray(start, start + length);
    const scale = slice.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / INT8_MAX;
    if (scale === 0) continue;
    slice.forEach((x, i) => (rounded[start + i] = Math.round(x / scale) * scale));
  }
  return rounded;
}

/**
 * Every constant weight drawn anew: matrices and kernels with He's spread, so that activations keep their size,
 * vectors within a tenth of 1 where they scale and of 0 where they add. `noise` gives numbers in [-1, 1).
 */
export function withRandomWeights(model: Uint8Array, noise: () => number): Uint8Array<ArrayBuffer> {
  const proto = fromBinary(ModelProtoSchema, model);
  const { graph } = proto;
  assert(graph !== undefined, 'withRandomWeights: no graph');
  const shapes = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  // Some publish a weight as a node that makes a constant of a shape.
  for (const node of graph.node.filter(({ opType }) => opType === 'ConstantOfShape')) {
    const shape = shapes.get(node.input[0]!);
    assert(shape !== undefined, `withRandomWeights: ${node.name} has a shape that is computed`);
    const dims = int64sOf(shape);
    graph.initializer.push(
      create(TensorProtoSchema, { name: node.output[0]!, dataType: FLOAT, dims }),
    );
  }
  graph.node = graph.node.filter(({ opType }) => opType !== 'ConstantOfShape');
  for (const tensor of graph.initializer) {
    if (tensor.dataType !== FLOAT) continue;
    const dims = tensor.dims.map(Number);
    const count = dims.reduce((product, dim) => product * dim, 1);
    const fanIn = count / (dims[0] ?? 1);
    const spread = dims.length < 2 ? 0.1 : Math.sqrt(6 / fanIn);
    // Caffe2's names of a batch normalisation's scale and variance.
    const middle = /_(s|riv)_0$/.test(tensor.name) ? 1 : 0;
    putFloats(
      tensor,
      Float32Array.from({ length: count }, () => middle + spread * noise()),
    );
  }
  return bytesOf(proto);
}

function withWeights(
  model: Uint8Array,
  change: (weights: Float32Array, dims: readonly number[]) => Float32Array,
): Uint8Array<ArrayBuffer> {
  const proto = fromBinary(ModelProtoSchema, model);
  for (const tensor of proto.graph?.initializer ?? []) {
    if (tensor.dataType !== FLOAT) continue;
    putFloats(tensor, change(floatsOf(tensor), tensor.dims.map(Number)));
  }
  return bytesOf(proto);
}

const bytesOf = (proto: ModelProto): Uint8Array<ArrayBuffer> => toBinary(ModelProtoSchema, proto);

function floatsOf(tensor: TensorProto): Float32Array {
  if (tensor.rawData.byteLength === 0) return Float32Array.from(tensor.floatData);
  return new Float32Array(Uint8Array.from(tensor.rawData).buffer);
}

function int64sOf(tensor: TensorProto): bigint[] {
  if (tensor.rawData.byteLength === 0) return [...tensor.int64Data];
  return [...new BigInt64Array(Uint8Array.from(tensor.rawData).buffer)];
}

function putFloats(tensor: TensorProto, values: Float32Array): void {
  tensor.floatData = [];
  tensor.rawData = new Uint8Array(values.buffer.slice(0) as ArrayBuffer);
}

/** The nearest value that an f16 can hold: eleven significant bits, and steps of 2^-24 below 2^-14. */
function roundToHalf(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return x;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(x))), -14);
  const step = 2 ** (exponent - 10);
  return roundHalfToEven(x / step) * step;
}

function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}
