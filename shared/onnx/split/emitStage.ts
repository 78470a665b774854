/**
 * One stage as a valid ONNX model of its own, with its digest.
 *
 * The same plan gives the same bytes. Operator sets, functions and weights are the whole model's, metadata and
 * comments are left out. A weight's data is copied twice, the second time into the result; data in other files is read by
 * the caller.
 */
import { clone, create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { digestOf as portableDigestOf } from '../../digest.ts';
import type { BlobDigest } from '../../ids.ts';
import { assert } from '../../result.ts';
import { dataTypeOf } from '../dataType.ts';
import { externalPlace, isExternal, tensorsOfNodes, type ExternalPlace } from '../externalData.ts';
import { domainOf, type OnnxModel } from '../graph.ts';
import { subgraphsOf } from '../nodeFacts.ts';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type FunctionProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../onnx_pb.ts';
import type { StageOutline, StagePlan, StageValue } from './stagePlan.ts';

export interface StageModel extends StageOutline {
  readonly index: number;
  /** The caller's; a model with nothing in other files. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly digest: BlobDigest;
}

/** Exactly `length` bytes of a file beside the model. */
export type ReadExternal = (place: ExternalPlace) => Uint8Array;

const noFiles: ReadExternal = ({ location }) => {
  throw new Error(`the weights in "${location}" were not given`);
};

export interface EmitOptions {
  /** Needed where weights lie in other files. */
  readonly readExternal?: ReadExternal;
  /** SHA-256 in lower-case hex, where the caller has a faster one. */
  readonly digestOf?: (bytes: Uint8Array) => BlobDigest;
}

/** Throws what `readExternal` throws. */
export function emitStage(
  model: OnnxModel,
  plan: StagePlan,
  index: number,
  { readExternal = noFiles, digestOf = portableDigestOf }: EmitOptions = {},
): StageModel {
  const outline = plan.stages[index];
  assert(outline !== undefined, `emitStage: no stage ${index}`);
  const bytes = stageBytes(model, outline, `${index + 1} of ${plan.stages.length}`, readExternal);
  return { ...outline, index, bytes, digest: digestOf(bytes) };
}

function stageBytes(
  model: OnnxModel,
  stage: StageOutline,
  title: string,
  readExternal: ReadExternal,
): Uint8Array<ArrayBuffer> {
  const { proto } = model;
  const whole = proto.graph!;
  const nodes = stage.nodes.map((index) => {
    const node = model.nodes[index];
    assert(node !== undefined, 'emitStage: the plan is of another model');
    return emittedNode(node, readExternal);
  });
  const infos = new Map<string, ValueInfoProto>();
  for (const info of [...whole.valueInfo, ...whole.output, ...whole.input]) {
    infos.set(info.name, info);
  }
  const held = new Set(stage.initializers);
  const atEdge = new Set([...stage.inputs, ...stage.outputs].map(({ name }) => name));
  const made = new Set(nodes.flatMap((node) => node.output));
  const graph = create(GraphProtoSchema, {
    name: `${whole.name === '' ? 'model' : whole.name}, stage ${title}`,
    node: nodes,
    // Where the whole lists weights as inputs (IR version 3 demands it), so do its stages.
    input: [
      ...stage.inputs.map((value) => edgeInfo(value, infos)),
      ...whole.input.filter(({ name }) => held.has(name)),
    ],
    output: stage.outputs.map((value) => edgeInfo(value, infos)),
    valueInfo: whole.valueInfo.filter(({ name }) => made.has(name) && !atEdge.has(name)),
  });
  const head = create(ModelProtoSchema, {
    irVersion: proto.irVersion,
    producerName: 'idlewave',
    opsetImport: proto.opsetImport,
    functions: usedFunctions(proto.functions, nodes).map((f) => functionInside(f, readExternal)),
  });
  const tensors = new Map(whole.initializer.map((tensor) => [tensor.name, tensor]));
  const weights = stage.initializers.map((name) => tensors.get(name)!);
  return assemble(
    toBinary(ModelProtoSchema, head),
    toBinary(GraphProtoSchema, graph),
    weights.map((tensor) => toBinary(TensorProtoSchema, inside(tensor, readExternal))),
  );
}

/**
 * The model's fields, then its graph: fields, then weights. Put together by hand because the library's writer copies
 * nested bytes once a level, and weights may be half a gigabyte.
 */
function assemble(
  head: Uint8Array,
  graph: Uint8Array,
  weights: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const fields = weights.flatMap((bytes) => [
    fieldPrefix(INITIALIZER_FIELD, bytes.byteLength),
    bytes,
  ]);
  const graphBytes = byteLengthOf([graph, ...fields]);
  const parts = [head, fieldPrefix(GRAPH_FIELD, graphBytes), graph, ...fields];
  const whole = new Uint8Array(byteLengthOf(parts));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

const byteLengthOf = (parts: readonly Uint8Array[]): number =>
  parts.reduce((sum, { byteLength }) => sum + byteLength, 0);

const GRAPH_FIELD = 7; // ModelProto.graph
const INITIALIZER_FIELD = 5; // GraphProto.initializer

const fieldPrefix = (field: number, length: number): Uint8Array =>
  new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(length).finish();

/** As the whole declares it where it does and no run contradicts; else its element type alone. */
function edgeInfo(value: StageValue, infos: ReadonlyMap<string, ValueInfoProto>): ValueInfoProto {
  const info = infos.get(value.name);
  if (info?.type !== undefined && (value.dims !== null || value.dtype === null)) {
    return create(ValueInfoProtoSchema, { name: value.name, type: info.type });
  }
  if (value.dtype === null) return create(ValueInfoProtoSchema, { name: value.name });
  const tensor = { elemType: dataTypeOf(value.dtype) };
  return create(ValueInfoProtoSchema, {
    name: value.name,
    type: { value: { case: 'tensorType', value: tensor } },
  });
}

/** The tensor with its data inside; itself where it is. */
function inside(tensor: TensorProto, readExternal: ReadExternal): TensorProto {
  if (!isExternal(tensor)) return tensor;
  const place = externalPlace(tensor);
  assert(place.ok, 'emitStage: planStages has checked where weights lie');
  const { name, dims, dataType } = tensor;
  return create(TensorProtoSchema, { name, dims, dataType, rawData: readExternal(place.value) });
}

/** A copy of a node without comments, whose tensors are inside; attributes are shared where they can be. */
function emittedNode(node: NodeProto, readExternal: ReadExternal): NodeProto {
  const isWhole = !tensorsOfNodes([node]).some(isExternal);
  const { attribute } = isWhole ? node : withTensorsInside(node, readExternal);
  const { input, output, name, opType, domain, $unknown } = node;
  const copy = create(NodeProtoSchema, { input, output, name, opType, domain, attribute });
  const kept = $unknown?.filter(({ no }) => no !== METADATA_FIELD) ?? [];
  if (kept.length > 0) copy.$unknown = kept;
  return copy;
}

const METADATA_FIELD = 9; // NodeProto.metadata_props, which our schema does not read

function functionInside(body: FunctionProto, readExternal: ReadExternal): FunctionProto {
  if (!tensorsOfNodes(body.node).some(isExternal)) return body;
  return { ...body, node: body.node.map((node) => withTensorsInside(node, readExternal)) };
}

function withTensorsInside(node: NodeProto, readExternal: ReadExternal): NodeProto {
  const copy = clone(NodeProtoSchema, node);
  for (const tensor of tensorsOfNodes([copy]).filter(isExternal)) {
    tensor.rawData = inside(tensor, readExternal).rawData;
    tensor.externalData = [];
    tensor.dataLocation = 0;
  }
  return copy;
}

function usedFunctions(
  functions: readonly FunctionProto[],
  nodes: readonly NodeProto[],
): FunctionProto[] {
  const keyOf = (domain: string, name: string): string => `${domainOf(domain)}:${name}`;
  const byKey = new Map<string, FunctionProto[]>();
  for (const f of functions) {
    const key = keyOf(f.domain, f.name);
    byKey.set(key, [...(byKey.get(key) ?? []), f]);
  }
  const used = new Set<FunctionProto>();
  const visit = (node: NodeProto): void => {
    for (const f of byKey.get(keyOf(node.domain, node.opType)) ?? []) {
      if (used.has(f)) continue;
      used.add(f);
      f.node.forEach(visit);
    }
    for (const graph of subgraphsOf(node)) graph.node.forEach(visit);
  };
  nodes.forEach(visit);
  return functions.filter((f) => used.has(f));
}
