/**
 * A model's main graph as a flow of values: who makes what, who takes it, and what is constant.
 *
 * Constants are initializers and whatever is computed from them alone: they belong to no stage, every stage that
 * uses one gets its own. All other nodes are the flow, in a topological order. What a subgraph takes from outside of
 * it counts as an input of its node, so control flow is never torn. Nothing here decides where to cut.
 */
import { ok, type Result } from '../../result.ts';
import { domainOf, type OnnxModel } from '../graph.ts';
import { subgraphsOf } from '../nodeFacts.ts';
import type { GraphProto, NodeProto } from '../onnx_pb.ts';
import { splitProblem, type SplitProblem } from './splitProblem.ts';
import { topologicalOrder } from './topologicalOrder.ts';

export interface FlowNode {
  /** In `model.nodes`. */
  readonly index: number;
  readonly proto: NodeProto;
  /** Values of the flow, each once; what subgraphs take included. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Names of the constants it takes itself, each once. */
  readonly constants: readonly string[];
}

export interface FlowValue {
  readonly name: string;
  /** Place in `Dataflow.nodes`; null: an input of the model. */
  readonly producer: number | null;
  /** Places in `Dataflow.nodes`, ascending. */
  readonly consumers: readonly number[];
  readonly isModelOutput: boolean;
}

export interface Dataflow {
  /** In a topological order that keeps the model's own where it can. */
  readonly nodes: readonly FlowNode[];
  /** By name: the model's inputs first, then in the order in which nodes make them. */
  readonly values: ReadonlyMap<string, FlowValue>;
  /** By the name of what it makes: a node that takes constants alone. */
  readonly constantNodes: ReadonlyMap<string, FlowNode>;
}

export function dataflowOf(model: OnnxModel): Result<Dataflow, SplitProblem> {
  const uses = model.nodes.map((node) => usesOf(node));
  const order = sortNodes(model, uses);
  if (!order.ok) return order;

  /** Constants with how many initializers and nodes each is made of, at most. */
  const constant = new Map([...model.initializers.keys()].map((name) => [name, 1]));
  const constantNodes = new Map<string, FlowNode>();
  const nodes: FlowNode[] = [];
  const producers = new Map<string, number | null>(model.inputs.map(({ name }) => [name, null]));
  const consumers = new Map<string, number[]>(model.inputs.map(({ name }) => [name, []]));
  for (const index of order.value) {
    const proto = model.nodes[index]!;
    const used = uses[index]!;
    const node: FlowNode = {
      index,
      proto,
      inputs: used.filter((name) => !constant.has(name)),
      outputs: proto.output.filter((name) => name !== ''),
      constants: used.filter((name) => constant.has(name)),
    };
    const parts = node.constants.reduce((sum, name) => sum + constant.get(name)!, 1);
    const isConstant = node.inputs.length === 0 && parts <= MAX_CONSTANT_PARTS;
    if (isConstant && isDeterministic(model, proto)) {
      for (const name of node.outputs) {
        constant.set(name, parts);
        constantNodes.set(name, node);
      }
      continue;
    }
    for (const name of node.inputs) consumers.get(name)!.push(nodes.length);
    for (const name of node.outputs) {
      producers.set(name, nodes.length);
      consumers.set(name, []);
    }
    nodes.push(node);
  }
  const outputs = new Set(model.outputs.map(({ name }) => name));
  const values = new Map<string, FlowValue>();
  for (const [name, producer] of producers) {
    const isModelOutput = outputs.has(name);
    values.set(name, { name, producer, consumers: consumers.get(name)!, isModelOutput });
  }
  return ok({ nodes, values, constantNodes });
}

/** A constant made of more is computed once and sent: copies of it would cost each stage more than they save. */
const MAX_CONSTANT_PARTS = 64;

export interface ConstantParts {
  readonly initializers: ReadonlySet<string>;
  /** Nodes to compute them, each after what it takes. */
  readonly nodes: readonly FlowNode[];
}

/** Everything that the constants of these names are made of. */
export function constantParts(flow: Dataflow, names: Iterable<string>): ConstantParts {
  const initializers = new Set<string>();
  const nodes = new Set<FlowNode>();
  const visit = (name: string): void => {
    const node = flow.constantNodes.get(name);
    if (node === undefined) initializers.add(name);
    else if (!nodes.has(node)) {
      node.constants.forEach(visit);
      nodes.add(node);
    }
  };
  for (const name of names) visit(name);
  return { initializers, nodes: [...nodes] };
}

/** Draw at random: two copies of one would differ. */
const RANDOM = new Set(
  'RandomNormal RandomUniform RandomNormalLike RandomUniformLike Multinomial Bernoulli'.split(' '),
);

/** Nodes of other domains, the model's own functions and subgraphs may hold anything: they stay single. */
const isDeterministic = (model: OnnxModel, node: NodeProto): boolean =>
  domainOf(node.domain) === '' &&
  !RANDOM.has(node.opType) &&
  !model.functions.has(`:${node.opType}`) &&
  subgraphsOf(node).length === 0;

/** Inputs of a node and what its subgraphs take from outside, each once. */
export function usesOf(node: NodeProto): string[] {
  const names = new Set(node.input.filter((name) => name !== ''));
  for (const graph of subgraphsOf(node)) for (const name of capturesOf(graph)) names.add(name);
  return [...names];
}

function capturesOf(graph: GraphProto): Set<string> {
  const own = new Set([...graph.input, ...graph.initializer].map(({ name }) => name));
  const captured = new Set<string>();
  const use = (name: string): void => {
    if (name !== '' && !own.has(name)) captured.add(name);
  };
  for (const node of graph.node) for (const name of node.output) own.add(name);
  for (const node of graph.node) usesOf(node).forEach(use);
  graph.output.forEach(({ name }) => use(name));
  return captured;
}

/** Indices of all nodes so that each comes after what it takes, the earliest in the model first. */
function sortNodes(
  model: OnnxModel,
  uses: readonly (readonly string[])[],
): Result<number[], SplitProblem> {
  const given = new Set([...model.initializers.keys(), ...model.inputs.map(({ name }) => name)]);
  const producers = new Map<string, number>();
  for (const [index, node] of model.nodes.entries()) {
    for (const name of node.output) {
      if (name === '') continue;
      if (given.has(name) || producers.has(name)) {
        return splitProblem('malformed-model', 'every value made once', `"${name}" is made twice`);
      }
      producers.set(name, index);
    }
  }
  const absent = [...uses.flat(), ...model.outputs.map(({ name }) => name)].find(
    (name) => !given.has(name) && !producers.has(name),
  );
  if (absent !== undefined) {
    const came = `nothing makes "${absent}"`;
    return splitProblem('malformed-model', 'a maker of every value', came);
  }
  const before = uses.map((names) => new Set(names.flatMap((name) => producers.get(name) ?? [])));
  const sorted = topologicalOrder(before, (a, b) => a - b);
  return sorted === null
    ? splitProblem('malformed-model', 'a graph without cycles', 'nodes that wait for each other')
    : ok(sorted);
}
