/**
 * What a planner moves: blocks of nodes with their costs, the values between them, and the constants they share.
 *
 * Numbers only; names stay in the dataflow. A block is a node, or nodes that are kept together. The blocks have no
 * cycle. A value that may not leave a stage is marked here once, with the reason.
 */
import { assert } from '../../result.ts';
import { constantParts, type Dataflow, type FlowNode } from './dataflow.ts';
import { topologicalOrder } from './topologicalOrder.ts';

export interface Block {
  /** Places in `Dataflow.nodes`, ascending. */
  readonly nodes: readonly number[];
  readonly cost: number;
  /** Of all values that its nodes make, those that stay inside too. */
  readonly madeBytes: number;
  /** Tensors inside of its nodes, those of subgraphs too. */
  readonly storedBytes: number;
  /** Places in `BlockGraph.constants`: what it needs, and what that is made of. */
  readonly constants: readonly number[];
  /** Blocks that must come before, and that must come after. */
  readonly before: ReadonlySet<number>;
  readonly after: ReadonlySet<number>;
}

/** An initializer, or a node that makes a constant; every stage that needs it has it once. */
export interface SharedConstant {
  /** In the stage's file. */
  readonly storedBytes: number;
  /** While the stage runs. */
  readonly memoryBytes: number;
  readonly cost: number;
}

export interface BlockValue {
  /** Null: an input of the model. */
  readonly producer: number | null;
  readonly consumers: readonly number[];
  /** It goes on to the last stage. */
  readonly isModelOutput: boolean;
  readonly bytes: number;
  /** False: no stage can send it. */
  readonly canCross: boolean;
}

export interface BlockGraph {
  readonly blocks: readonly Block[];
  readonly values: readonly BlockValue[];
  readonly constants: readonly SharedConstant[];
}

/** What the planner is told of nodes, constants and values. */
export interface Measures {
  /** By index in `model.nodes`. */
  readonly nodeCost: (index: number) => number;
  /** Tensors inside of a node, by index in `model.nodes`. */
  readonly nodeBytes: (index: number) => number;
  readonly initializerBytes: (name: string) => number;
  /** Of a constant that a node makes. */
  readonly constantBytes: (name: string) => number;
  readonly valueBytes: (name: string) => number;
  readonly canCross: (name: string) => boolean;
}

/** `groups` gives every node of the flow the number of its block; numbers may have gaps. */
export function blockGraph(
  flow: Dataflow,
  groups: readonly number[],
  measures: Measures,
): BlockGraph {
  const members = new Map<number, number[]>();
  groups.forEach((group, at) => members.set(group, [...(members.get(group) ?? []), at]));
  const numbers = new Map([...members.keys()].map((group, block) => [group, block]));
  const blockOf = (at: number): number => numbers.get(groups[at]!)!;

  const links = [...members.keys()].map(() => ({
    before: new Set<number>(),
    after: new Set<number>(),
  }));
  const madeBytes = links.map(() => 0);
  const values: BlockValue[] = [];
  for (const value of flow.values.values()) {
    const producer = value.producer === null ? null : blockOf(value.producer);
    const consumers = [...new Set(value.consumers.map(blockOf))];
    for (const consumer of consumers) {
      if (producer === null || producer === consumer) continue;
      links[consumer]!.before.add(producer);
      links[producer]!.after.add(consumer);
    }
    const bytes = measures.valueBytes(value.name);
    if (producer !== null) madeBytes[producer]! += bytes;
    values.push({
      producer,
      consumers,
      isModelOutput: value.isModelOutput,
      bytes,
      canCross: measures.canCross(value.name),
    });
  }
  const shared = new SharedConstants(flow, measures);
  const blocks = [...members.values()].map((nodes, block) => ({
    nodes,
    cost: nodes.reduce((sum, at) => sum + measures.nodeCost(flow.nodes[at]!.index), 0),
    storedBytes: nodes.reduce((sum, at) => sum + measures.nodeBytes(flow.nodes[at]!.index), 0),
    madeBytes: madeBytes[block]!,
    constants: shared.numbersOf(nodes.flatMap((at) => flow.nodes[at]!.constants)),
    ...links[block]!,
  }));
  return { blocks, values, constants: shared.list };
}

class SharedConstants {
  readonly list: SharedConstant[] = [];
  readonly #numbers = new Map<unknown, number>();
  readonly #flow: Dataflow;
  readonly #measures: Measures;

  constructor(flow: Dataflow, measures: Measures) {
    this.#flow = flow;
    this.#measures = measures;
  }

  numbersOf(names: readonly string[]): number[] {
    const { initializers, nodes } = constantParts(this.#flow, names);
    return [
      ...[...initializers].map((name) => this.#numberOf(name, this.#ofInitializer(name))),
      ...nodes.map((node) => this.#numberOf(node, this.#ofNode(node))),
    ];
  }

  #ofInitializer(name: string): SharedConstant {
    const bytes = this.#measures.initializerBytes(name);
    return { storedBytes: bytes, memoryBytes: bytes, cost: 0 };
  }

  #ofNode({ index, outputs }: FlowNode): SharedConstant {
    const { nodeCost, nodeBytes, constantBytes } = this.#measures;
    const memoryBytes = outputs.reduce((sum, name) => sum + constantBytes(name), 0);
    return { storedBytes: nodeBytes(index), memoryBytes, cost: nodeCost(index) };
  }

  #numberOf(key: unknown, constant: SharedConstant): number {
    const found = this.#numbers.get(key);
    if (found !== undefined) return found;
    this.#numbers.set(key, this.list.length);
    return this.list.push(constant) - 1;
  }
}

/** An order of the blocks in which each comes after what it takes; the least by `compare` of what is ready first. */
export function orderBlocks(
  { blocks }: BlockGraph,
  compare: (a: number, b: number) => number,
): number[] {
  const order = topologicalOrder(
    blocks.map(({ before }) => before),
    compare,
  );
  assert(order !== null, 'orderBlocks: blocks that wait for each other');
  return order;
}
