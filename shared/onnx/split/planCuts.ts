/**
 * Which blocks go to which stage: the rule, and the search for the cuts that it calls best.
 *
 * The rule, in this order: (1) every stage within its memory; (2) the dearest stage at most `BALANCE_TOLERANCE`
 * times the best that any order allows, because a route is as fast as its slowest stage; (3) no fusion torn, where
 * that can be had; (4) the fewest boundary bytes; (5) the evenest. Costs are estimates and bytes are certain: that
 * is why a little evenness is given for fewer bytes.
 */
import type { BlockGraph } from './blocks.ts';
import { leastCeiling, OrderedBlocks, type Ceilings, type Cuts } from './cuts.ts';
import { candidateOrders, distinct, levelled } from './orders.ts';

/** Engines differ from FLOP counts, and hosts from each other, by more than this. */
const BALANCE_TOLERANCE = 1.08;

/** Levelling compares blocks in pairs: above this size the orders alone are even enough, blocks being small. */
const MAX_LEVELLED_BLOCKS = 128;
const LEVELLED_PLANS = 12;

export type MemoryCeilings = Omit<Ceilings, 'cost'>;

export interface PlannedCuts {
  /** Blocks of each stage in the order in which they run. */
  readonly stages: readonly (readonly number[])[];
  readonly graph: BlockGraph;
}

export type NoCuts =
  | { readonly kind: 'too-few-cuts'; readonly cuts: number }
  /** The least memory, in bytes, with which so many stages can be had. */
  | { readonly kind: 'stage-too-large'; readonly neededBytes: number };

/** `kept` has fusions as blocks, `torn` every node by itself. */
export function planCuts(
  kept: BlockGraph,
  torn: BlockGraph,
  stages: number,
  memory: MemoryCeilings,
): PlannedCuts | NoCuts {
  const graphs = kept.blocks.length === torn.blocks.length ? [torn] : [kept, torn];
  const search = graphs.map((graph) => searchOf(graph, stages, memory));
  const bottlenecks = search.flatMap(({ even }) => even.map(({ cuts }) => cuts.bottleneck));
  if (bottlenecks.length === 0) return whyNone(torn, stages);
  const cost = Math.min(...bottlenecks) * BALANCE_TOLERANCE;
  for (const { graph, even } of search) {
    const found = even
      .flatMap(({ ordered }) => {
        const cuts = cheapestAndEvenest(ordered, stages, { ...memory, cost });
        return cuts === null ? [] : [{ ordered, cuts }];
      })
      .sort((a, b) => compareCuts(a.cuts, b.cuts));
    const [best] = found;
    if (best === undefined) continue;
    return { graph, stages: runsOf(best.ordered.order, best.cuts.at) };
  }
  return whyNone(torn, stages);
}

/** The fewest stages, up to `most`, into which any order can be divided, however uneven; null: none. */
export function fewestStages(
  graphs: readonly BlockGraph[],
  most: number,
  memory: MemoryCeilings,
): number | null {
  const orders = graphs.flatMap(orderedOf);
  for (let stages = 1; stages <= most; stages++) {
    const ceilings = { ...memory, cost: Infinity };
    if (orders.some((ordered) => ordered.cheapest(stages, ceilings) !== null)) return stages;
  }
  return null;
}

/** As many as there are places to cut, and one. */
export const mostStages = (graph: BlockGraph): number =>
  1 + orderedOf(graph).reduce((most, { cutCount }) => Math.max(most, cutCount), 0);

const orderedOf = (graph: BlockGraph): OrderedBlocks[] =>
  candidateOrders(graph).map((order) => new OrderedBlocks(graph, order));

interface EvenCuts {
  readonly ordered: OrderedBlocks;
  readonly cuts: Cuts;
}

/** The evenest cuts of every order that allows any. */
function searchOf(
  graph: BlockGraph,
  stages: number,
  memory: MemoryCeilings,
): { graph: BlockGraph; even: EvenCuts[] } {
  const evenOf = (orders: readonly number[][]): EvenCuts[] =>
    orders.flatMap((order) => {
      const ordered = new OrderedBlocks(graph, order);
      const cuts = evenest(ordered, stages, memory);
      return cuts === null ? [] : [{ ordered, cuts }];
    });
  const even = evenOf(candidateOrders(graph));
  if (graph.blocks.length > MAX_LEVELLED_BLOCKS) return { graph, even };
  const first = [...even].sort((a, b) => a.cuts.bottleneck - b.cuts.bottleneck);
  const better = first
    .slice(0, LEVELLED_PLANS)
    .map(({ ordered, cuts }) => levelled(graph, ordered.order, cuts.at));
  return { graph, even: [...even, ...evenOf(distinct(better))] };
}

const totalCost = ({ blocks, constants }: BlockGraph): number =>
  [...blocks.flatMap((block) => [block, ...block.constants.map((c) => constants[c]!)])].reduce(
    (sum, { cost }) => sum + cost,
    0,
  );

function evenest(ordered: OrderedBlocks, stages: number, memory: MemoryCeilings): Cuts | null {
  if (ordered.cutCount < stages - 1) return null;
  const cost = leastCeiling(
    totalCost(ordered.graph),
    (ceiling) => ordered.cheapest(stages, { ...memory, cost: ceiling }) !== null,
  );
  return cost === null ? null : ordered.cheapest(stages, { ...memory, cost });
}

/** The fewest bytes under the ceilings, and of the cuts that have no more the evenest. */
function cheapestAndEvenest(
  ordered: OrderedBlocks,
  stages: number,
  ceilings: Ceilings,
): Cuts | null {
  const fewest = ordered.cheapest(stages, ceilings);
  if (fewest === null) return null;
  const isAsCheap = (cost: number): boolean =>
    (ordered.cheapest(stages, { ...ceilings, cost })?.boundaryBytes ?? Infinity) <=
    fewest.boundaryBytes;
  const cost = leastCeiling(ceilings.cost, isAsCheap);
  return cost === null ? fewest : ordered.cheapest(stages, { ...ceilings, cost });
}

const compareCuts = (a: Cuts, b: Cuts): number =>
  a.boundaryBytes - b.boundaryBytes || a.bottleneck - b.bottleneck;

const runsOf = (order: readonly number[], at: readonly number[]): number[][] =>
  [...at, order.length].map((end, stage) => order.slice(stage === 0 ? 0 : at[stage - 1], end));

const sumOf = <T>(list: readonly T[], of: (entry: T) => number): number =>
  list.reduce((sum, entry) => sum + of(entry), 0);

function whyNone(graph: BlockGraph, stages: number): NoCuts {
  const orders = orderedOf(graph);
  const cuts = mostStages(graph) - 1;
  const most =
    sumOf(graph.constants, ({ memoryBytes }) => memoryBytes) +
    sumOf(graph.blocks, ({ storedBytes }) => storedBytes) +
    // A value may be alive and be made at one place.
    2 * sumOf(graph.values, ({ bytes }) => bytes);
  const open = { cost: Infinity, storedBytes: Infinity };
  const needed = orders.flatMap(
    (ordered) =>
      leastCeiling(
        most,
        (memoryBytes) => ordered.cheapest(stages, { ...open, memoryBytes }) !== null,
      ) ?? [],
  );
  return needed.length === 0
    ? { kind: 'too-few-cuts', cuts }
    : { kind: 'stage-too-large', neededBytes: Math.round(Math.min(...needed)) };
}
