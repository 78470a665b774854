/**
 * Writing small ONNX models: what the project's own models and the tests need, no more.
 */
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import type { Dtype, Tensor } from '../tensor.ts';
import { dataTypeOf } from './dataType.ts';
import type { DeclaredDim } from './graph.ts';
import {
  ModelProtoSchema,
  type AttributeProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from './onnx_pb.ts';

export type NodeInit = MessageInitShape<typeof NodeProtoSchema>;
type AttributeInit = MessageInitShape<typeof AttributeProtoSchema>;
type ValueInit = MessageInitShape<typeof ValueInfoProtoSchema>;

/** An integer, a list of integers, a constant, or a graph for control flow. */
export type AttributeValue = number | readonly number[] | Tensor | GraphInit;

export interface GraphInit {
  readonly name: string;
  readonly inputs: readonly ValueInit[];
  readonly outputs: readonly ValueInit[];
  readonly nodes: readonly NodeInit[];
  readonly initializers?: Readonly<Record<string, Tensor>>;
}

export interface ModelInit extends GraphInit {
  /** Version of the default operator set. */
  readonly opset: number;
  readonly irVersion: number;
  readonly producer: string;
  readonly doc?: string;
}

/** The model's bytes; the caller owns them. Weights are written as raw data. */
export function buildModel(init: ModelInit): Uint8Array<ArrayBuffer> {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: BigInt(init.irVersion),
      producerName: init.producer,
      opsetImport: [{ domain: '', version: BigInt(init.opset) }],
      ...(init.doc === undefined ? {} : { docString: init.doc }),
      graph: graphOf(init),
    }),
  );
}

/** A node named for its first output. */
export function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): NodeInit {
  return {
    opType,
    input: [...inputs],
    output: [...outputs],
    name: outputs[0] ?? opType,
    attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
  };
}

/** An input or output; `dims` null leaves the rank open. */
export function value(name: string, dtype: Dtype, dims: readonly DeclaredDim[] | null): ValueInit {
  const shape = dims === null ? {} : { shape: { dim: dims.map(dimOf) } };
  const tensor = { elemType: dataTypeOf(dtype), ...shape };
  return { name, type: { value: { case: 'tensorType', value: tensor } } };
}

function graphOf(init: GraphInit) {
  return {
    name: init.name,
    node: [...init.nodes],
    input: [...init.inputs],
    output: [...init.outputs],
    initializer: Object.entries(init.initializers ?? {}).map(([name, t]) => weightOf(name, t)),
  };
}

function weightOf(name: string, tensor: Tensor): MessageInitShape<typeof TensorProtoSchema> {
  return {
    name,
    dataType: dataTypeOf(tensor.dtype),
    dims: tensor.dims.map(BigInt),
    rawData: tensor.bytes,
  };
}

function dimOf(dim: DeclaredDim) {
  if (dim === null) return {};
  return typeof dim === 'number'
    ? { value: { case: 'dimValue' as const, value: BigInt(dim) } }
    : { value: { case: 'dimParam' as const, value: dim } };
}

// AttributeProto.AttributeType
const INT = 2;
const TENSOR = 4;
const GRAPH = 5;
const INTS = 7;

function attributeOf(name: string, value: AttributeValue): AttributeInit {
  if (typeof value === 'number') return { name, type: INT, i: BigInt(value) };
  if ('dtype' in value) return { name, type: TENSOR, t: weightOf(name, value) };
  if ('nodes' in value) return { name, type: GRAPH, g: graphOf(value) };
  return { name, type: INTS, ints: value.map(BigInt) };
}
