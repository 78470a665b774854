/**
 * Which nodes an engine would run as one: a cut between them costs a fusion and sends what never had to exist.
 *
 * Structure, not a list of each engine's patterns: a convolution or a product takes the element-wise nodes behind it;
 * element-wise nodes between one value and one result (GELU, SiLU, a layer normalisation in pieces) stay together;
 * so do the two products around a softmax, and a DequantizeLinear and its operator. A guess that is too wide costs
 * places to cut, never a right answer.
 *
 * Every group has a waist: a node that all its members that take from outside lead to, and all that give to outside come
 * from. So the groups taken as single nodes have no cycle: a way back into one would be a way back to its waist.
 */
import { domainOf } from '../graph.ts';
import type { Dataflow, FlowNode } from './dataflow.ts';

const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

/** Element by element, or a reduction on the way of one: an engine puts them behind what comes before. */
const LIGHT = words(`Abs Add And BatchNormalization Cast Celu Clip Cos Div Dropout Elu Erf Exp Gelu
  HardSigmoid HardSwish Identity InstanceNormalization LayerNormalization LeakyRelu Log Max Min Mish
  Mul Neg PRelu Pow QuantizeLinear Reciprocal ReduceL2 ReduceMax ReduceMean ReduceSum
  ReduceSumSquare Relu Selu Sigmoid Sin Softplus Softsign Sqrt Sub Sum Swish Tanh
  ThresholdedRelu Where`);
const PRODUCTS = words('MatMul QLinearMatMul MatMulInteger Gemm');
/** What may stand between a product and its softmax, or a softmax and its product. */
const AROUND_SOFTMAX = words('Add Mul Div Sub Where Cast Reshape Dropout Identity Clip');

/** Nodes of one pattern at most: GELU by tanh has 8, a layer normalisation in pieces 9. */
const MAX_REGION = 16;

/** Per node of the flow the number of its group; groups are numbered by their first node. */
export function fusionGroups(flow: Dataflow): number[] {
  const groups = new Groups(flow);
  flow.nodes.forEach((node, at) => {
    if (isOp(node, LIGHT)) joinRegion(flow, groups, at);
  });
  // Regions first: a region is put as a whole behind what it starts from.
  flow.nodes.forEach((_, at) => groups.joinMaker(at));
  flow.nodes.forEach((node, at) => {
    if (isOp(node, SOFTMAX)) joinAttention(flow, groups, at);
    if (isOp(node, DEQUANTIZE)) groups.joinSoleConsumer(at);
  });
  return groups.roots();
}

const SOFTMAX = words('Softmax');
const DEQUANTIZE = words('DequantizeLinear');

const isOp = ({ proto }: FlowNode, ops: ReadonlySet<string>): boolean =>
  domainOf(proto.domain) === '' && ops.has(proto.opType);

/** The smallest set of light nodes that ends in `exit` and takes one value from outside. */
function joinRegion(flow: Dataflow, groups: Groups, exit: number): void {
  const region = new Set([exit]);
  for (;;) {
    const entries = new Set(
      [...region].flatMap((at) =>
        flow.nodes[at]!.inputs.filter((name) => {
          const { producer } = flow.values.get(name)!;
          return producer === null || !region.has(producer);
        }),
      ),
    );
    if (entries.size === 1) break;
    const latest = [...entries].reduce(
      (last, name) => Math.max(last, flow.values.get(name)!.producer ?? -1),
      -1,
    );
    if (latest < 0 || region.size >= MAX_REGION || !isOp(flow.nodes[latest]!, LIGHT)) return;
    region.add(latest);
  }
  const leaks = [...region].some(
    (at) => at !== exit && !flow.nodes[at]!.outputs.every((name) => stays(flow, name, region)),
  );
  if (!leaks) for (const at of region) groups.join(at, exit);
}

const stays = (flow: Dataflow, name: string, within: ReadonlySet<number>): boolean => {
  const { consumers, isModelOutput } = flow.values.get(name)!;
  return !isModelOutput && consumers.every((at) => within.has(at));
};

/** From a softmax back to the product that it weighs, and on to the product that takes it. */
function joinAttention(flow: Dataflow, groups: Groups, softmax: number): void {
  const before = chainTo(softmax, (at) =>
    flow.nodes[at]!.inputs.flatMap((name) => {
      const { producer } = flow.values.get(name)!;
      return producer !== null && soleConsumer(flow, producer) === at ? [producer] : [];
    }),
  );
  const after = chainTo(softmax, (at) => soleConsumer(flow, at) ?? []);
  if (before === null || after === null) return;
  for (const at of [...before, ...after]) groups.join(at, softmax);

  function chainTo(start: number, next: (at: number) => number | number[]): number[] | null {
    const steps: number[] = [];
    for (let at = start; steps.length < MAX_REGION;) {
      const found = [next(at)].flat();
      const product = found.find((other) => isOp(flow.nodes[other]!, PRODUCTS));
      if (product !== undefined) return [...steps, product];
      const on = found.find((other) => isOp(flow.nodes[other]!, AROUND_SOFTMAX));
      if (on === undefined) return null;
      steps.push(on);
      at = on;
    }
    return null;
  }
}

/** The one node that takes anything of a node; undefined where there are several, or the model gives it out. */
function soleConsumer(flow: Dataflow, at: number): number | undefined {
  const values = flow.nodes[at]!.outputs.map((name) => flow.values.get(name)!);
  const consumers = new Set(values.flatMap((value) => value.consumers));
  if (consumers.size !== 1 || values.some((value) => value.isModelOutput)) return undefined;
  return [...consumers][0];
}

/** Nodes joined to groups; a union-find whose roots are the earliest nodes. */
class Groups {
  readonly #flow: Dataflow;
  readonly #parent: number[];
  /** Of roots; the lists of other nodes are out of date. */
  readonly #members: number[][];

  constructor(flow: Dataflow) {
    this.#flow = flow;
    this.#parent = flow.nodes.map((_, at) => at);
    this.#members = flow.nodes.map((_, at) => [at]);
  }

  join(a: number, b: number): void {
    const [first, second] = [this.#root(a), this.#root(b)].sort((x, y) => x - y);
    if (first === second) return;
    this.#parent[second!] = first!;
    for (const member of this.#members[second!]!) this.#members[first!]!.push(member);
  }

  joinSoleConsumer(at: number): void {
    const consumer = soleConsumer(this.#flow, at);
    if (consumer !== undefined) this.join(at, consumer);
  }

  /** A group of light nodes that takes one value, and all of it, goes to the node that makes it. */
  joinMaker(at: number): void {
    const flow = this.#flow;
    if (this.#root(at) !== at) return;
    const members = new Set(this.#members[at]);
    if (![...members].every((i) => isOp(flow.nodes[i]!, LIGHT))) return;
    const entries = new Set([...members].flatMap((i) => flow.nodes[i]!.inputs));
    for (const i of members) for (const name of flow.nodes[i]!.outputs) entries.delete(name);
    const [entry] = entries;
    if (entries.size !== 1 || entry === undefined || !stays(flow, entry, members)) return;
    const { producer } = flow.values.get(entry)!;
    if (producer !== null) this.join(producer, at);
  }

  roots(): number[] {
    return this.#parent.map((_, at) => this.#root(at));
  }

  #root(at: number): number {
    let root = at;
    while (this.#parent[root] !== root) root = this.#parent[root]!;
    this.#parent[at] = root;
    return root;
  }
}
