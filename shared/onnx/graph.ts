/**
 * Reading an ONNX model: what it takes, what it gives, its nodes and the sizes of its weights.
 *
 * Not a checker: whether the graph is valid ONNX is for onnxruntime to say. Malformed, oversized or too
 * deeply nested bytes come back as values, never as exceptions, and weights stay views of the bytes.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  MAX_MODEL_BYTES,
  MAX_MODEL_DEPTH,
  MAX_MODEL_MESSAGES,
  MAX_MODEL_VALUES,
} from '../limits.ts';
import { fail, messageOf, ok, type Result } from '../result.ts';
import type { Dtype } from '../tensor.ts';
import { takeCensus } from './census.ts';
import { dtypeOfDataType, nameOfDataType } from './dataType.ts';
import { externalTensors } from './externalData.ts';
import {
  ModelProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx_pb.ts';

/** A declared extent: fixed, symbolic by name, or (null) not declared. */
export type DeclaredDim = number | string | null;

/** An input or output as the model declares it. */
export interface OnnxValue {
  readonly name: string;
  /** Null where protocol v1 does not carry the element type, or the value is no tensor. */
  readonly dtype: Dtype | null;
  /** ONNX's name of the element type; `not a tensor` for sequences, maps and optionals. */
  readonly typeName: string;
  /** Null: the rank is not declared. */
  readonly dims: readonly DeclaredDim[] | null;
}

export interface OnnxInitializer {
  readonly name: string;
  readonly typeName: string;
  readonly dims: readonly number[];
}

export interface OnnxModel {
  readonly irVersion: number;
  /** Operator set version by domain; '' is the default domain, ai.onnx. */
  readonly opsets: ReadonlyMap<string, number>;
  /** What must be fed: graph inputs that no initializer gives. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Of the main graph, in the model's (topological) order. */
  readonly nodes: readonly NodeProto[];
  readonly initializers: ReadonlyMap<string, OnnxInitializer>;
  /** Values whose shapes the model declares besides its inputs and outputs. */
  readonly declared: readonly OnnxValue[];
  /** Names (`domain:name`) of functions that the model defines itself. */
  readonly functions: ReadonlySet<string>;
  /** The decoded message, for who writes models from it; never changed. */
  readonly proto: ModelProto;
  /** The bytes that were read; not owned. */
  readonly bytes: Uint8Array;
}

export interface OnnxError {
  readonly kind: 'malformed-model' | 'model-too-large' | 'external-data';
  readonly expected: string;
  readonly came: string;
  readonly fix?: string;
}

export interface ReadOptions {
  /** Weights in other files are refused, unless who reads has those files. */
  readonly externalData?: 'refuse' | 'allow';
}

/** The model's views are of `bytes`, which must not change while the model is in use. */
export function readModel(
  bytes: Uint8Array,
  { externalData = 'refuse' }: ReadOptions = {},
): Result<OnnxModel, OnnxError> {
  if (bytes.byteLength > MAX_MODEL_BYTES) {
    return tooLarge(`at most ${MAX_MODEL_BYTES} bytes`, `${bytes.byteLength} bytes`);
  }
  const census = takeCensus(ModelProtoSchema, bytes, {
    maxMessages: MAX_MODEL_MESSAGES,
    maxValues: MAX_MODEL_VALUES,
    maxDepth: MAX_MODEL_DEPTH,
  });
  if (!census.ok) {
    const { kind, expected, came } = census.error;
    return kind === 'malformed'
      ? malformed('an ONNX model (protobuf)', came)
      : tooLarge(expected, came);
  }
  let proto: ModelProto;
  try {
    proto = fromBinary(ModelProtoSchema, bytes, { recursionLimit: MAX_MODEL_DEPTH + 1 });
  } catch (thrown) {
    return malformed('an ONNX model (protobuf)', messageOf(thrown, 200));
  }
  const graph = proto.graph;
  if (graph === undefined) return malformed('a model with a graph', 'none');
  if (graph.node.length === 0 && graph.output.length === 0) {
    return malformed('a graph with nodes and outputs', 'an empty graph');
  }
  const external = externalData === 'refuse' ? externalTensors(proto)[0] : undefined;
  if (external !== undefined) {
    return fail({
      kind: 'external-data',
      expected: 'all weights inside the model file',
      came: `"${external.name}" lies in another file`,
      fix: 'save the model as one file (onnx.save with save_as_external_data=False)',
    });
  }
  return ok(modelOf(proto, graph, bytes));
}

/**
 * The model with every intermediate value of its main graph as an output besides its own: an
 * instrumented run of it gives the exact shape of everything. Not of `except`: what is known to be no
 * tensor cannot be an output of a WASM run.
 *
 * Protobuf merges a message that is written twice, so the addition is appended and the model's own bytes
 * stay as they are. The added outputs declare no type; onnxruntime infers it.
 */
export function withAllOutputs(
  model: OnnxModel,
  except: Iterable<string> = [],
): Uint8Array<ArrayBuffer> {
  const known = new Set([...except, ...model.outputs.map((output) => output.name)]);
  const added: { name: string }[] = [];
  for (const node of model.nodes) {
    for (const name of node.output) {
      if (name === '' || known.has(name)) continue;
      known.add(name);
      added.push({ name });
    }
  }
  const addition = toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { graph: { output: added } }),
  );
  const bytes = new Uint8Array(model.bytes.byteLength + addition.byteLength);
  bytes.set(model.bytes);
  bytes.set(addition, model.bytes.byteLength);
  return bytes;
}

function modelOf(proto: ModelProto, graph: GraphProto, bytes: Uint8Array): OnnxModel {
  const initializers = new Map(graph.initializer.map((tensor) => [tensor.name, sizeOf(tensor)]));
  return {
    irVersion: Number(proto.irVersion),
    opsets: new Map(proto.opsetImport.map((set) => [domainOf(set.domain), Number(set.version)])),
    inputs: graph.input.filter((input) => !initializers.has(input.name)).map(valueOf),
    outputs: graph.output.map(valueOf),
    nodes: graph.node,
    initializers,
    declared: graph.valueInfo.map(valueOf),
    functions: new Set(proto.functions.map((f) => `${domainOf(f.domain)}:${f.name}`)),
    proto,
    bytes,
  };
}

/** `ai.onnx` and the empty name are the same domain. */
export const domainOf = (domain: string): string => (domain === 'ai.onnx' ? '' : domain);

function sizeOf(tensor: TensorProto): OnnxInitializer {
  return {
    name: tensor.name,
    typeName: nameOfDataType(tensor.dataType),
    dims: tensor.dims.map(Number),
  };
}

function valueOf(info: ValueInfoProto): OnnxValue {
  const value = info.type?.value;
  if (value?.case !== 'tensorType') {
    const typeName = info.type === undefined ? 'undeclared' : 'not a tensor';
    return { name: info.name, dtype: null, typeName, dims: null };
  }
  const { elemType, shape } = value.value;
  return {
    name: info.name,
    dtype: dtypeOfDataType(elemType),
    typeName: nameOfDataType(elemType),
    dims: shape?.dim.map(({ value: dim }) => declaredDim(dim)) ?? null,
  };
}

type ProtoDim =
  | { case: 'dimValue'; value: bigint }
  | { case: 'dimParam'; value: string }
  | { case: undefined; value?: undefined };

function declaredDim(dim: ProtoDim): DeclaredDim {
  switch (dim.case) {
    case 'dimValue':
      // Some exporters write 0 or -1 for "any".
      return dim.value > 0n ? Number(dim.value) : null;
    case 'dimParam':
      return dim.value === '' ? null : dim.value;
    case undefined:
      return null;
    default:
      return dim satisfies never;
  }
}

const malformed = (expected: string, came: string) =>
  fail({ kind: 'malformed-model' as const, expected, came });

const tooLarge = (expected: string, came: string) =>
  fail({
    kind: 'model-too-large' as const,
    expected,
    came,
    fix: 'use a smaller model, with its weights as raw data',
  });
