/**
 * Weights that lie in other files beside a model: which tensors they are, and where their bytes stand.
 *
 * Reads no file: who has a file system does, and must keep `location` inside the model's own folder.
 */
import { fail, ok, type Result } from '../result.ts';
import { bytesOfElements, nameOfDataType } from './dataType.ts';
import { subgraphsOf } from './nodeFacts.ts';
import type { GraphProto, ModelProto, NodeProto, TensorProto } from './onnx_pb.ts';

/** A range of a file. */
export interface ExternalPlace {
  /** Relative to the model's folder, with `/`; comes from outside. */
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

export interface ExternalDataError {
  readonly kind: 'external-data';
  readonly expected: string;
  readonly came: string;
}

const TENSOR_IN_ANOTHER_FILE = 1; // TensorProto.DataLocation.EXTERNAL

export const isExternal = (tensor: TensorProto): boolean =>
  tensor.dataLocation === TENSOR_IN_ANOTHER_FILE;

/** All of them, in attributes and subgraphs too. */
export function externalTensors(model: ModelProto): TensorProto[] {
  const graph = model.graph === undefined ? [] : tensorsOfGraph(model.graph);
  return [...graph, ...model.functions.flatMap(({ node }) => tensorsOfNodes(node))].filter(
    isExternal,
  );
}

/** The tensors inside of nodes: attributes, and everything of their subgraphs. */
export const tensorsOfNodes = (nodes: readonly NodeProto[]): TensorProto[] =>
  nodes.flatMap((node) => [
    ...node.attribute.flatMap(({ t, tensors }) => (t === undefined ? tensors : [t, ...tensors])),
    ...subgraphsOf(node).flatMap(tensorsOfGraph),
  ]);

const tensorsOfGraph = (graph: GraphProto): TensorProto[] => [
  ...graph.initializer,
  ...tensorsOfNodes(graph.node),
];

/** Bytes of a tensor's data as the model stores it raw; null for strings, whose size no shape tells. */
export const bytesOfTensor = (tensor: TensorProto): number | null =>
  bytesOfElements(
    tensor.dataType,
    tensor.dims.reduce((product, dim) => product * Number(dim), 1),
  );

/** Where an external tensor's bytes stand: exactly as many as its shape takes. */
export function externalPlace(tensor: TensorProto): Result<ExternalPlace, ExternalDataError> {
  const of = (key: string): string | undefined =>
    tensor.externalData.find((entry) => entry.key === key)?.value;
  const bad = (expected: string, came: string) =>
    fail({ kind: 'external-data' as const, expected, came });
  const location = of('location');
  if (location === undefined || location === '') {
    return bad(`a file name for the data of "${tensor.name}"`, 'none');
  }
  const expectedBytes = bytesOfTensor(tensor);
  if (expectedBytes === null || !Number.isSafeInteger(expectedBytes) || expectedBytes < 0) {
    return bad(
      `"${tensor.name}" of a type and shape with a size`,
      `${nameOfDataType(tensor.dataType)} [${tensor.dims.join(', ')}]`,
    );
  }
  const offset = wholeNumber(of('offset') ?? '0');
  if (offset === null) return bad(`an offset for "${tensor.name}"`, of('offset') ?? '');
  const length = wholeNumber(of('length') ?? String(expectedBytes));
  if (length !== expectedBytes) {
    return bad(`${expectedBytes} bytes for "${tensor.name}"`, of('length') ?? '');
  }
  return ok({ location, offset, length });
}

const wholeNumber = (text: string): number | null =>
  /^\d{1,15}$/.test(text) ? Number(text) : null;
