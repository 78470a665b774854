/**
 * What is known of a model's nodes and values before it is cut: costs, sizes, types, and what can be sent.
 *
 * Knowledge comes from three sources, the first that has it: the caller's facts (an instrumented run), what the model
 * declares (symbolic extents bound by the shapes that are fed), and inference of element types.
 */
import { ok, type Result } from '../../result.ts';
import { elementCount, type Dtype } from '../../tensor.ts';
import { bytesOfElements, dataTypeOf, dtypeOfDataType, nameOfDataType } from '../dataType.ts';
import { bytesOfTensor, tensorsOfNodes } from '../externalData.ts';
import { countFlopsPerNode } from '../flops.ts';
import type { DeclaredDim, OnnxModel, OnnxValue } from '../graph.ts';
import type { TensorProto } from '../onnx_pb.ts';
import type { Measures } from './blocks.ts';
import { elementTypes, type ElementTypes } from './elementTypes.ts';
import { splitProblem, type SplitProblem } from './splitProblem.ts';

/** What is known of a value from outside of the model. */
export interface ValueFacts {
  readonly dtype?: Dtype;
  /** Of one run; sizes follow from it, declarations do not. */
  readonly dims?: readonly number[];
}
export type Facts = ReadonlyMap<string, ValueFacts>;

export interface ModelMeasures extends Measures {
  readonly types: ElementTypes;
  /** Per index in `model.nodes`. */
  readonly flops: readonly number[];
  readonly estimatedOperators: readonly string[];
  /** Null where the size is not known; `valueBytes` takes the largest that is. */
  readonly knownBytes: (name: string) => number | null;
  readonly declaredDims: (name: string) => readonly DeclaredDim[] | null;
}

/** `costs` per index in `model.nodes`, in any unit; FLOPs where absent. */
export function measureModel(
  model: OnnxModel,
  facts: Facts,
  costs: readonly number[] | undefined,
): Result<ModelMeasures, SplitProblem> {
  if (costs !== undefined) {
    const bad = costs.find((cost) => !(cost >= 0 && cost < Infinity));
    if (costs.length !== model.nodes.length || bad !== undefined) {
      const came = bad === undefined ? `${costs.length} costs` : `a cost of ${bad}`;
      return splitProblem('bad-option', `${model.nodes.length} costs of 0 or more`, came);
    }
  }
  const given = [...facts].flatMap(([name, { dtype }]) =>
    dtype === undefined ? [] : [[name, dataTypeOf(dtype)] as const],
  );
  const types = elementTypes(model, new Map(given));
  const declared = new Map<string, OnnxValue>();
  for (const value of [...model.declared, ...model.outputs, ...model.inputs]) {
    declared.set(value.name, value);
  }
  const shapes = knownShapes(declared, facts);
  const { perNode, estimated } = countFlopsPerNode(model, shapes);
  // Where nothing is known to cost anything, a node is worth a node.
  const known = costs ?? perNode;
  const chosen = known.some((cost) => cost > 0) ? known : model.nodes.map(() => 1);

  const knownBytes = (name: string): number | null => {
    const dims = shapes.get(name);
    const type = types.get(name);
    if (dims === undefined || type === undefined || type === null) return null;
    return bytesOfElements(type, elementCount(dims));
  };
  // A value of unknown size is taken for the largest, so that cuts avoid it.
  const largest = [...shapes.keys()].reduce(
    (most, name) => Math.max(most, knownBytes(name) ?? 0),
    1,
  );
  const tensors = new Map(model.proto.graph!.initializer.map((tensor) => [tensor.name, tensor]));
  const storedIn = model.nodes.map((node) =>
    tensorsOfNodes([node]).reduce((sum, tensor) => sum + storedBytes(tensor), 0),
  );
  return ok({
    types,
    flops: perNode,
    estimatedOperators: costs === undefined ? estimated : [],
    knownBytes,
    declaredDims: (name) => agreeing(declared.get(name)?.dims ?? null, facts.get(name)?.dims),
    nodeCost: (index) => chosen[index]!,
    nodeBytes: (index) => storedIn[index]!,
    constantBytes: (name) => knownBytes(name) ?? 0,
    valueBytes: (name) => knownBytes(name) ?? largest,
    canCross: (name) => whyNotSent(types, name) === null,
    initializerBytes: (name) => storedBytes(tensors.get(name)!),
  });
}

const storedBytes = (tensor: TensorProto): number =>
  bytesOfTensor(tensor) ?? tensor.stringData.reduce((sum, s) => sum + s.byteLength, 0);

/** Null: the value can be sent. */
export function whyNotSent(types: ElementTypes, name: string): string | null {
  const type = types.get(name);
  if (type === undefined) return `the element type of "${name}" is not known`;
  if (type === null) return `"${name}" is not a tensor`;
  if (dtypeOfDataType(type) === null) return `"${name}" is of ${nameOfDataType(type)}`;
  return null;
}

/** Exact shapes of one run; a symbol has the extent that a fact gives it anywhere. */
function knownShapes(
  declared: ReadonlyMap<string, OnnxValue>,
  facts: Facts,
): Map<string, readonly number[]> {
  const extents = new Map<string, number>();
  for (const { name, dims } of declared.values()) {
    const exact = facts.get(name)?.dims;
    if (exact?.length !== dims?.length) continue;
    dims?.forEach((dim, axis) => {
      if (typeof dim === 'string' && !extents.has(dim)) extents.set(dim, exact![axis]!);
    });
  }
  const shapes = new Map<string, readonly number[]>();
  for (const { name, dims } of declared.values()) {
    const bound = dims?.map((dim) => (typeof dim === 'string' ? extents.get(dim) : dim));
    if (bound?.every((dim): dim is number => typeof dim === 'number') === true) {
      shapes.set(name, bound);
    }
  }
  for (const [name, { dims }] of facts) if (dims !== undefined) shapes.set(name, dims);
  return shapes;
}

/** Declared dims, unless a run has shown another shape: some exporters declare what is not so. */
function agreeing(
  dims: readonly DeclaredDim[] | null,
  exact: readonly number[] | undefined,
): readonly DeclaredDim[] | null {
  if (dims === null || exact === undefined) return dims;
  const agrees =
    dims.length === exact.length &&
    dims.every((dim, axis) => typeof dim !== 'number' || dim === exact[axis]);
  return agrees ? dims : null;
}
