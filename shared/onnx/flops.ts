/**
 * The FLOP count of one run of a model, from its graph and the shapes of its values.
 *
 * Pure: shapes are measured elsewhere (an instrumented run, `withAllOutputs`), never guessed here. A node
 * that cannot be counted exactly (shape not known, operator not in the table, a subgraph whose runs
 * depend on data) is estimated from its weights and named, so that a price never hides a guess.
 */
import { elementCount } from '../tensor.ts';
import { FLOP_TABLE } from './flopTable.ts';
import { domainOf, type OnnxModel } from './graph.ts';
import { NodeFacts, ShapeUnknown, subgraphsOf, type ShapeMap } from './nodeFacts.ts';
import type { NodeProto } from './onnx_pb.ts';

export interface FlopCount {
  /** Of one run, as the given shapes are. */
  readonly flops: number;
  /** Operators that were estimated, each once; empty where the count is exact. */
  readonly estimated: readonly string[];
}

/** `shapes` need not hold the initializers. */
export function countFlops(model: OnnxModel, shapes: ShapeMap): FlopCount {
  const { perNode, estimated } = countFlopsPerNode(model, shapes);
  return { flops: perNode.reduce((sum, flops) => sum + flops, 0), estimated };
}

export interface FlopsPerNode extends Pick<FlopCount, 'estimated'> {
  /** Of one run, in the order of `model.nodes`. */
  readonly perNode: readonly number[];
}

/** `shapes` need not hold the initializers. */
export function countFlopsPerNode(model: OnnxModel, shapes: ShapeMap): FlopsPerNode {
  const all = new Map(shapes);
  for (const { name, dims } of model.initializers.values()) all.set(name, dims);
  const estimated = new Set<string>();
  const perNode = model.nodes.map((node) => countNode(model, node, all, estimated));
  return { perNode, estimated: [...estimated] };
}

/**
 * What the model itself declares, for when it could not be run instrumented: the shapes that are fed and
 * every declared shape without a symbolic extent.
 */
export function declaredShapes(model: OnnxModel, feeds: ShapeMap): ShapeMap {
  const shapes = new Map<string, readonly number[]>();
  for (const { name, dims } of [...model.declared, ...model.outputs]) {
    if (dims?.every((dim) => typeof dim === 'number') === true) shapes.set(name, dims);
  }
  for (const [name, dims] of feeds) shapes.set(name, dims);
  return shapes;
}

function countNode(
  model: OnnxModel,
  node: NodeProto,
  shapes: ShapeMap,
  estimated: Set<string>,
): number {
  const domain = domainOf(node.domain);
  const label = domain === '' ? node.opType : `${domain}:${node.opType}`;
  const subgraphs = subgraphsOf(node);
  if (subgraphs.length > 0) {
    estimated.add(label);
    const inner = subgraphs.map((graph) => {
      const known = new Map(shapes);
      for (const t of graph.initializer) known.set(t.name, t.dims.map(Number));
      return graph.node.reduce((sum, n) => sum + countNode(model, n, known, estimated), 0);
    });
    // Branches exclude each other and a body runs an unknown number of times: the costliest, once.
    return Math.max(...inner);
  }
  const count = domain === '' && !isOwnFunction(model, node) && FLOP_TABLE.get(node.opType);
  if (count) {
    try {
      return count(new NodeFacts(node, shapes));
    } catch (thrown) {
      if (!(thrown instanceof ShapeUnknown)) throw thrown;
    }
  }
  estimated.add(label);
  return estimateNode(model, node, shapes);
}

const isOwnFunction = (model: OnnxModel, node: NodeProto): boolean =>
  model.functions.has(`${domainOf(node.domain)}:${node.opType}`);

/** Every weight in one multiply-add, and one operation for every output element that is known. */
function estimateNode(model: OnnxModel, node: NodeProto, shapes: ShapeMap): number {
  const weights = node.input.reduce(
    (sum, name) => sum + elementCount(model.initializers.get(name)?.dims ?? [0]),
    0,
  );
  const outputs = node.output.reduce((sum, name) => sum + elementCount(shapes.get(name) ?? [0]), 0);
  return 2 * weights + outputs;
}
