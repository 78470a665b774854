/**
 * Orders of blocks worth cutting. A chain has one; a graph with branches has many, and none is best for all.
 *
 * Every order here is topological and the same every time. The planner cuts each and keeps the best; what they
 * miss, `levelled` finds by moving blocks between stages.
 */
import { orderBlocks, type BlockGraph } from './blocks.ts';

/** Graphs up to this size get drawn orders besides: there are few blocks to balance with, and it is cheap. */
const MAX_DRAWN_BLOCKS = 64;
const DRAWN_ORDERS = 48;
/** Beyond this size a block is a small part of any stage: two orders are even enough, and more take seconds. */
const MAX_SEARCHED_BLOCKS = 8192;

export function candidateOrders(graph: BlockGraph): number[][] {
  const { blocks } = graph;
  const depth = depths(graph);
  const finish = depthFirst(graph);
  const orders = [
    orderBlocks(graph, (a, b) => a - b),
    orderBlocks(graph, (a, b) => finish[a]! - finish[b]!),
  ];
  if (blocks.length > MAX_SEARCHED_BLOCKS) return distinct(orders);
  orders.push(
    orderBlocks(graph, (a, b) => depth[a]! - depth[b]! || a - b),
    orderBlocks(graph, (a, b) => blocks[b]!.cost - blocks[a]!.cost || a - b),
    fewestLiveBytes(graph),
  );
  if (blocks.length <= MAX_DRAWN_BLOCKS) {
    const draw = drawing();
    for (let i = 0; i < DRAWN_ORDERS; i++) {
      const rank = blocks.map(draw);
      orders.push(orderBlocks(graph, (a, b) => rank[a]! - rank[b]!));
    }
  }
  return distinct(orders);
}

export function distinct(orders: readonly number[][]): number[][] {
  return [...new Map(orders.map((order) => [order.join(), order])).values()];
}

/** Blocks on the longest way from an input. */
function depths(graph: BlockGraph): number[] {
  const depth = graph.blocks.map(() => 0);
  for (const block of orderBlocks(graph, (a, b) => a - b)) {
    for (const next of graph.blocks[block]!.after) {
      depth[next] = Math.max(depth[next]!, depth[block]! + 1);
    }
  }
  return depth;
}

/** The turn at which a depth-first walk from the ends leaves each block: one branch whole, then the next. */
function depthFirst({ blocks }: BlockGraph): number[] {
  const turn = blocks.map(() => -1);
  let turns = 0;
  const ends = blocks.flatMap(({ after }, block) => (after.size === 0 ? [block] : []));
  for (const end of ends) {
    const stack = [{ block: end, waits: [...blocks[end]!.before] }];
    const seen = new Set([end]);
    while (stack.length > 0) {
      const { block, waits } = stack.at(-1)!;
      const next = waits.pop();
      if (next === undefined) {
        stack.pop();
        turn[block] = turns++;
      } else if (turn[next] === -1 && !seen.has(next)) {
        seen.add(next);
        stack.push({ block: next, waits: [...blocks[next]!.before] });
      }
    }
  }
  return turn;
}

/** Greedy: of what is ready, the block that leaves the fewest bytes alive. */
function fewestLiveBytes(graph: BlockGraph): number[] {
  const { blocks, values } = graph;
  const made = blocks.map(() => 0);
  const taken: number[][] = blocks.map(() => []);
  values.forEach(({ producer, consumers, isModelOutput, bytes }, value) => {
    if (producer !== null && (consumers.some((c) => c !== producer) || isModelOutput)) {
      made[producer]! += bytes;
    }
    if (!isModelOutput) for (const c of consumers) if (c !== producer) taken[c]!.push(value);
  });
  const left = values.map(
    ({ producer, consumers }) => consumers.filter((c) => c !== producer).length,
  );
  const growth = (block: number): number =>
    taken[block]!.reduce(
      (sum, value) => (left[value] === 1 ? sum - values[value]!.bytes : sum),
      made[block]!,
    );
  const waiting = blocks.map(({ before }) => before.size);
  const ready = blocks.flatMap(({ before }, block) => (before.size === 0 ? [block] : []));
  const order: number[] = [];
  while (ready.length > 0) {
    const growths = ready.map(growth);
    const least = growths.indexOf(Math.min(...growths));
    const [block] = ready.splice(least, 1);
    order.push(block!);
    for (const value of taken[block!]!) left[value]! -= 1;
    for (const next of blocks[block!]!.after) if (--waiting[next]! === 0) ready.push(next);
  }
  return order;
}

/** Numbers in [0, 1) that are the same every time: Numerical Recipes' LCG is good enough to shuffle. */
function drawing(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Moves from stage to stage in one levelling; each lowers the peak, so few are ever needed. */
const MAX_MOVES = 400;

/**
 * A better order from cuts of another: blocks move to a neighbouring stage, alone or one against another, as long
 * as the unevenness falls. Blocks only; constants that make work are left to the exact cut that follows.
 */
export function levelled(
  { blocks }: BlockGraph,
  order: readonly number[],
  at: readonly number[],
): number[] {
  const stageOf = blocks.map(() => 0);
  order.forEach((block, place) => (stageOf[block] = at.filter((cut) => cut <= place).length));
  const loads = [0, ...at].map(() => 0);
  blocks.forEach(({ cost }, block) => (loads[stageOf[block]!]! += cost));

  const canMove = (block: number, to: number): boolean =>
    to > stageOf[block]!
      ? [...blocks[block]!.after].every((next) => stageOf[next]! >= to)
      : [...blocks[block]!.before].every((earlier) => stageOf[earlier]! <= to);
  const move = (block: number, to: number): void => {
    loads[stageOf[block]!]! -= blocks[block]!.cost;
    loads[to]! += blocks[block]!.cost;
    stageOf[block] = to;
  };
  /** Falls when `cost` moves between stages so that they come nearer to each other. */
  const gain = (from: number, to: number, cost: number): number =>
    cost * (loads[from]! - loads[to]! - cost);

  for (let moves = 0; moves < MAX_MOVES; moves++) {
    const found = bestMove();
    if (found === null) break;
    for (const { block, to } of found) move(block, to);
  }
  return [...order].sort(
    (a, b) => stageOf[a]! - stageOf[b]! || order.indexOf(a) - order.indexOf(b),
  );

  function bestMove(): { block: number; to: number }[] | null {
    let best: { gain: number; steps: { block: number; to: number }[] } | null = null;
    const offer = (steps: { block: number; to: number }[], value: number): void => {
      if (value > 1e-9 && (best === null || value > best.gain)) best = { gain: value, steps };
    };
    for (const block of order) {
      const from = stageOf[block]!;
      const { cost } = blocks[block]!;
      for (const to of [from - 1, from + 1]) {
        if (to < 0 || to >= loads.length || !canMove(block, to)) continue;
        offer([{ block, to }], gain(from, to, cost));
        move(block, to);
        for (const other of order) {
          if (other === block || stageOf[other] !== to || !canMove(other, from)) continue;
          const net = cost - blocks[other]!.cost;
          // The loads already hold the first move; the pair counts against those before it.
          const value = net * (loads[from]! + cost - (loads[to]! - cost) - net);
          offer(
            [
              { block, to },
              { block: other, to: from },
            ],
            value,
          );
        }
        move(block, from);
      }
    }
    const result = best as { steps: { block: number; to: number }[] } | null;
    return result === null ? null : result.steps;
  }
}
